/**
 * A role that somebody has for one thing: an event they help to organize, a sponsor or designer they stand for, an allocation
 * they look after. It lives in its user's partition, so that whoever signs in is known by one query.
 *
 *  1. Whoever signs in gets their grants, at most once a minute and process.     byUser
 *  2. Who manages a thing lists who else may.                                    byThing
 *  3. One is given or taken: does it stand?       byUser, one
 *
 * A grant is part of its user's story: every change bumps their `accessVersion` in the same transaction, on condition that
 * nobody changed them since they were read, before the grant was.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Grants = new Entity(
  {
    model: { entity: "grant", version: "1", service: SERVICE },
    attributes: {
      userId: { type: "string", required: true },
      role: { type: ["organizer", "sponsor", "designer", "model", "attendee"] as const, required: true },
      scopeType: { type: ["event", "sponsor", "designer", "allocation"] as const, required: true },
      scopeId: { type: "string", required: true },
      grantedBy: { type: "any", required: true },
      expiresAt: { type: "string" },
      createdAt: { type: "string", required: true },
      /** Its end: only to be tidied away by. */
      ttl: { type: "number" },
    },
    indexes: {
      byUser: {
        pk: { field: "pk", composite: ["userId"], template: "USER#${userId}", casing: "none" },
        sk: { field: "sk", composite: ["scopeType", "scopeId", "role"], template: "GRANT#${scopeType}#${scopeId}#${role}", casing: "none" },
      },
      byThing: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["scopeType", "scopeId"], template: "GRANTS#${scopeType}#${scopeId}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["createdAt", "userId"], template: "${createdAt}#${userId}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

export type GrantRow = EntityItem<typeof Grants>;
