import { ANYBODY, isMachine } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { isoOf, MINUTE_MS, msOf } from "../time.ts";
import { OrderCancelled, OrderExpired, OrderExpiring } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import { notCancellable } from "./errors.ts";
import { ownedBy, theOrder } from "./read.ts";
import { can } from "./rules/status.ts";
import { AnOrder, CancelOrder } from "./schema.ts";
import { giveBackEverything } from "./seats.ts";
import { changeOf, due, subjectOf } from "./write.ts";

/**
 * Begins the end of an unpaid order: from here every payment attempt is cancelled at the provider, and only then `release`
 * gives the seats back. Its owner cancels it, the schedule expires it; the second call finds it ending already.
 * @throws order.not_found, order.not_cancellable
 */
export const end = capability(
  "order.end",
  { input: CancelOrder, allow: [...ANYBODY, "schedule", "system"], needs: "orders:write" },
  async ({ orderId, reason }, { actor, now }): Promise<OrderRow> => {
    const order = isMachine(actor) ? await theOrder(orderId) : await ownedBy(actor, orderId);
    if (order.status === "expiring" || order.status === "expired" || order.status === "cancelled") return order;
    if (!can(order.status, "end"))
      throw notCancellable(order.status === "fulfilled" ? "It is paid and its tickets are issued: ask for a refund instead." : `It is ${order.status}.`);
    if (reason === "expired" && msOf(order.expiresAt) > now) return order;
    // While the provider is asked the order stays due: whoever dies on the way is followed by the sweeper.
    const after = { status: "expiring" as const, ending: reason, ...due(orderId, isoOf(now + MINUTE_MS)) };
    const expiring = OrderExpiring({ orderId, eventId: order.eventId, reason });
    const head = await transact(subjectOf(order), [expiring], (head) => [write(changeOf(order, head, after))]);
    return { ...order, ...after, ...head };
  },
);

/**
 * Ends an order whose attempts are all cancelled at the provider: its seats and limits go back, it is expired or cancelled.
 * @throws Error when an attempt is not cancelled: seats are never released while money may come
 */
export const release = capability(
  "order.release",
  { input: AnOrder, allow: [...ANYBODY, "schedule", "system"], needs: "orders:write" },
  async ({ orderId }): Promise<OrderRow> => {
    const order = await theOrder(orderId);
    if (order.status !== "expiring") return order;
    if (order.attempts.some((attempt) => attempt.status !== "cancelled")) throw new Error(`order ${orderId} has a payment attempt that is not cancelled`);
    await giveBackEverything(order);
    const status = order.ending ?? "expired";
    const ended = (status === "cancelled" ? OrderCancelled : OrderExpired)({ orderId, eventId: order.eventId });
    const head = await transact(subjectOf(order), [ended], (head) => [write(changeOf(order, head, { status }, ["dueShard", "dueAt"]))]);
    return { ...order, ...head, status };
  },
);
