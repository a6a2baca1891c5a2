import { actorRef, TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { again } from "../retry.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { governed, refuseOwner, untilFor } from "./authority.ts";
import { find, viewOf } from "./read.ts";
import { GiveGrant } from "./schema.ts";
import { giving } from "./write.ts";

/**
 * Gives somebody a role for one thing, everywhere within a minute. Given again it changes when it ends, or nothing.
 * @throws event.not_found, user.not_found, user.not_active, grant.is_owner, grant.outlasts_yours
 */
export const give = capability("grant.give", { input: GiveGrant, allow: TEAM, needs: "organizers:write" }, async (input, { actor, now }) => {
  const { userId, role, scope } = input;
  const event = await governed(actor, scope);
  refuseOwner(event, userId, role);
  const expiresAt = untilFor(actor, event, { asked: input.expiresAt, field: "expiresAt" }, now);
  const named = { userId, role, scopeType: scope.type, scopeId: scope.id };
  return again(async () => {
    // In this order: whatever is granted or taken after the user was read is met by their version.
    const user = await User.theActive(userId);
    const standing = await find(named, isoOf(now));
    if (standing && standing.expiresAt === expiresAt) return viewOf(standing);
    const until = expiresAt === undefined ? {} : { expiresAt };
    const grant = { ...named, ...until, grantedBy: actorRef(actor), createdAt: standing?.createdAt ?? isoOf(now) };
    const given = giving(grant);
    await transact(User.subjectOf(user), [given.event], (head) => [User.accessChangeOf(user, head), given.write]);
    User.forget(userId);
    return viewOf(grant);
  });
});
