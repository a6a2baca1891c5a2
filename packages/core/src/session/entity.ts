/**
 * A session: one sign-in of a user at the issuer, however many tokens it is renewed with. It lives in its user's partition.
 *
 *  1. Whoever signs in is let in by it, at most once a minute and process.     byUser, one
 *  2. A user lists where they are signed in.                                   byUser
 *  3. A user ends one of them.                                                 byUser, one: present
 *
 * That a session begins is not in the audit trail: the row itself is the record. That one is ended is.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Sessions = new Entity(
  {
    model: { entity: "session", version: "1", service: SERVICE },
    attributes: {
      userId: { type: "string", required: true },
      sessionId: { type: "string", required: true },
      /** What it runs on, roughly: `Chrome on Android`. */
      label: { type: "string", required: true },
      startedAt: { type: "string", required: true },
      lastSeenAt: { type: "string", required: true },
      revokedAt: { type: "string" },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byUser: {
        pk: { field: "pk", composite: ["userId"], template: "USER#${userId}", casing: "none" },
        sk: { field: "sk", composite: ["sessionId"], template: "SESSION#${sessionId}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

export type SessionRow = EntityItem<typeof Sessions>;
