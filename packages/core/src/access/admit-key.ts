import type { Actor, Hat } from "../actor.ts";
import * as ApiKey from "../api-key/index.ts";
import { now } from "../context.ts";
import * as Event from "../event/index.ts";
import { memory } from "../memory.ts";
import { lowerOf, type Permissions } from "../permission.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { hatsOf, standingOf } from "./hats.ts";

type Key = Extract<Actor, { kind: "key" }>;

/** By the digest of a secret that opened a key: what of the key its calls need. Its owner is known as one of a session is. */
type Opened = { apiKeyId: string; ownerId: string; until: string; permissions: Permissions; eventId?: string };
const opened = memory(() => new Map<string, Opened>());
const MOST_OPENED = 10_000;

/**
 * The key that a request brings, in the roles of its owner, with the lower of what they and it may do now. As with a session,
 * no call reads anything for a minute after one that did. Whatever is wrong with a key, the answer is the same.
 * @throws api_key.invalid
 */
export async function admitKey(text: string): Promise<Key> {
  const presented = ApiKey.presentedIn(text);
  if (!presented) throw ApiKey.apiKeyInvalid();
  const { digest } = presented;
  const known = opened().get(digest);
  const owner = known && User.recall(known.ownerId, digest);
  const readAt = now();
  if (known && owner && !owner.stale && isoOf(readAt) < known.until) return keyOf(known, owner.hats);

  opened().delete(digest);
  const key = await ApiKey.find(presented.apiKeyId);
  const until = ApiKey.opens(key, digest, isoOf(readAt));
  if (!key || until === undefined) throw ApiKey.apiKeyInvalid();
  const user = await User.find(key.ownerId);
  if (user?.status !== "active") throw ApiKey.apiKeyInvalid();
  const fresh = owner !== undefined && owner.user.accessVersion === user.accessVersion;
  const hats = await hatsOf(user, fresh ? owner.hats : undefined);
  const { apiKeyId, ownerId, eventId } = key;
  const opening = { apiKeyId, ownerId, until, permissions: key.permissions as Permissions, ...(eventId ? { eventId } : {}) };
  const actor = keyOf(opening, eventId && !(await managesNow(user, hats, eventId)) ? [] : hats);
  // Who runs nothing any more has no keys: whatever they were good for, they are nobody's.
  if (actor.hats.length === 0) throw ApiKey.apiKeyInvalid();

  await ApiKey.noteUse(key, readAt);
  if (opened().size >= MOST_OPENED) opened().clear();
  opened().set(digest, opening);
  User.remember(ownerId, digest, { user, hats }, readAt);
  return actor;
}

async function managesNow({ userId, role }: User.UserRow, hats: readonly Hat[], eventId: string): Promise<boolean> {
  const event = await Event.find(eventId);
  return event !== undefined && Event.manages({ kind: role, userId, hats: standingOf(hats) }, event);
}

function keyOf({ apiKeyId, ownerId, permissions, eventId }: Opened, hats: readonly Hat[]): Key {
  const lowered = standingOf(hats)
    .filter(({ role }) => role === "organizer" || role === "admin")
    .map((hat) => ({ ...hat, may: lowerOf(hat.may, permissions) }));
  return { kind: "key", keyId: apiKeyId, ownerId, hats: eventId ? lowered.flatMap((hat) => narrowed(hat, eventId)) : lowered };
}

// A key for one event organizes that event, whoever its owner is; that they do manage it is known beforehand.
function narrowed(hat: Hat, eventId: string): Hat[] {
  const on = { type: "event", id: eventId } as const;
  if (hat.on === undefined) return [{ ...hat, role: "organizer", on }];
  return hat.on.type === "event" && hat.on.id === eventId ? [hat] : [];
}
