import { type Actor, type Hat, managerIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { inputInvalid, isChangedMeanwhile } from "../error.ts";
import * as Event from "../event/index.ts";
import { LEVELS, permits, type Need, type Permissions } from "../permission.ts";
import { digestOf, newSecret } from "../secret.ts";
import { DAY_MS, isoOf } from "../time.ts";
import { ApiKeyCreated } from "./domain-events.ts";
import { ApiKeys } from "./entity.ts";
import { beyondOwn } from "./errors.ts";
import { find, withSecret } from "./read.ts";
import { CreateApiKey, type ApiKeyWithSecret } from "./schema.ts";
import { secretTextOf } from "./secret.ts";
import { ttlAfter } from "./write.ts";

const DEFAULT_DAYS = 365;
const LONGEST_DAYS = 730;

/**
 * Makes a key for a part of what the caller may do, of one event or of all that is theirs. People only: a key makes no keys.
 * With an id that was used already, the standing key is the answer.
 * @throws event.not_found, api_key.beyond_own, input.invalid
 */
export const create = capability(
  "api_key.create",
  { input: CreateApiKey, allow: ["organizer", "admin"], needs: "api_keys:write" },
  async ({ apiKeyId, name, permissions, eventId, expiresAt }, { actor, now }) => {
    if (eventId) await Event.managedBy(actor, eventId);
    const given = Object.fromEntries(Object.entries(permissions).filter(([, level]) => level !== undefined && level !== "none")) as Permissions;
    refuseBeyond(actor, given, eventId);
    const ownerId = managerIdOf(actor)!;
    const ends = endOf(expiresAt, now);
    const seed = newSecret();
    const row = {
      ...{ apiKeyId, ownerId, name, permissions: given, ...(eventId ? { eventId } : {}) },
      ...{ seed, generation: 1, digest: digestOf(secretTextOf({ apiKeyId, seed }, 1)) },
      ...{ validUntil: ends, createdAt: isoOf(now), ttl: ttlAfter(ends) },
    };
    try {
      const head = await transact(created("api_key", apiKeyId), [ApiKeyCreated({ apiKeyId, ownerId })], (head) => [write(ApiKeys.create({ ...row, ...head }))]);
      return withSecret({ ...row, ...head }, 1);
    } catch (error) {
      const standing = isChangedMeanwhile(error) ? await createdBy(ownerId, apiKeyId) : undefined;
      if (standing) return standing;
      throw error;
    }
  },
);

/** What making this key was answered with; undefined when this owner did not make it. */
export async function createdBy(ownerId: string | undefined, apiKeyId: string): Promise<ApiKeyWithSecret | undefined> {
  const key = await find(apiKeyId);
  return key && key.ownerId === ownerId ? withSecret(key, 1) : undefined;
}

function refuseBeyond(actor: Actor, given: Permissions, eventId: string | undefined): void {
  const hats = "hats" in actor ? actor.hats.filter(({ on }) => on === undefined || eventId === undefined || on.id === eventId) : [];
  const beyond = Object.entries(given).filter(([feature, level]) => !hats.some(({ may }: Hat) => permits(may, `${feature}:${level}` as Need)));
  if (beyond.length === 0) return;
  const fields = beyond.map(([feature]) => ({ path: `permissions.${feature}`, message: `You have ${highest(hats, feature as keyof Permissions)}.` }));
  throw beyondOwn(`Lower ${fields.map(({ path }) => path).join(", ")}.`, { fields });
}

function highest(hats: readonly Hat[], feature: keyof Permissions): string {
  return LEVELS.findLast((level) => hats.some(({ may }) => (may[feature] ?? "none") === level)) ?? "none";
}

function endOf(expiresAt: string | undefined, now: number): string {
  if (expiresAt === undefined) return isoOf(now + DEFAULT_DAYS * DAY_MS);
  if (isoOf(now) < expiresAt && expiresAt <= isoOf(now + LONGEST_DAYS * DAY_MS)) return expiresAt;
  throw inputInvalid("Check expiresAt: see errors for what it should be.", {
    fields: [{ path: "expiresAt", message: `Expected an instant within the next ${LONGEST_DAYS} days.` }],
  });
}
