import { actorRef, isAdmin, managerIdOf, TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { notAllowed } from "../error.ts";
import * as Grant from "../grant/index.ts";
import * as Person from "../person/index.ts";
import { DAY_MS, isoOf } from "../time.ts";
import { InvitationMade } from "./domain-events.ts";
import { Invitations, listOf } from "./entity.ts";
import { madeView } from "./read.ts";
import { Invite } from "./schema.ts";

const DAYS = 7;

/**
 * Invites somebody by e-mail or WhatsApp: to a role for one thing, by whoever may give it; to a role of their own, by admins.
 * It can be accepted for seven days, and no longer than what it gives.
 * @throws event.not_found, grant.outlasts_yours
 */
export const invite = capability("invitation.invite", { input: Invite, allow: TEAM, needs: "organizers:write" }, async (input, { actor, now }) => {
  const { invitationId, role, scope, email, phone } = input;
  if (!scope && !isAdmin(actor)) throw notAllowed("Give a scope: only admins invite to a role of one's own.");
  const event = scope && (await Grant.governed(actor, scope));
  const grantUntil = scope && Grant.untilFor(actor, event, { asked: input.grantExpiresAt, field: "grantExpiresAt" }, now);
  const week = isoOf(now + DAYS * DAY_MS);
  const contact = { name: input.name ?? email ?? phone!, ...(email ? { email } : {}), ...(phone ? { phone } : {}) };
  const via = phone ? ("whatsapp" as const) : ("email" as const);
  const at = isoOf(now);
  return Person.naming(async (idOf) => {
    const personId = idOf(contact);
    const remembered = await Person.remembering([[personId, contact]], { at, reason: invitationId });
    const row = {
      ...{ invitationId, status: "open" as const, role, list: listOf(scope), via, personId, createdAt: at },
      ...(scope ? { scopeType: scope.type, scopeId: scope.id } : {}),
      contactKey: phone ? Person.phoneKeyOf(phone) : Person.emailKeyOf(email!),
      ...{ invitedBy: actorRef(actor), inviterId: managerIdOf(actor)! },
      ...(grantUntil === undefined ? {} : { grantUntil }),
      expiresAt: grantUntil !== undefined && grantUntil < week ? grantUntil : week,
    };
    const head = await transact(created("invitation", invitationId), [InvitationMade({ invitationId, via })], (head) => [
      write(Invitations.create({ ...row, ...head })),
      ...remembered,
    ]);
    return madeView({ ...row, ...head }, at);
  });
});
