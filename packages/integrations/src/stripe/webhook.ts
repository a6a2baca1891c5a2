import { required } from "@fashionistas/core/config";
import { now } from "@fashionistas/core/context";
import { defineError } from "@fashionistas/core/error";
import { SECOND_MS } from "@fashionistas/core/time";
import Stripe from "stripe";

const signatureInvalid = defineError("webhook.signature_invalid", "malformed", "The signature does not match");

const TOLERANCE_SECONDS = 300;

/** What we keep of an event: ids and states. The object is read again when it is processed. */
export type StripeFact = { externalId: string; type: string; facts: { objectId: string; objectType: string } };

/**
 * Verifies the signature on the raw body and takes the event apart. STRIPE_WEBHOOK_SECRET may hold several secrets,
 * separated by commas, while one is being replaced. Timestamps older, or further in the future, than five minutes are refused.
 * @throws webhook.signature_invalid
 */
export function readWebhook(rawBody: string, signature: string | undefined): StripeFact {
  for (const secret of required("STRIPE_WEBHOOK_SECRET").split(",")) {
    const event = verified(rawBody, signature ?? "", secret.trim());
    if (event) return factOf(event);
  }
  throw signatureInvalid("Sign the raw body with the endpoint's secret.");
}

function verified(rawBody: string, signature: string, secret: string): Stripe.Event | undefined {
  try {
    const event = Stripe.webhooks.constructEvent(rawBody, signature, secret, TOLERANCE_SECONDS);
    // The SDK checks only the age: a stamp from the future could be replayed for as long as it lies ahead.
    const stamp = Number(/(?:^|,)t=(\d+)/.exec(signature)?.[1]);
    return stamp * SECOND_MS - now() > TOLERANCE_SECONDS * SECOND_MS ? undefined : event;
  } catch {
    return undefined;
  }
}

function factOf(event: Stripe.Event): StripeFact {
  const object = event.data.object as { id?: string; object?: string };
  return { externalId: event.id, type: event.type, facts: { objectId: object.id ?? "", objectType: object.object ?? "" } };
}

/** What the webhook endpoint at Stripe subscribes to: events that change an order. Everything else is received and ignored. */
export const SUBSCRIBED_EVENTS = [
  "payment_intent.succeeded",
  "payment_intent.payment_failed",
  "payment_intent.processing",
  "payment_intent.canceled",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
] as const;

/** Does it tell of a payment? */
export function concernsPayment(type: string): boolean {
  return isSubscribed(type) && type.startsWith("payment_intent.");
}

/** Does it tell of a dispute? */
export function concernsDispute(type: string): boolean {
  return isSubscribed(type) && type.startsWith("charge.dispute.");
}

function isSubscribed(type: string): boolean {
  return (SUBSCRIBED_EVENTS as readonly string[]).includes(type);
}
