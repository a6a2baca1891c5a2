import * as Webhook from "@fashionistas/core/webhook";
import * as Stripe from "@fashionistas/integrations/stripe";
import { concernsPayment } from "@fashionistas/integrations/stripe/webhook";
import { onDomainEvent } from "../../edge.ts";

/** Brings an order up to what Stripe says of its payment now. */
export const handler = onDomainEvent("process-stripe", async (envelope) => {
  const { externalId, type, facts } = Webhook.StripeReceived.of(envelope);
  const ours = concernsPayment(type) && (await Stripe.processPayment(String(facts["objectId"])));
  await Webhook.markProcessed({ vendor: "stripe", externalId, status: ours ? "processed" : "ignored" });
});
