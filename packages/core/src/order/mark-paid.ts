import * as z from "zod";
import { ANYBODY } from "../actor.ts";
import { capability } from "../capability.ts";
import { again } from "../retry.ts";
import { OrderIdSchema } from "../id.ts";
import * as Ledger from "../ledger/index.ts";
import type { OrderRow } from "./entity.ts";
import { fulfil, type PaymentFact } from "./fulfil.ts";
import { giveUp } from "./give-up.ts";
import { keepShares } from "./limits.ts";
import { theOrder } from "./read.ts";
import { reclaim } from "./reclaim.ts";
import { can } from "./rules/status.ts";
import { confirmSeats } from "./seats.ts";

const MarkPaid = z.strictObject({ orderId: OrderIdSchema, attempt: z.int().min(1), intentId: z.string(), amount: z.int(), currency: z.string() });

/**
 * The provider has the money: the seats are sold and the tickets exist. Seats that have gone back meanwhile are claimed again,
 * and only when there are none the money goes back; so does money that is not what the order asks for, and a second payment.
 * Repeating it changes nothing.
 */
export const markPaid = capability(
  "order.mark_paid",
  { input: MarkPaid, allow: [...ANYBODY, "webhook", "schedule", "system"], needs: "orders:write" },
  ({ orderId, ...payment }, { now }): Promise<OrderRow> => again(async () => decide(await theOrder(orderId), payment, now)),
);

async function decide(order: OrderRow, payment: PaymentFact, now: number): Promise<OrderRow> {
  if (order.attempts.some(({ status, intentId }) => status === "succeeded" && intentId === payment.intentId)) return order;
  if (!can(order.status, "giveUp")) {
    const known = await Ledger.isBooked(order.orderId, "charge", payment.intentId);
    return known ? order : giveUp(order, payment, "second_payment", now);
  }
  if (payment.amount !== order.amount || payment.currency !== order.currency) return giveUp(order, payment, "payment_mismatch", now);
  if (can(order.status, "pay") && (await confirmSeats(order))) {
    // Whoever ends it may be half done, and have given back its shares of limits but not its seats.
    if (order.status === "expiring") await keepShares(order);
    return fulfil(order, payment);
  }
  const rescued = await reclaim(order, payment, now);
  return rescued.status === "awaiting_payment" ? decide(rescued, payment, now) : rescued;
}
