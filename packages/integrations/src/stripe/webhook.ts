import { required } from "@fashionistas/core/config";
import { now } from "@fashionistas/core/context";
import { defineError } from "@fashionistas/core/error";
import { log } from "@fashionistas/core/log";
import { isoOfSeconds, SECOND_MS } from "@fashionistas/core/time";
import { bodyInvalid } from "@fashionistas/core/webhook";
import Stripe from "stripe";
import { isLive } from "./client.ts";

const signatureInvalid = defineError("webhook.signature_invalid", "malformed", "The signature does not match");

const TOLERANCE_SECONDS = 300;

/** What we keep of an event: ids and states. The object is read again when it is processed. */
export type StripeFact = {
  externalId: string;
  type: string;
  occurredAt: string;
  facts: { objectId: string; objectType: string; livemode: boolean; account?: string };
};

/**
 * Verifies the signature on the raw body and takes the event apart. STRIPE_WEBHOOK_SECRET may hold several secrets,
 * separated by commas, while one is being replaced. Timestamps older, or further in the future, than five minutes are refused.
 * @throws webhook.signature_invalid, webhook.body_invalid
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

/** @throws webhook.body_invalid for what is signed but no event */
export function factOf({ id, type, created, livemode, account, data }: Stripe.Event): StripeFact {
  if (!id || !type || !Number.isSafeInteger(created) || !data?.object) throw bodyInvalid("Expected an event with id, type, created and data.object.");
  const object = data.object as { id?: string; object?: string };
  const facts = { objectId: object.id ?? "", objectType: object.object ?? "", livemode: livemode === true, ...(account ? { account } : {}) };
  return { externalId: id, type, occurredAt: isoOfSeconds(created), facts };
}

/**
 * What the webhook endpoint at Stripe subscribes to: events that change an order. Not `charge.updated`, which brings a charge's
 * fee: reconciliation books fees, and every purchase costs one webhook less.
 */
export const SUBSCRIBED_EVENTS = [
  "payment_intent.succeeded",
  "payment_intent.payment_failed",
  "payment_intent.processing",
  "payment_intent.canceled",
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.refunded",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
] as const;

/**
 * Does an event belong to our account, and to the mode of our key? An endpoint of the other mode, or of a connected account, may
 * share a signing secret with ours; what it tells is not about our money.
 */
export function isOurs(externalId: string, { livemode, account }: Record<string, unknown>): boolean {
  const ours = livemode === isLive() && account === undefined;
  if (!ours) log.warn("stripe event of another account or mode", { externalId, livemode: livemode === true, connected: account !== undefined });
  return ours;
}
