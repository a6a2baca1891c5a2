import * as Webhook from "@fashionistas/core/webhook";
import * as Stripe from "@fashionistas/integrations/stripe";
import { isOurs } from "@fashionistas/integrations/stripe/webhook";
import { onDomainEvent } from "../../edge.ts";

/** What brings us up to an object of Stripe as it is now, by the beginning of the event's type; the first that fits. */
const EFFECTS: readonly (readonly [type: string, effect: (objectId: string) => Promise<unknown>])[] = [
  ["payment_intent.", Stripe.processPayment],
  ["refund.", Stripe.processRefund],
  ["charge.refunded", Stripe.processRefundsOfCharge],
  ["charge.dispute.", Stripe.processDispute],
];

/** Brings us up to what Stripe says of the event's object now. What is none of ours is left alone. */
export const handler = onDomainEvent("process-stripe", (envelope) => {
  const { externalId, type, facts } = Webhook.StripeReceived.of(envelope);
  const effect = EFFECTS.find(([beginning]) => type.startsWith(beginning))?.[1];
  return Webhook.settle({
    webhookId: envelope.aggregate.id,
    effect: async () => (effect && isOurs(externalId, facts) ? effect(String(facts["objectId"])) : false),
  });
});
