import { type Actor, isAdmin, type Scope, TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { standing, type Subject } from "../db/journal.ts";
import { notAllowed } from "../error.ts";
import * as Event from "../event/index.ts";
import { pageOf } from "../page.ts";
import * as Person from "../person/index.ts";
import { isoOf } from "../time.ts";
import { Invitations, type InvitationRow, listOf } from "./entity.ts";
import { invitationNotFound } from "./errors.ts";
import { AnInvitation, type InvitationView, ListInvitations, type MadeInvitation } from "./schema.ts";
import { tokenOf } from "./token.ts";

/** The row of an invitation, or undefined. Strongly consistent. */
export async function find(invitationId: string): Promise<InvitationRow | undefined> {
  const { data } = await Invitations.get({ invitationId }).go({ consistent: true });
  return data ?? undefined;
}

/** The row of an invitation that this actor may see and withdraw. @throws invitation.not_found, for a foreign one too */
export async function managedBy(actor: Actor, invitationId: string): Promise<InvitationRow> {
  const invitation = await find(invitationId);
  const allowed = await manages(actor, invitation && scopeOf(invitation));
  if (!invitation || !allowed) throw invitationNotFound();
  return invitation;
}

async function manages(actor: Actor, scope: Scope | undefined): Promise<boolean> {
  if (isAdmin(actor)) return true;
  const event = await Event.findOf(scope?.type === "event" ? { eventId: scope.id } : undefined);
  return event !== undefined && Event.manages(actor, event);
}

/** Can it be accepted at this instant? */
export function isOpen({ status, expiresAt }: InvitationRow, at: string): boolean {
  return status === "open" && at < expiresAt;
}

/** The one thing that it is for; undefined when the role becomes their own. */
export function scopeOf({ scopeType, scopeId }: InvitationRow): Scope | undefined {
  return scopeType && scopeId ? { type: scopeType, id: scopeId } : undefined;
}

/** The invitation as its journal sees it. */
export function subjectOf(invitation: InvitationRow): Subject {
  return standing("invitation", invitation.invitationId, invitation);
}

/** What was answered when it was made, or undefined when it was not: for a call that is repeated. */
export const remake = capability(
  "invitation.remake",
  { input: AnInvitation, allow: TEAM, needs: "organizers:write" },
  async ({ invitationId }, { actor, now }) => ((await find(invitationId)) ? madeView(await managedBy(actor, invitationId), isoOf(now)) : undefined),
);

/** Invitations to an event, for those who manage it; without one, to roles of one's own, for admins. @throws event.not_found */
export const list = capability(
  "invitation.list",
  { input: ListInvitations, allow: TEAM, needs: "organizers:read" },
  async ({ eventId, ...query }, { actor, now }) => {
    if (eventId) await Event.managedBy(actor, eventId);
    else if (!isAdmin(actor)) throw notAllowed("Ask for the invitations to an event that you manage.");
    const list = listOf(eventId && { type: "event", id: eventId });
    const page = await pageOf(Invitations.query.byList({ list }), query, ["invitations", list], (row) => row);
    const people = new Map((await Person.findAll(page.items.map(({ personId }) => personId))).map((person) => [person.personId, person]));
    return { ...page, items: page.items.map((row) => faceOf(row, people.get(row.personId), isoOf(now))) };
  },
);

/** The face of an invitation for whoever made it just now, with the secret if they are to pass it on. */
export async function madeView(invitation: InvitationRow, at: string): Promise<MadeInvitation> {
  const token = invitation.via === "email" ? tokenOf(invitation.invitationId) : null;
  return { ...faceOf(invitation, await Person.find(invitation.personId), at), token };
}

function faceOf(invitation: InvitationRow, person: Person.KnownPerson | undefined, at: string): InvitationView {
  const { invitationId: id, role, via, expiresAt, createdAt } = invitation;
  return {
    ...{ id, role, via, expiresAt, createdAt },
    status: invitation.status === "open" && !isOpen(invitation, at) ? "expired" : invitation.status,
    scope: scopeOf(invitation) ?? null,
    ...{ name: person?.name ?? null, email: person?.email ?? null, phone: person?.phone ?? null },
    grantExpiresAt: invitation.grantUntil ?? null,
    acceptedBy: invitation.acceptedBy ?? null,
  };
}
