/**
 * The order's machine. Verbs are the arrows; everything else is refused.
 *
 *   held ── startPayment ──► awaiting_payment ── pay ──► fulfilled
 *   held ── pay (free) ────► fulfilled
 *   held | awaiting_payment ── end ──► expiring ── release ──► expired | cancelled
 *   expiring ── pay ──► fulfilled        the money was faster than the cancellation
 *
 * `pay` issues the tickets in the same transaction, so there is no moment between paid and fulfilled.
 */
import type { OrderStatus } from "../schema.ts";

const ARROWS = {
  startPayment: { from: ["held", "awaiting_payment"], to: "awaiting_payment" },
  pay: { from: ["held", "awaiting_payment", "expiring"], to: "fulfilled" },
  end: { from: ["held", "awaiting_payment"], to: "expiring" },
  extend: { from: ["held", "awaiting_payment"], to: undefined },
} as const satisfies Record<string, { from: readonly OrderStatus[]; to: OrderStatus | undefined }>;

export type Step = keyof typeof ARROWS;

/** May an order in this status take this step? */
export function can(status: OrderStatus, step: Step): boolean {
  return (ARROWS[step].from as readonly OrderStatus[]).includes(status);
}

/** Nothing changes any more. */
export function isFinal(status: OrderStatus): boolean {
  return status === "fulfilled" || status === "expired" || status === "cancelled";
}
