/**
 * A user: somebody who signed in at least once. What they may do hangs on this row; who they are, in words, is a person.
 *
 *  1. Whoever signs in is opened by id, at most once a minute and process.                     byId
 *  2. An admin lists the users of a role; attendees are found by what identifies them.         byRole (sparse)
 *  3. An admin, and an invitation, find a user by their verified e-mail.                       byEmail (sparse)
 *  4. The same, by their verified phone number.                                                byPhone (sparse)
 *  5. Somebody stops being an admin, but never the last one.                                   Admins: count > 1
 *
 * `accessVersion` counts what changes what the user may do: grants are read again only when it has moved.
 */
import { Entity, type EntityItem } from "electrodb";
import { personHashKey, tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { keyedId, type UserId } from "../id.ts";
import { ROLES } from "../permission.ts";

export const Users = new Entity(
  {
    model: { entity: "user", version: "1", service: SERVICE },
    attributes: {
      userId: { type: "string", required: true },
      role: { type: ROLES, required: true },
      status: { type: ["active", "suspended", "erasing", "erased"] as const, required: true },
      /** Name, e-mail and phone in words: a `person`. */
      personId: { type: "string" },
      /** Keyed hashes of what the issuer verified. */
      emailKey: { type: "string" },
      phoneKey: { type: "string" },
      accessVersion: { type: "number", required: true },
      /** Epoch seconds: sessions that began before are over. */
      signedOutAt: { type: "number" },
      /** When the stage's configuration made them an admin: that happens once. */
      appointedAt: { type: "string" },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["userId"], template: "USER#${userId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "USER", casing: "none" },
      },
      byRole: {
        index: "gsi1",
        condition: (attributes) => attributes["role"] !== "attendee",
        pk: { field: "gsi1pk", composite: ["role"], template: "USERS#${role}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["createdAt", "userId"], template: "${createdAt}#${userId}", casing: "none" },
      },
      byEmail: {
        index: "gsi2",
        condition: (attributes) => attributes["emailKey"] !== undefined,
        pk: { field: "gsi2pk", composite: ["emailKey"], template: "USER#${emailKey}", casing: "none" },
        sk: { field: "gsi2sk", composite: [], template: "USER", casing: "none" },
      },
      byPhone: {
        index: "gsi3",
        condition: (attributes) => attributes["phoneKey"] !== undefined,
        pk: { field: "gsi3pk", composite: ["phoneKey"], template: "USER#${phoneKey}", casing: "none" },
        sk: { field: "gsi3sk", composite: [], template: "USER", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

/** Who is an admin: one item, so that two who leave at the same moment cannot both be the last but one. */
export const Admins = new Entity(
  {
    model: { entity: "admins", version: "1", service: SERVICE },
    attributes: {
      list: { type: "string", required: true },
      userIds: { type: "set", items: "string" },
      count: { type: "number" },
    },
    indexes: {
      byList: {
        pk: { field: "pk", composite: ["list"], template: "ADMINS#${list}", casing: "none" },
        sk: { field: "sk", composite: [], template: "ADMINS", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

export type UserRow = EntityItem<typeof Users>;

/** The id of whoever the issuer calls so. */
export function userIdFor(issuer: string, subject: string): UserId {
  return keyedId("usr", personHashKey(), ["user", issuer, subject]);
}
