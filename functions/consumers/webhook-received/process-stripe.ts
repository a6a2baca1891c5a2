import * as Webhook from "@fashionistas/core/webhook";
import * as Stripe from "@fashionistas/integrations/stripe";
import { concernsDispute, concernsPayment } from "@fashionistas/integrations/stripe/webhook";
import { onDomainEvent } from "../../edge.ts";

/** Brings an order or a dispute up to what Stripe says of it now. What is none of ours is left alone. */
export const handler = onDomainEvent("process-stripe", async (envelope) => {
  const { type, facts } = Webhook.StripeReceived.of(envelope);
  if (concernsPayment(type)) await Stripe.processPayment(String(facts["objectId"]));
  if (concernsDispute(type)) await Stripe.processDispute(String(facts["objectId"]));
});
