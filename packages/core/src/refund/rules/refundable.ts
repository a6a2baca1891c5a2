/**
 * How much of an order may go back now.
 *
 *   remaining   captured − disputed − Σ refunds that have not failed            never below zero; pending refunds count
 *   policy      the share of the price that goes back, by how long before the event it is asked for: of the tiers the one
 *               with most days that still lies ahead; later than every tier: nothing
 *   allowed     what was captured × share − what went back already, at most what remains
 *
 * The policy binds buyers and organizers. Admins may give back all that remains, and so may organizers of an event without a
 * policy; its buyers ask them. Shares are rounded to whole minor units, halves up.
 *
 * Worked example: tiers 30 days 100 %, 7 days 50 %; 90.00 paid; asked 10 days before → 45.00. After a refund of 20.00 → 25.00.
 * Five days before → 0.
 */
import { shareOf } from "../../money.ts";
import { DAY_MS } from "../../time.ts";
import type { RefundState, RefundStatus } from "../schema.ts";

/** `daysBefore` the beginning of the event at the latest, `percent` of the price goes back. */
export type RefundTier = { daysBefore: number; percent: number };

/** Percent of the price that the policy gives back at `now` (epoch ms). */
export function shareNow(policy: readonly RefundTier[], startsAt: number, now: number): number {
  const [best] = policy.filter(({ daysBefore }) => now <= startsAt - daysBefore * DAY_MS).sort((a, b) => b.daysBefore - a.daysBefore);
  return best?.percent ?? 0;
}

/** What a policy gives back of an amount. */
export function shareByPolicy(amount: number, percent: number): number {
  return shareOf(amount, percent, 100, "half_up");
}

type Standing = { status: RefundStatus; amount: number };

/** What went back or is about to. */
export function refundedBy(refunds: readonly Standing[]): number {
  return refunds.filter(({ status }) => status !== "failed").reduce((sum, { amount }) => sum + amount, 0);
}

/** What is left to give back. */
export function remainingOf({ captured, disputed }: { captured: number; disputed: number }, refunds: readonly Standing[]): number {
  return Math.max(0, captured - disputed - refundedBy(refunds));
}

/** none, partial or full: derived, never stored. */
export function refundStateOf(captured: number, refunds: readonly Standing[]): RefundState {
  const refunded = refundedBy(refunds);
  if (refunded === 0) return "none";
  return refunded >= captured ? "full" : "partial";
}
