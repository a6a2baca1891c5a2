import type { OrderRow, RefundFact } from "@fashionistas/core/order";
import type { RefundRow } from "@fashionistas/core/refund";
import type Stripe from "stripe";
import { safeDeclineCode } from "./client.ts";

/** The id of what Stripe names by its id or, where we asked for it, as a whole. */
export function idOf(reference: string | { id: string } | null | undefined): string | undefined {
  return typeof reference === "string" ? reference : reference?.id;
}

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
  | { is: "succeeded"; amount: number; currency: string }
  | { is: "declined"; code: string }
  | { is: "processing" | "cancelled" | "open" };

/** The outcome of a payment as it stands now. */
export function outcomeOf(intent: Stripe.PaymentIntent): IntentOutcome {
  switch (intent.status) {
    case "succeeded":
      return { is: "succeeded", amount: intent.amount_received, currency: intent.currency.toUpperCase() };
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

/** Parameters of a refund: nothing volatile. Stripe's own reasons are few, and `fraudulent` also blocks the card. */
export function refundParams({ orderId, refundId, intentId, amount, reason }: RefundRow): Stripe.RefundCreateParams {
  const named = reason === "duplicate" || reason === "fraudulent" ? reason : "requested_by_customer";
  return { payment_intent: intentId, amount, reason: named, metadata: { order_id: orderId, refund_id: refundId } };
}

/** A refund in our words. `canceled` gave nothing back, as `failed` did; what still needs something is pending. */
export function refundFactOf(refund: Stripe.Refund, intentId: string, orderId: string): RefundFact {
  const status = refund.status === "succeeded" ? "succeeded" : refund.status === "failed" || refund.status === "canceled" ? "failed" : "pending";
  const refundId = refund.metadata?.["refund_id"];
  return {
    ...{ orderId, intentId, status, providerRefundId: refund.id, amount: refund.amount, currency: refund.currency.toUpperCase() },
    ...(refundId ? { refundId } : {}),
    ...(status === "failed" ? { failure: refund.failure_reason ?? refund.status ?? "unknown" } : {}),
  };
}
