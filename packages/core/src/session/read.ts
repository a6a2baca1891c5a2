import { ROLES, userIdOf, type Actor } from "../actor.ts";
import { capability } from "../capability.ts";
import { KEPT } from "../kept.ts";
import { DAY_MS, isoOf, MINUTE_MS, msOf, secondsOf } from "../time.ts";
import { Sessions, type SessionRow } from "./entity.ts";
import { NoInput, type SessionView } from "./schema.ts";

const SEEN_EVERY_MS = 15 * MINUTE_MS;

/** The row of a session, or undefined. Strongly consistent. */
export async function find(userId: string, sessionId: string): Promise<SessionRow | undefined> {
  const { data } = await Sessions.get({ userId, sessionId }).go({ consistent: true });
  return data ?? undefined;
}

/** Everything a user is or was signed in with lately. */
export async function listByUser(userId: string): Promise<SessionRow[]> {
  const { data } = await Sessions.query.byUser({ userId }).go({ pages: "all", consistent: true });
  return data;
}

/** Notes that a session is there: when it is seen first, and every quarter of an hour. One that was ended stays so. */
export async function note(
  standing: SessionRow | undefined,
  seen: { userId: string; sessionId: string; label: string; startedAt: string },
  now: number,
): Promise<void> {
  if (standing && now - msOf(standing.lastSeenAt) < SEEN_EVERY_MS) return;
  const { userId, sessionId, ...rest } = seen;
  const times = { lastSeenAt: isoOf(now), ttl: secondsOf(now + KEPT.sessions.days() * DAY_MS) };
  await Sessions.upsert({ userId, sessionId, ...times })
    .ifNotExists(rest)
    .go();
}

/** Where the user is signed in. */
export const list = capability("session.list", { input: NoInput, allow: ROLES }, async (_, { actor }) => {
  const sessions = await listByUser(userIdOf(actor)!);
  return { items: sessions.map((row) => viewOf(row, actor)).sort((a, b) => (a.lastSeenAt > b.lastSeenAt ? -1 : 1)) };
});

function viewOf({ sessionId, label, startedAt, lastSeenAt, revokedAt }: SessionRow, actor: Actor): SessionView {
  const current = "sessionId" in actor && actor.sessionId === sessionId;
  return { id: sessionId, device: label, current, startedAt, lastSeenAt, revokedAt: revokedAt ?? null };
}
