/**
 * The inbox: what a vendor told us, once per vendor event, as ids and facts; the object itself is read from the vendor when
 * it is processed. The row is its own outbox row: received and to be processed are one write.
 *
 *   received → processed | ignored (none of ours, or nothing we act on) | failed (tried and given back to the queue)
 *
 * Processed is written in the transaction of the effect itself. A state never decides whether an effect happens: effects may be
 * repeated, and the queue decides that. The key is made of the vendor's own instant of the event, which is the same in every
 * delivery: so one event is one row, and a day can be read without an index.
 *
 *  1. A vendor's request is recorded, or was before.               byDay: absent
 *  2. The relay publishes that it was received.                    stream
 *  3. The sweeper asks what has been pending for a minute.         byPending
 *  4. Whoever processes it notes what became of it.                byDay
 *  5. An admin looks at a day's events, or replays them, shard by shard.    byDay
 *
 * Kept for 90 days.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { Vendor, WebhookState } from "./schema.ts";

export const Webhooks = new Entity(
  {
    model: { entity: "webhook", version: "1", service: SERVICE },
    attributes: {
      vendor: { type: Vendor.options, required: true },
      /** UTC day of the vendor's instant of the event, or `undated`. */
      day: { type: "string", required: true },
      shard: { type: "string", required: true },
      externalId: { type: "string", required: true },
      type: { type: "string", required: true },
      state: { type: WebhookState.options, required: true },
      /** How often it failed, and the last error's code or name. */
      attempts: { type: "number" },
      error: { type: "string" },
      occurredAt: { type: "string" },
      receivedAt: { type: "string", required: true },
      settledAt: { type: "string" },
      /** One domain event, which carries the facts. */
      events: { type: "any", required: true },
      pendingShard: { type: "string" },
      pendingSince: { type: "string" },
      publishedAt: { type: "string" },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byDay: {
        pk: { field: "pk", composite: ["vendor", "day", "shard"], template: "WEBHOOK#${vendor}#${day}#${shard}", casing: "none" },
        sk: { field: "sk", composite: ["externalId"], template: "${externalId}", casing: "none" },
      },
      byPending: {
        index: "gsi4",
        condition: (attributes) => attributes["pendingShard"] !== undefined,
        pk: { field: "gsi4pk", composite: ["pendingShard"], template: "PENDING#${pendingShard}", casing: "none" },
        sk: { field: "gsi4sk", composite: ["pendingSince"], template: "${pendingSince}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type WebhookRow = EntityItem<typeof Webhooks>;
