import * as z from "zod";
import { ApiKeyIdSchema, EventIdSchema, UserIdSchema } from "../id.ts";
import { PageQuery } from "../page.ts";
import { Level, Permissions } from "../role/schema.ts";
import { Line } from "../text.ts";
import { Instant } from "../time.ts";

/** What a key may do; keys themselves are made by people. */
const KeyPermissions = Permissions.omit({ api_keys: true })
  .refine((permissions) => Object.values(permissions).some((level) => level !== undefined && level !== "none"), "Permit at least one thing.")
  .meta({ example: { orders: "read" } });

export const ApiKeyDocument = z
  .strictObject({
    name: Line(100),
    permissions: KeyPermissions,
    eventId: EventIdSchema.optional().meta({ description: "Good for this event only" }),
    expiresAt: Instant.optional().meta({ description: "In a year, when left out; at most in two" }),
  })
  .meta({ id: "ApiKeyDocument", example: { name: "Box office", permissions: { orders: "read" } } });

export const CreateApiKey = ApiKeyDocument.safeExtend({ apiKeyId: ApiKeyIdSchema });

export const AnApiKey = z.strictObject({ apiKeyId: ApiKeyIdSchema });

export const OfOwner = z.strictObject({ ownerId: UserIdSchema });

export const Rotation = z.strictObject({ overlapHours: z.int().min(0).max(168).default(24) }).meta({ id: "Rotation", example: { overlapHours: 24 } });

export const RotateApiKey = Rotation.safeExtend({
  apiKeyId: ApiKeyIdSchema,
  /** The secret that is asked for: the second is the first rotation's. Without it, the next one. */
  generation: z.int().min(2).optional(),
});

export const ListApiKeys = z.strictObject({
  ...PageQuery,
  userId: UserIdSchema.optional().meta({ description: "Whose; for admins. Your own, when left out" }),
});

const example = {
  ...{ id: "key_01J8Z3K4M5N6P7Q8R9S0T1V2W3", ownerId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3", name: "Box office", prefix: "fk_01J8Z3K4M5N6P7Q8R9S0T1V2W3" },
  ...{ permissions: { orders: "read" as const }, eventId: null, expiresAt: "2027-11-02T09:00:00.000Z", lastUsedAt: null, generation: 1, rotatedAt: null },
  ...{ previousUntil: null, revokedAt: null, createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z", version: 1 },
};

export const ApiKeyView = z
  .object({
    id: z.string(),
    ownerId: z.string(),
    name: z.string(),
    prefix: z.string().meta({ description: "How every secret of this key begins" }),
    permissions: z.record(z.string(), Level),
    eventId: z.string().nullable(),
    expiresAt: z.string(),
    lastUsedAt: z.string().nullable().meta({ description: "To within a quarter of an hour" }),
    generation: z.int().meta({ description: "How many secrets it has had" }),
    rotatedAt: z.string().nullable(),
    previousUntil: z.string().nullable().meta({ description: "Until when the secret before the last rotation opens, too" }),
    revokedAt: z.string().nullable().meta({ description: "It ends everywhere within a minute of that." }),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({ id: "ApiKey", example });
export type ApiKeyView = z.output<typeof ApiKeyView>;

export const ApiKeyWithSecret = ApiKeyView.extend({ secret: z.string().meta({ description: "For X-Api-Key. Shown now and never again: keep it safe" }) }).meta({
  id: "ApiKeyWithSecret",
  example: { ...example, secret: "fk_01J8Z3K4M5N6P7Q8R9S0T1V2W3_Qm9va3MgYXJlIGEgdW5pcXVlbHkgcG9ydGFibGUgbWE" },
});
export type ApiKeyWithSecret = z.output<typeof ApiKeyWithSecret>;
