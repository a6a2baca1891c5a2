import type { OrderRow } from "@fashionistas/core/order";
import type Stripe from "stripe";
import { safeDeclineCode } from "./client.ts";

/** Parameters of attempt `n` of an order: nothing volatile, so that the same key always carries the same body. */
export function intentParams(order: OrderRow, n: number): Stripe.PaymentIntentCreateParams {
  return {
    amount: order.amount,
    currency: order.currency.toLowerCase(),
    automatic_payment_methods: { enabled: true },
    metadata: { order_id: order.orderId, event_id: order.eventId, attempt: String(n) },
  };
}

/** The idempotency key of an attempt comes from durable ids: the same step is the same key, for ever. */
export function attemptKey(orderId: string, attempt: number): string {
  return `pi:${orderId}:${attempt}`;
}

/** Which of our attempts a payment is, or undefined when it is not ours. */
export function attemptOf(intent: Stripe.PaymentIntent): { orderId: string; attempt: number } | undefined {
  const { order_id: orderId, attempt } = intent.metadata;
  return orderId && attempt ? { orderId, attempt: Number(attempt) } : undefined;
}

/** What became of a payment, in our words. `open`: it still waits for its customer. */
export type IntentOutcome =
  | { is: "succeeded"; chargeId: string | undefined; amount: number; currency: string }
  | { is: "declined"; code: string }
  | { is: "processing" | "cancelled" | "open" };

/** The outcome of a payment as it stands now. */
export function outcomeOf(intent: Stripe.PaymentIntent): IntentOutcome {
  const chargeId = typeof intent.latest_charge === "string" ? intent.latest_charge : intent.latest_charge?.id;
  switch (intent.status) {
    case "succeeded":
      return { is: "succeeded", chargeId, amount: intent.amount_received, currency: intent.currency.toUpperCase() };
    case "processing":
      return { is: "processing" };
    case "canceled":
      return { is: "cancelled" };
    default: {
      const error = intent.last_payment_error;
      return error ? { is: "declined", code: safeDeclineCode(error.decline_code ?? error.code) } : { is: "open" };
    }
  }
}
