/**
 * What the disputes of one order together make of its tickets.
 *
 *   any of them lost      revoked
 *   any of them open      suspended
 *   otherwise             free: inquiries only flag, settled ones are over
 *
 * Tickets change only when that outcome changes, so that a ticket that is suspended or revoked for another reason stays so:
 *
 *   → suspended   valid ones
 *   → free        suspended ones are valid again
 *   → revoked     valid and suspended ones
 *
 * Worked example: two chargebacks on one order. The first suspends, the second changes nothing, the first is won: still
 * suspended by the second; when that is won too, the tickets are valid again.
 */
import type { Standing } from "../schema.ts";

export type Outcome = "free" | "suspended" | "revoked";
type TicketStatus = "valid" | "suspended" | "revoked";

/** The outcome of these disputes. */
export function outcomeOf(standings: readonly Standing[]): Outcome {
  if (standings.includes("lost")) return "revoked";
  return standings.includes("open") ? "suspended" : "free";
}

const NEXT: Record<Outcome, Partial<Record<TicketStatus, TicketStatus>>> = {
  free: { suspended: "valid" },
  suspended: { valid: "suspended" },
  revoked: { valid: "revoked", suspended: "revoked" },
};

/** What becomes of a ticket when the outcome changes; undefined when it stays. */
export function ticketUnder(before: Outcome, after: Outcome, status: TicketStatus): TicketStatus | undefined {
  return before === after ? undefined : NEXT[after][status];
}
