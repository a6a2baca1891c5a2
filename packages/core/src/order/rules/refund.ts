/**
 * What a refund gives back and takes back.
 *
 *   amount        that much money; the tickets stay valid
 *   tickets       these tickets are revoked, and the policy's share of their price goes back
 *   neither       everything that may go back, for all valid tickets
 *
 * Whoever has all of their money back, or has given all of their tickets back, has no order any more: it is voided, and what
 * tickets it still has are revoked. How much may go back: `refund/rules/refundable.ts`. `policy: undefined` binds nobody.
 *
 * Worked example: 2 × 45.00, policy 50 %: ticket 1 → 22.50, ticket 1 revoked; then neither → 22.50, ticket 2 revoked, voided.
 */
import { refundedBy, remainingOf, shareNow, shareByPolicy, type RefundTier } from "../../refund/rules/refundable.ts";
import type { RefundStatus } from "../../refund/schema.ts";

export type RefundFacts = {
  /** Minor units of the payment, and what the bank took back of it. */
  captured: number;
  disputed: number;
  refunds: readonly { status: RefundStatus; amount: number }[];
  tickets: readonly { n: number; status: "valid" | "suspended" | "revoked"; price: number }[];
  policy: readonly RefundTier[] | undefined;
  /** Epoch ms. */
  startsAt: number;
  now: number;
};

export type Asked = { amount?: number | undefined; numbers?: readonly number[] | undefined };

export type RefundDecision =
  | { amount: number; takenBack: number[]; voids: boolean }
  | { refusal: "nothing_paid" | "nothing_left" | "exceeds_remaining" | "exceeds_policy" | "not_by_policy" | "ticket_not_valid"; atMost: number };

/** The refund that results, or why there is none. */
export function decideRefund(facts: RefundFacts, asked: Asked): RefundDecision {
  const { captured, refunds, tickets, policy, startsAt, now } = facts;
  const remaining = remainingOf(facts, refunds);
  const percent = policy === undefined ? 100 : shareNow(policy, startsAt, now);
  const atMost = Math.min(remaining, Math.max(0, shareByPolicy(captured, percent) - refundedBy(refunds)));
  if (captured === 0) return { refusal: "nothing_paid", atMost: 0 };
  if (remaining === 0) return { refusal: "nothing_left", atMost: 0 };
  if (asked.amount !== undefined && asked.amount > remaining) return { refusal: "exceeds_remaining", atMost: remaining };
  if (atMost === 0) return { refusal: "not_by_policy", atMost: 0 };
  if (asked.amount !== undefined && asked.amount > atMost) return { refusal: "exceeds_policy", atMost };

  const valid = tickets.filter(({ status }) => status === "valid");
  const named = asked.numbers && valid.filter(({ n }) => asked.numbers!.includes(n));
  if (named && named.length < asked.numbers!.length) return { refusal: "ticket_not_valid", atMost };
  const prices = named?.reduce((sum, { price }) => sum + shareByPolicy(price, percent), 0);
  const amount = asked.amount ?? Math.min(atMost, prices ?? atMost);
  if (amount === 0) return { refusal: "nothing_left", atMost };

  const given = named ?? (asked.amount === undefined ? valid : []);
  const standing = tickets.filter(({ status }) => status !== "revoked");
  const voids = amount === remaining || (given.length > 0 && given.length === standing.length);
  return { amount, takenBack: (voids ? standing : given).map(({ n }) => n), voids };
}
