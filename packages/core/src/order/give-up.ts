import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { derivedId } from "../id.ts";
import * as Ledger from "../ledger/index.ts";
import * as Limit from "../limit/index.ts";
import { log } from "../log.ts";
import * as Pool from "../pool/index.ts";
import * as Refund from "../refund/index.ts";
import { isoOf } from "../time.ts";
import { OrderUnfulfillable } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import type { PaymentFact } from "./fulfil.ts";
import { theOrder } from "./read.ts";
import { can } from "./rules/status.ts";
import { AnOrder } from "./schema.ts";
import { changeOf, due, subjectOf, withAttempt } from "./write.ts";

export type GivingUp = "sold_out" | "event_cancelled" | "payment_mismatch" | "second_payment";

/**
 * Money that can buy nothing: it is booked, and its refund begins, in one transaction. The order becomes unfulfillable and gives
 * back whatever it holds, unless it has its tickets from another payment. Repeating it changes nothing.
 */
export async function giveUp(order: OrderRow, payment: PaymentFact, reason: GivingUp, now: number): Promise<OrderRow> {
  const { orderId, eventId } = order;
  const { intentId, amount, currency } = payment;
  const at = isoOf(now);
  const refundId = derivedId("rf", ["payment", intentId]);
  const ends = can(order.status, "giveUp");
  const attempts = withAttempt(order, payment.attempt, { status: "succeeded", intentId });
  const after = ends ? { status: "unfulfillable" as const, attempts, ...due(orderId, at) } : {};
  log.error("payment cannot be used", { alarm: "payment_unusable", orderId, intentId, reason });
  const events = [
    ...(ends ? [OrderUnfulfillable({ orderId, eventId, reason, refundId })] : []),
    Refund.RefundRequested({ refundId, orderId, eventId, amount, currency, reason }),
  ];
  const refund = {
    refundId,
    orderId,
    eventId,
    status: "pending" as const,
    amount,
    currency,
    reason,
    intentId,
    ticketNumbers: [],
    restock: false,
    createdAt: at,
  };
  const head = await transact(subjectOf(order), events, (head) => [
    write(changeOf(order, head, after)),
    write(Ledger.recording({ orderId, eventId, kind: "charge", reference: intentId, amount, currency, at })),
    write(Refund.adding(refund)),
  ]);
  const given = { ...order, ...after, ...head };
  return ends ? letGo(given) : given;
}

/** Finishes giving up what a crash left half given up. */
export const finishGivingUp = capability(
  "order.finish_giving_up",
  { input: AnOrder, allow: ["schedule", "system"] },
  async ({ orderId }): Promise<OrderRow> => {
    const order = await theOrder(orderId);
    return order.status === "unfulfillable" && order.dueAt ? letGo(order) : order;
  },
);

// Sold or held, for ever; only then it leaves the sweeper's list.
async function letGo(order: OrderRow): Promise<OrderRow> {
  const { orderId, claims, limits } = order;
  await Promise.all([...claims.map((claim) => Pool.takeBack(claim, orderId)), ...limits.map((share) => Limit.takeBack(share, orderId))]);
  const head = await transact(subjectOf(order), [], (head) => [write(changeOf(order, head, {}, ["dueShard", "dueAt"]))]);
  return { ...order, ...head };
}
