/**
 * An API key: lets a program act for the person who made it, with a part of what they may do. Its secret is shown once and kept
 * as a digest; after a rotation the one before opens, too, until the overlap ends.
 *
 *  1. A call that brings a key opens it by its public part, at most once a minute and process.     byId
 *  2. Somebody lists their keys, and an admin those of a user, oldest first.                       byOwner
 *     Whoever is forgotten loses them all.
 *
 * Kept for 90 days after its end, so that its owner can still see what it was.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const ApiKeys = new Entity(
  {
    model: { entity: "api-key", version: "1", service: SERVICE },
    attributes: {
      apiKeyId: { type: "string", required: true },
      ownerId: { type: "string", required: true },
      name: { type: "string", required: true },
      /** Feature → level, only those that were given. */
      permissions: { type: "any", required: true },
      /** The only event it is good for. */
      eventId: { type: "string" },
      /** Of the secrets of this key; with it and the stage's key they can be made again (`secret.ts`). */
      seed: { type: "string", required: true },
      /** How many secrets it has had. */
      generation: { type: "number", required: true },
      digest: { type: "string", required: true },
      previousDigest: { type: "string" },
      previousUntil: { type: "string" },
      rotatedAt: { type: "string" },
      validUntil: { type: "string", required: true },
      lastUsedAt: { type: "string" },
      revokedAt: { type: "string" },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["apiKeyId"], template: "API_KEY#${apiKeyId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "API_KEY", casing: "none" },
      },
      byOwner: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["ownerId"], template: "API_KEYS#${ownerId}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["createdAt", "apiKeyId"], template: "${createdAt}#${apiKeyId}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

export type ApiKeyRow = EntityItem<typeof ApiKeys>;
