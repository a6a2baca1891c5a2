import { readWebhook } from "@fashionistas/integrations/stripe/webhook";
import * as Webhook from "@fashionistas/core/webhook";
import { onWebhook } from "../edge.ts";

/** POST /webhooks/stripe: verified, recorded, answered; processed from the stream. */
export const handler = onWebhook("stripe", ({ rawBody, header }) => Webhook.receive({ vendor: "stripe", ...readWebhook(rawBody, header("stripe-signature")) }));
