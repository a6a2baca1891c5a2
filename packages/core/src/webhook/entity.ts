/**
 * The inbox: what a vendor told us, once per vendor event, as ids and facts; the object itself is read from the vendor when
 * it is processed. The row is its own outbox row: received and to be processed are one write.
 *
 *  1. A vendor's request is recorded, or was before.               byVendorEvent: absent
 *  2. The relay publishes that it was received.                    stream
 *  3. The sweeper asks what has been pending for a minute.         byPending
 *
 * Kept for 90 days.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Webhooks = new Entity(
  {
    model: { entity: "webhook", version: "1", service: SERVICE },
    attributes: {
      vendor: { type: ["stripe", "wati"] as const, required: true },
      externalId: { type: "string", required: true },
      type: { type: "string", required: true },
      facts: { type: "any", required: true },
      receivedAt: { type: "string", required: true },
      events: { type: "any", required: true },
      pendingShard: { type: "string" },
      pendingSince: { type: "string" },
      publishedAt: { type: "string" },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byVendorEvent: {
        pk: { field: "pk", composite: ["vendor", "externalId"], template: "WEBHOOK#${vendor}#${externalId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "WEBHOOK", casing: "none" },
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
