import * as Webhook from "@fashionistas/core/webhook";
import * as Stripe from "@fashionistas/integrations/stripe";
import { concernsPayment } from "@fashionistas/integrations/stripe/webhook";
import { onDomainEvent } from "../../edge.ts";

/** Brings an order up to what Stripe says of its payment now. What is none of ours is left alone. */
export const handler = onDomainEvent("process-stripe", async (envelope) => {
  const { type, facts } = Webhook.StripeReceived.of(envelope);
  if (concernsPayment(type)) await Stripe.processPayment(String(facts["objectId"]));
});
