/**
 * What a role permits, once an admin has changed it; until then `BUILT_IN` of `permission.ts` holds.
 *
 *  1. Whoever signs in, at most once a minute and process, and an admin read all of them.     byName
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Roles = new Entity(
  {
    model: { entity: "role", version: "1", service: SERVICE },
    attributes: {
      role: { type: "string", required: true },
      /** Feature → level, every feature named. */
      permissions: { type: "any", required: true },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byName: {
        pk: { field: "pk", composite: [], template: "ROLES", casing: "none" },
        sk: { field: "sk", composite: ["role"], template: "ROLE#${role}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

export type RoleRow = EntityItem<typeof Roles>;
