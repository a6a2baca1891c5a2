import * as z from "zod";
import { type Actor, ANYBODY } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import type { OrderId } from "../id.ts";
import { msOf } from "../time.ts";
import { OrderPaymentStarted } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import { eventCancelled, notPayable, orderExpired } from "./errors.ts";
import { boughtBy, theOrder } from "./read.ts";
import { can } from "./rules/status.ts";
import { AnOrder } from "./schema.ts";
import { startPayingSeats } from "./seats.ts";
import { changeOf, currentAttempt, subjectOf, withAttempt } from "./write.ts";

/**
 * An order that its owner may pay now, as it is. Its price and its seats are a promise, whatever became of the sale since; but
 * for an event that will not be, nobody pays. @throws order.not_found, order.not_payable, order.expired, order.event_cancelled
 */
export const getPayable = capability("order.get_payable", { input: AnOrder, allow: ANYBODY, needs: "orders:write" }, ({ orderId }, { actor, now }) =>
  payable(actor, orderId, now),
);

async function payable(actor: Actor, orderId: OrderId, now: number): Promise<OrderRow> {
  const order = await awaitingPayment(actor, orderId, now);
  const event = await Event.find(order.eventId);
  if (event?.stage === "cancelled") throw eventCancelled("There is nothing to pay for any more: cancel the order, or let it run out.");
  return order;
}

async function awaitingPayment(actor: Actor, orderId: OrderId, now: number): Promise<OrderRow> {
  const order = await boughtBy(actor, orderId);
  if (order.amount === 0 || !can(order.status, "startPayment")) throw notPayable(`The order is ${order.status}.`);
  if (msOf(order.expiresAt) <= now) throw orderExpired("The time to pay is over: order again.");
  return order;
}

/**
 * Readies an order that `getPayable` let through for a payment attempt: locks its seats and, when there is no open attempt,
 * records the next one.
 * @returns the order, whose last attempt is the one to pay
 * @throws order.not_found, order.not_payable, order.expired
 */
export const startPayment = capability(
  "order.start_payment",
  { input: AnOrder, allow: ANYBODY, needs: "orders:write" },
  async ({ orderId }, { actor, now }): Promise<OrderRow> => {
    const order = await awaitingPayment(actor, orderId, now);
    await startPayingSeats(order, now);
    const attempt = currentAttempt(order);
    if (attempt && attempt.status !== "cancelled") return order;
    const attempts = [...order.attempts, { n: order.attempts.length + 1, status: "created" as const }];
    const head = await transact(subjectOf(order), [], (head) => [write(changeOf(order, head, { attempts }))]);
    return { ...order, ...head, attempts };
  },
);

const RecordIntent = z.strictObject({ order: z.custom<OrderRow>(), attempt: z.int(), intentId: z.string() });

/**
 * The provider has made the payment: the order awaits it. Takes the order as `place` or `startPayment` returned it; when
 * somebody who did the same was faster, their order is the answer.
 */
export const recordIntent = capability(
  "order.record_intent",
  { input: RecordIntent, allow: [...ANYBODY, "schedule", "system"], needs: "orders:write" },
  async ({ order, attempt, intentId }): Promise<OrderRow> => {
    const attempts = withAttempt(order, attempt, { intentId });
    const status = order.status === "held" ? "awaiting_payment" : order.status;
    const started = OrderPaymentStarted({ orderId: order.orderId, eventId: order.eventId, attempt });
    try {
      const head = await transact(subjectOf(order), [started], (head) => [write(changeOf(order, head, { status, attempts }))]);
      return { ...order, ...head, status, attempts };
    } catch (error) {
      const standing = await theOrder(order.orderId);
      if (standing.attempts.some((one) => one.n === attempt && one.intentId === intentId)) return standing;
      throw error;
    }
  },
);
