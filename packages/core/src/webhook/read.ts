import * as z from "zod";
import { capability } from "../capability.ts";
import type { Envelope } from "../domain-event.ts";
import { pageOf, type Page } from "../page.ts";
import { DAY_MS, isoOf } from "../time.ts";
import { Webhooks, type WebhookRow } from "./entity.ts";
import { webhookNotFound } from "./errors.ts";
import { idOf, keyOfId } from "./key.ts";
import { ListWebhooks, type WebhookView } from "./schema.ts";
import { inStretch } from "./walk.ts";

/** One received event. @throws webhook.not_found */
export const get = capability(
  "webhook.get",
  { input: z.strictObject({ webhookId: z.string() }), allow: ["admin", "key"], needs: "webhooks:read" },
  async ({ webhookId }): Promise<WebhookView> => {
    const key = keyOfId(webhookId);
    const { data } = key ? await Webhooks.get(key).go({ consistent: true }) : { data: null };
    if (!data) throw webhookNotFound();
    return viewOf(data);
  },
);

/** What was received in a stretch of time, day by day. */
export const list = capability(
  "webhook.list",
  { input: ListWebhooks, allow: ["admin", "key"], needs: "webhooks:read" },
  ({ vendor, since, until, state, ...page }, { now }): Promise<Page<WebhookView>> => {
    const stretch = { vendor, since: since ?? isoOf(now - DAY_MS), until: until ?? isoOf(now), ...(state ? { states: [state] } : {}) };
    return pageOf(inStretch(stretch, now), page, ["webhooks", vendor, since, until, state], viewOf);
  },
);

function viewOf(row: WebhookRow): WebhookView {
  const [event] = row.events as Envelope[];
  return {
    id: idOf(row),
    vendor: row.vendor,
    externalId: row.externalId,
    type: row.type,
    state: row.state,
    attempts: row.attempts ?? 0,
    error: row.error ?? null,
    facts: (event?.data["facts"] ?? {}) as WebhookView["facts"],
    occurredAt: row.occurredAt ?? null,
    receivedAt: row.receivedAt,
    settledAt: row.settledAt ?? null,
  };
}
