import { checkToken, readWebhook } from "@fashionistas/integrations/wati/webhook";
import * as Webhook from "@fashionistas/core/webhook";
import { onWebhook } from "../edge.ts";

/** POST /webhooks/wati/{token}: recorded and answered; processed from the stream. */
export const handler = onWebhook("wati", async ({ rawBody, path }) => {
  checkToken(path("token"));
  await Webhook.receive({ vendor: "wati", ...readWebhook(rawBody) });
});
