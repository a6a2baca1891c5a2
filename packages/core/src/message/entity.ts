/**
 * A message to a person, under a natural key that says what it is about: `order:<id>:confirmation` exists once, for ever.
 *
 *  1. A consumer begins to send it, or finds that it was begun.        byKey: absent
 *  2. The vendor's webhook tells how far it came.                      byKey: only forward in rank
 *  3. The vendor surely did not take it: it may be begun again.        byKey: still sending
 *
 * No name, phone or text: the person is an id, the words are the template's.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Messages = new Entity(
  {
    model: { entity: "message", version: "1", service: SERVICE },
    attributes: {
      key: { type: "string", required: true },
      channel: { type: ["whatsapp"] as const, required: true },
      template: { type: "string", required: true },
      personId: { type: "string", required: true },
      status: { type: ["sending", "accepted", "sent", "delivered", "read", "failed"] as const, required: true },
      rank: { type: "number", required: true },
      failure: { type: "string" },
      sendingSince: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
    },
    indexes: {
      byKey: {
        pk: { field: "pk", composite: ["key"], template: "MESSAGE#${key}", casing: "none" },
        sk: { field: "sk", composite: [], template: "MESSAGE", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type MessageRow = EntityItem<typeof Messages>;
