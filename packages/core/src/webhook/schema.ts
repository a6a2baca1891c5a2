import * as z from "zod";
import { PageQuery } from "../page.ts";
import { Instant } from "../time.ts";

export const Vendor = z.enum(["stripe", "wati"]);
export type Vendor = z.output<typeof Vendor>;

export const WebhookState = z.enum(["received", "processed", "ignored", "failed"]);
export type WebhookState = z.output<typeof WebhookState>;

/** Ids and states only; never names, phones or texts. */
export const Facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const ReceiveWebhook = z.strictObject({
  vendor: Vendor,
  /** The vendor's id of this event: the same event is received once. */
  externalId: z.string().min(1).max(300),
  type: z.string().min(1).max(100),
  /** The vendor's instant of the event, the same in every delivery. */
  occurredAt: Instant.optional(),
  facts: Facts,
});

const window = {
  vendor: Vendor.default("stripe"),
  since: Instant.meta({ description: "The vendor's instant of the event. Events are kept for 90 days." }),
  until: Instant.optional().meta({ description: "Now, when left out." }),
};

const paging = { limit: PageQuery.limit, cursor: PageQuery.cursor };

/** Query of GET /webhooks. */
export const ListWebhooks = z.strictObject({
  ...window,
  since: Instant.optional().meta({ description: "The vendor's instant of the event; a day ago, when left out." }),
  state: WebhookState.optional(),
  ...paging,
});

/** Body of POST /webhooks/replay: what to process again. */
export const ReplayWebhooks = z
  .strictObject({
    ...window,
    states: z.array(WebhookState).min(1).default(["failed", "received"]).meta({ description: "Processing again what was processed is harmless." }),
    externalId: z.string().min(1).max(300).optional().meta({ description: "Only this event, by the vendor's id." }),
    cursor: PageQuery.cursor,
  })
  .meta({ id: "ReplayWebhooks", example: { vendor: "stripe", since: "2026-11-02T09:00:00.000Z" } });

export const Replayed = z
  .object({ marked: z.int(), nextCursor: z.string().nullable() })
  .meta({ id: "Replayed", description: "How many were marked; call again with nextCursor until it is null.", example: { marked: 12, nextCursor: null } });

/** Body of POST /webhooks/recover. */
export const RecoverWebhooks = z
  .strictObject({
    since: Instant.meta({ description: "The provider lists its events for 30 days." }),
    cursor: z
      .string()
      .regex(/^evt_\w{1,200}$/, "Take nextCursor of the page before.")
      .optional(),
  })
  .meta({ id: "RecoverWebhooks", example: { since: "2026-11-02T09:00:00.000Z" } });

export const Recovered = z
  .object({ listed: z.int(), received: z.int(), nextCursor: z.string().nullable() })
  .meta({ id: "Recovered", description: "Call again with nextCursor until it is null.", example: { listed: 100, received: 3, nextCursor: null } });
export type Recovered = z.output<typeof Recovered>;

/** What the inbox holds of an event. */
export const WebhookView = z
  .object({
    id: z.string(),
    vendor: Vendor,
    externalId: z.string(),
    type: z.string(),
    state: WebhookState,
    attempts: z.int().meta({ description: "How often it failed." }),
    error: z.string().nullable().meta({ description: "Code or name of the last failure." }),
    facts: Facts,
    occurredAt: z.string().nullable(),
    receivedAt: z.string(),
    settledAt: z.string().nullable(),
  })
  .meta({
    id: "Webhook",
    example: {
      id: "stripe:2026-11-02:evt_1PqV",
      vendor: "stripe",
      externalId: "evt_1PqV",
      type: "payment_intent.succeeded",
      state: "processed",
      attempts: 0,
      error: null,
      facts: { objectId: "pi_3PqV", objectType: "payment_intent", livemode: true },
      occurredAt: "2026-11-02T09:01:00.000Z",
      receivedAt: "2026-11-02T09:01:01.000Z",
      settledAt: "2026-11-02T09:01:01.300Z",
    },
  });
export type WebhookView = z.output<typeof WebhookView>;
