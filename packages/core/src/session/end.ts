import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { isoOf, secondsOf } from "../time.ts";
import * as User from "../user/index.ts";
import { SessionEnded } from "./domain-events.ts";
import { Sessions } from "./entity.ts";
import { sessionNotFound } from "./errors.ts";
import { find } from "./read.ts";
import { ASession, NoInput, OfUser } from "./schema.ts";

/** Ends one session of one's own, everywhere within a minute. Ending it again changes nothing. @throws session.not_found */
export const end = capability("session.end", { input: ASession, allow: ROLES }, async ({ sessionId }, { actor, now }) => {
  const userId = userIdOf(actor)!;
  const [session, user] = await Promise.all([find(userId, sessionId), User.theUser(userId)]);
  if (!session) throw sessionNotFound();
  if (session.revokedAt !== undefined) return;
  const patch = Sessions.patch({ userId, sessionId }).set({ revokedAt: isoOf(now) });
  await transact(User.subjectOf(user), [SessionEnded({ userId, sessionId })], (head) => [User.accessChangeOf(user, head), write(patch)]);
  User.forget(userId);
});

/** Ends every session of one's own, the one that asks included, everywhere within a minute. */
export const endAll = capability("session.end_all", { input: NoInput, allow: ROLES }, (_, { actor, now }) => endedAll(userIdOf(actor)!, now));

/** Ends every session of a user, for admins. @throws user.not_found */
export const endAllOf = capability("session.end_all_of", { input: OfUser, allow: ["admin"], needs: "users:write" }, ({ userId }, { now }) =>
  endedAll(userId, now),
);

// Whatever began before this second is over; who signs in again begins later.
async function endedAll(userId: string, now: number): Promise<void> {
  const user = await User.theUser(userId);
  await transact(User.subjectOf(user), [SessionEnded({ userId })], (head) => [User.accessChangeOf(user, head, { signedOutAt: secondsOf(now) })]);
  User.forget(userId);
}
