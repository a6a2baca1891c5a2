import * as Order from "@fashionistas/core/order";
import type Stripe from "stripe";
import { asking, stripe } from "./client.ts";
import { attemptOf, outcomeOf } from "./map.ts";

/**
 * Brings an order up to what Stripe says of one of its payments now. Duplicates and any order of events are harmless: the
 * payment is read again, and an order only moves forward. @returns false when the payment is none of ours
 */
export async function processPayment(intentId: string): Promise<boolean> {
  const intent = await asking(() => stripe().paymentIntents.retrieve(intentId));
  return (await settle(intent)) !== undefined;
}

/** Brings the order of a payment up to the payment as it was read; undefined when it is none of ours. */
export async function settle(intent: Stripe.PaymentIntent): Promise<Order.OrderRow | undefined> {
  const ours = attemptOf(intent);
  if (!ours) return undefined;
  const outcome = outcomeOf(intent);
  switch (outcome.is) {
    case "succeeded": {
      const { amount, currency, chargeId } = outcome;
      return Order.markPaid({ ...ours, intentId: intent.id, amount, currency, ...(chargeId ? { chargeId } : {}) });
    }
    case "declined":
      return Order.recordDecline({ ...ours, code: outcome.code });
    case "processing":
      return Order.recordProcessing(ours);
    case "cancelled":
      return Order.recordAttemptCancelled(ours);
    case "open":
      return Order.find(ours.orderId);
  }
}
