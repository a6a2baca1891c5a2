import * as Webhook from "@fashionistas/core/webhook";
import { ListWebhooks, RecoverWebhooks, Recovered, Replayed, ReplayWebhooks, WebhookView } from "@fashionistas/core/webhook/schema";
import { recover } from "@fashionistas/integrations/stripe/recover";
import * as z from "zod";
import { ADMINS, ADMINS_OF_RECORDS } from "../access.ts";
import { endpoint, jsonBody, type Api } from "../endpoint.ts";

const tag = "Webhooks";

/** /webhooks: what vendors told us, and processing it again. For admins; vendors post to functions of their own. */
export function webhooks(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/webhooks",
      access: ADMINS,
      tag,
      summary: "List received events",
      description: "Day by day, within a day in no particular order. A page may be short although more follow: go by nextCursor.",
      query: ListWebhooks,
      success: {
        status: 200,
        description: "A page; pass nextCursor on for the next one",
        schema: z.object({ items: z.array(WebhookView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Webhook.list(c.req.query() as z.input<typeof ListWebhooks>)),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/webhooks/:id",
      access: ADMINS_OF_RECORDS.of("webhook"),
      tag,
      summary: "Get a received event",
      params: z.object({ id: z.string().meta({ example: "stripe:2026-11-02:evt_1PqV" }) }),
      success: { status: 200, description: "The event", schema: WebhookView },
    },
    async (c) => c.json(await Webhook.get({ webhookId: c.req.param("id")! })),
  );

  endpoint(
    app,
    {
      method: "post",
      path: "/webhooks/replay",
      access: ADMINS,
      repeating: "what had its effect keeps it.",
      tag,
      summary: "Process received events again",
      description: "Marks them; within a minute they are processed. Harmless to repeat: what had its effect keeps it.",
      body: ReplayWebhooks,
      success: { status: 202, description: "How many were marked; call again with nextCursor until it is null", schema: Replayed },
    },
    async (c) => c.json(await Webhook.replay(await jsonBody(c, ReplayWebhooks)), 202),
  );

  endpoint(
    app,
    {
      method: "post",
      path: "/webhooks/recover",
      access: ADMINS,
      repeating: "what the inbox knows is not received again.",
      tag,
      summary: "Receive what Stripe told while we were not there",
      description: "Reads Stripe's own list of events, 100 per call, and receives those that the inbox never saw.",
      body: RecoverWebhooks,
      success: { status: 202, description: "How many were new; call again with nextCursor until it is null", schema: Recovered },
      errors: ["payment.unavailable"],
    },
    async (c) => c.json(await recover(await jsonBody(c, RecoverWebhooks)), 202),
  );
}
