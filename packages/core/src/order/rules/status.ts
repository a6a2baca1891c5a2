/**
 * The order's machine. Verbs are the arrows; everything else is refused.
 *
 *   held ── startPayment ──► awaiting_payment ── pay ──► fulfilled ── void ──► voided
 *   held ── pay (free) ────► fulfilled
 *   held | awaiting_payment ── end ──► expiring ── release ──► expired | cancelled
 *   expiring ── pay ──► fulfilled                    the money was faster than the cancellation
 *   expired | cancelled ── reclaim ──► reclaiming    money came after the seats had gone back
 *   reclaiming ── resume ──► awaiting_payment        they were claimed again: from there on as any other paid order
 *   reclaiming ── giveUp ──► unfulfillable           nothing is left: the money goes back
 *
 * `pay` issues the tickets in the same transaction, so there is no moment between paid and fulfilled. A claim that is gone
 * although its order is being paid leads to `reclaiming` too, and money that is not what the order asks for to `giveUp`.
 */
import type { OrderStatus } from "../schema.ts";

const ARROWS = {
  startPayment: { from: ["held", "awaiting_payment"], to: "awaiting_payment" },
  pay: { from: ["held", "awaiting_payment", "expiring"], to: "fulfilled" },
  end: { from: ["held", "awaiting_payment"], to: "expiring" },
  extend: { from: ["held", "awaiting_payment"], to: undefined },
  void: { from: ["fulfilled"], to: "voided" },
  reclaim: { from: ["held", "awaiting_payment", "expiring", "expired", "cancelled", "reclaiming"], to: "reclaiming" },
  resume: { from: ["reclaiming"], to: "awaiting_payment" },
  giveUp: { from: ["held", "awaiting_payment", "expiring", "expired", "cancelled", "reclaiming"], to: "unfulfillable" },
} as const satisfies Record<string, { from: readonly OrderStatus[]; to: OrderStatus | undefined }>;

export type Step = keyof typeof ARROWS;

/** May an order in this status take this step? */
export function can(status: OrderStatus, step: Step): boolean {
  return (ARROWS[step].from as readonly OrderStatus[]).includes(status);
}

const OVER: readonly OrderStatus[] = ["fulfilled", "voided", "expired", "cancelled", "unfulfillable"];

/** No payment is awaited any more. What was paid may still be refunded, and money may still come too late. */
export function isOver(status: OrderStatus): boolean {
  return OVER.includes(status);
}

/** It has tickets, valid or not. */
export function hasTickets(status: OrderStatus): boolean {
  return status === "fulfilled" || status === "voided";
}

/** Its money came, and what became of that is decided: tickets, or the way back. */
export function isSettled(status: OrderStatus): boolean {
  return hasTickets(status) || status === "unfulfillable";
}
