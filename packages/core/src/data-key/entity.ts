/**
 * The key of one subject's personal data (a person, an export), wrapped by the ring's key, in a table of its own that long-term
 * backups leave out. Deleting it makes whatever was sealed with it unreadable, in every copy and every backup of the data.
 *
 *  1. Whoever opens or seals something of a subject reads its key.              byId
 *  2. A process reads the ring once, and makes it when there is none.           Rings.byName: absent
 *  3. Retention walks through all keys, a page at a time.                       scan, of this table alone
 *
 * A key is written in the transaction that writes what it seals. The first writer of both wins, so they always belong together.
 */
import { Entity, type EntityItem } from "electrodb";
import { keysTableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const DataKeys = new Entity(
  {
    model: { entity: "data-key", version: "1", service: SERVICE },
    attributes: {
      subjectId: { type: "string", required: true },
      /** The key, sealed: base64url. `kek` is the version of the ring's key that seals it. */
      wrapped: { type: "string", required: true },
      kek: { type: "number", required: true },
      /** The order that the subject was first named in, or what else it is needed for: retention asks. */
      reason: { type: "string", required: true },
      createdAt: { type: "string", required: true },
      /** When the subject was last named again. */
      seenAt: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["subjectId"], template: "KEY#${subjectId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "KEY", casing: "none" },
      },
    },
  },
  { client, table: keysTableName() },
);
export type DataKeyRow = EntityItem<typeof DataKeys>;

/** The keys that wrap the others, by version, each sealed by whoever is the master. Older versions open what they wrapped. */
export const Rings = new Entity(
  {
    model: { entity: "key-ring", version: "1", service: SERVICE },
    attributes: {
      ring: { type: "string", required: true },
      current: { type: "number", required: true },
      keys: { type: "any", required: true },
      createdAt: { type: "string", required: true },
    },
    indexes: {
      byName: {
        pk: { field: "pk", composite: ["ring"], template: "RING#${ring}", casing: "none" },
        sk: { field: "sk", composite: [], template: "RING", casing: "none" },
      },
    },
  },
  { client, table: keysTableName() },
);
export type RingRow = Omit<EntityItem<typeof Rings>, "keys"> & { keys: Record<string, string> };
