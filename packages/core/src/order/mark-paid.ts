import * as z from "zod";
import { capability } from "../capability.ts";
import { log } from "../log.ts";
import { OrderIdSchema } from "../id.ts";
import type { OrderRow } from "./entity.ts";
import { paymentMismatch } from "./errors.ts";
import { fulfil } from "./fulfil.ts";
import { theOrder } from "./read.ts";
import { can } from "./rules/status.ts";

const MarkPaid = z.strictObject({
  orderId: OrderIdSchema,
  attempt: z.int().min(1),
  intentId: z.string(),
  chargeId: z.string().optional(),
  amount: z.int(),
  currency: z.string(),
});

/**
 * The provider has the money: the seats are sold and the tickets exist. Repeating it changes nothing.
 * @throws order.payment_mismatch when amount or currency differ; Error when the order has ended
 */
export const markPaid = capability(
  "order.mark_paid",
  { input: MarkPaid, allow: ["webhook", "schedule", "system", "public", "attendee", "sponsor", "designer", "model", "organizer", "admin"] },
  async ({ orderId, amount, currency, ...payment }): Promise<OrderRow> => {
    const order = await theOrder(orderId);
    if (order.status === "fulfilled") return order;
    if (amount !== order.amount || currency !== order.currency) {
      log.error("payment differs from its order", { orderId, intentId: payment.intentId });
      throw paymentMismatch(`The order asks for ${order.amount} ${order.currency}.`);
    }
    // Attempts are cancelled at the provider before an order ends, so money for an ended one is an alarm, never silence.
    if (!can(order.status, "pay")) throw new Error(`order ${orderId} is ${order.status} but its payment succeeded`);
    return fulfil(order, { ...payment, chargeId: payment.chargeId });
  },
);
