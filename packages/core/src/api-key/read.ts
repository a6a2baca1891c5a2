import { type Actor, isAdmin, managerIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { ignoreRefusal, isConflict } from "../db/transact.ts";
import { notAllowed } from "../error.ts";
import { pageOf } from "../page.ts";
import { retry } from "../retry.ts";
import { isDigest } from "../secret.ts";
import { isoOf, MINUTE_MS, msOf } from "../time.ts";
import { ApiKeys, type ApiKeyRow } from "./entity.ts";
import { apiKeyNotFound } from "./errors.ts";
import { opensUntil } from "./rules/opening.ts";
import { AnApiKey, ListApiKeys, type ApiKeyView, type ApiKeyWithSecret } from "./schema.ts";
import { prefixOf, secretTextOf } from "./secret.ts";

const USED_EVERY_MS = 15 * MINUTE_MS;

/** The row of a key, or undefined. Strongly consistent. */
export async function find(apiKeyId: string): Promise<ApiKeyRow | undefined> {
  const { data } = await ApiKeys.get({ apiKeyId }).go({ consistent: true });
  return data ?? undefined;
}

/** A key, for its owner and for admins. @throws api_key.not_found, for a foreign one too */
export async function managedBy(actor: Actor, apiKeyId: string): Promise<ApiKeyRow> {
  const key = await find(apiKeyId);
  if (!key || (key.ownerId !== managerIdOf(actor) && !isAdmin(actor))) throw apiKeyNotFound();
  return key;
}

/** One key, for its owner and for admins. @throws api_key.not_found */
export const get = capability("api_key.get", { input: AnApiKey, allow: ["organizer", "admin"], needs: "api_keys:read" }, async ({ apiKeyId }, { actor }) =>
  viewOf(await managedBy(actor, apiKeyId)),
);

/** The keys of the caller, or for an admin of a user, oldest first; those that have ended for 90 days. */
export const list = capability(
  "api_key.list",
  { input: ListApiKeys, allow: ["organizer", "admin"], needs: "api_keys:read" },
  async ({ userId, ...page }, { actor }) => {
    const ownerId = userId ?? managerIdOf(actor)!;
    if (ownerId !== managerIdOf(actor) && !isAdmin(actor)) throw notAllowed("Only admins list the keys of others: leave userId out.");
    return pageOf(ApiKeys.query.byOwner({ ownerId }), page, ["api-keys", ownerId], viewOf);
  },
);

/**
 * Until when the secret with this digest opens the key; undefined when it does not. The same work whether there is such a key
 * or not, and whatever is wrong with it.
 */
export function opens(key: ApiKeyRow | undefined, digest: string, at: string): string | undefined {
  const isCurrent = isDigest(digest, key?.digest);
  const isPrevious = isDigest(digest, key?.previousDigest);
  return key && (isCurrent || isPrevious) ? opensUntil(key, isCurrent ? "current" : "previous", at) : undefined;
}

/** Notes that a key is used, every quarter of an hour. */
export async function noteUse({ apiKeyId, lastUsedAt }: ApiKeyRow, now: number): Promise<void> {
  if (lastUsedAt !== undefined && now - msOf(lastUsedAt) < USED_EVERY_MS) return;
  const patch = ApiKeys.patch({ apiKeyId }).set({ lastUsedAt: isoOf(now) });
  await retry({ attempts: 4, baseMs: 5, capMs: 50, again: isConflict }, () => patch.go()).catch(ignoreRefusal);
}

/** The face of a key. */
export function viewOf(key: ApiKeyRow): ApiKeyView {
  const { apiKeyId, ownerId, name, permissions, generation, validUntil: expiresAt, createdAt, updatedAt, version } = key;
  const { eventId = null, lastUsedAt = null, rotatedAt = null, previousUntil = null, revokedAt = null } = key;
  return {
    ...{ id: apiKeyId, ownerId, name, prefix: prefixOf(apiKeyId), permissions: permissions as ApiKeyView["permissions"], eventId },
    ...{ expiresAt, lastUsedAt, generation, rotatedAt, previousUntil, revokedAt, createdAt, updatedAt, version },
  };
}

/** The same, with one of its secrets: for the answer to the call that made it. */
export function withSecret(key: ApiKeyRow, generation: number): ApiKeyWithSecret {
  return { ...viewOf(key), secret: secretTextOf(key, generation) };
}
