import * as z from "zod";
import { capability } from "../capability.ts";
import * as Session from "../session/index.ts";
import { msOf, SECOND_MS } from "../time.ts";
import * as User from "../user/index.ts";
import { UserConnections } from "./entity.ts";

/** A handshake that takes longer has failed. */
const HANDSHAKE_MS = 10 * SECOND_MS;

/** An open connection whose session is over; `opening`: it may not be there yet. */
export type Ended = { connectionId: string; opening: boolean };

/**
 * The connections of a user whose sessions are over by now, whatever ended them and however often it is told. One that its user
 * opened in a session that began since stays.
 */
export const listEnded = capability(
  "realtime.list_ended",
  { input: z.strictObject({ userId: z.string() }), allow: ["system"] },
  async ({ userId }, { now }): Promise<Ended[]> => {
    const { data } = await UserConnections.query.byUser({ userId }).go({ pages: "all", consistent: true });
    const over = await areOver(userId, [...new Set(data.map(({ sessionId }) => sessionId))]);
    return data
      .filter(({ sessionId }) => over.has(sessionId))
      .map(({ connectionId, openedAt }) => ({ connectionId, opening: now - msOf(openedAt) < HANDSHAKE_MS }));
  },
);

/** Which of these sessions are over. One that nobody knows is. */
export async function areOver(userId: string, sessionIds: readonly string[]): Promise<Set<string>> {
  if (sessionIds.length === 0) return new Set();
  const [user, ...sessions] = await Promise.all([User.find(userId), ...sessionIds.map((sessionId) => Session.find(userId, sessionId))]);
  return new Set(sessionIds.filter((_, i) => isOver(user, sessions[i])));
}

function isOver(user: User.UserRow | undefined, session: Session.SessionRow | undefined): boolean {
  if (!session) return true;
  return Session.isOver(user, { startedAtS: msOf(session.startedAt) / SECOND_MS, revokedAt: session.revokedAt });
}
