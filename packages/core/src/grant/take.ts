import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { again } from "../retry.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { governed, refuseOwner } from "./authority.ts";
import { GrantTaken } from "./domain-events.ts";
import { grantNotFound } from "./errors.ts";
import { find } from "./read.ts";
import { TakeGrant } from "./schema.ts";
import { taking } from "./write.ts";

/**
 * Takes a role for one thing away, everywhere within a minute: for those who may give it, and for whoever has it.
 * @throws event.not_found, grant.not_found, grant.is_owner
 */
export const take = capability(
  "grant.take",
  { input: TakeGrant, allow: [...ROLES, "key"], needs: "organizers:write" },
  async ({ userId, role, scope }, { actor, now }) => {
    const ownEvent = userIdOf(actor) === userId && scope.type === "event" ? await Event.find(scope.id) : undefined;
    const event = userIdOf(actor) === userId ? ownEvent : await governed(actor, scope);
    refuseOwner(event, userId, role);
    const named = { userId, role, scopeType: scope.type, scopeId: scope.id };
    await again(async () => {
      const user = await User.find(userId);
      if (!user || !(await find(named, isoOf(now)))) throw grantNotFound();
      await transact(User.subjectOf(user), [GrantTaken(named)], (head) => [User.accessChangeOf(user, head), taking(named)]);
    });
    User.forget(userId);
  },
);
