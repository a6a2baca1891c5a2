import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import * as Grant from "../grant/index.ts";
import { again } from "../retry.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { InvitationAccepted } from "./domain-events.ts";
import { Invitations, type InvitationRow } from "./entity.ts";
import { invitationNotFound, notAddressee, notNeeded } from "./errors.ts";
import { find, isOpen, scopeOf } from "./read.ts";
import { isAddressee } from "./rules/addressee.ts";
import { AcceptInvitation, type AcceptedInvitation } from "./schema.ts";
import { invitationIn } from "./token.ts";

/**
 * Accepts an invitation with the secret of its link: what it gives and its end are one transaction, so of two who accept it one
 * does. Repeated by the same user it changes nothing.
 * @throws invitation.not_found, invitation.not_yours, invitation.not_needed, grant.is_owner, user.not_active
 */
export const accept = capability("invitation.accept", { input: AcceptInvitation, allow: ROLES }, async ({ token }, { actor, now }) => {
  const invitationId = invitationIn(token);
  if (!invitationId) throw invitationNotFound();
  const userId = userIdOf(actor)!;
  return again(async (): Promise<AcceptedInvitation> => {
    const [user, invitation] = await Promise.all([User.theActive(userId), find(invitationId)]);
    if (!invitation) throw invitationNotFound();
    const answer = { role: invitation.role, scope: scopeOf(invitation) ?? null };
    if (invitation.acceptedBy === userId) return answer;
    const event = answer.scope?.type === "event" ? await Event.find(answer.scope.id) : undefined;
    const backing = isOpen(invitation, isoOf(now)) ? await backingOf(invitation, event, isoOf(now)) : undefined;
    if (!backing) throw invitationNotFound();
    if (!isAddressee(invitation, user)) throw notAddressee("Sign in with the e-mail address or phone number that it was sent to.");
    Grant.refuseOwner(event, userId, invitation.role);
    const { change, events, writes } = await givenBy(invitation, user, backing, isoOf(now));
    await transact(User.subjectOf(user), [InvitationAccepted({ invitationId, userId }), ...events], (head) => [
      ending(invitation, userId, isoOf(now)),
      User.accessChangeOf(user, head, change),
      ...writes,
    ]);
    User.forget(userId);
    return answer;
  });
});

// Its version stays: that it is accepted is the user's story.
function ending({ invitationId }: InvitationRow, acceptedBy: string, at: string) {
  const patch = Invitations.patch({ invitationId })
    .set({ status: "accepted", acceptedBy })
    .where(({ status, expiresAt }, { eq, gt }) => `${eq(status, "open")} AND ${gt(expiresAt, at)}`);
  return write(patch, invitationNotFound);
}

/** Until when whoever invited may give it now; undefined when they may not any more: then nobody accepts it. */
async function backingOf({ inviterId, scopeType }: InvitationRow, event: Event.EventRow | undefined, at: string): Promise<{ until?: string } | undefined> {
  const inviter = await User.find(inviterId);
  if (inviter?.status !== "active" || (scopeType === "event" && !event)) return undefined;
  if (inviter.role === "admin") return {};
  if (!event) return undefined;
  if (event.organizerId === inviterId && inviter.role === "organizer") return {};
  const grant = await Grant.find({ userId: inviterId, role: "organizer", scopeType: "event", scopeId: event.eventId }, at);
  return grant && (grant.expiresAt === undefined ? {} : { until: grant.expiresAt });
}

/** What accepting it changes: a grant that lasts as long as the longer of this one and one that stands, or the user's own role. */
async function givenBy(invitation: InvitationRow, user: User.UserRow, backing: { until?: string }, at: string) {
  const { role, scopeType, scopeId, invitedBy } = invitation;
  if (!scopeType || !scopeId) {
    if (user.role === "admin") throw notNeeded("You are an admin: as such you may do all of it.");
    const { change, event } = User.becoming(user, role);
    return { change, events: [event], writes: [] };
  }
  const named = { userId: user.userId, role, scopeType, scopeId };
  const standing = await Grant.find(named, at);
  const until = earlier(invitation.grantUntil, backing.until);
  const lasting = standing ? later(until, standing.expiresAt) : until;
  const { event, write } = Grant.giving({
    ...{ ...named, grantedBy: invitedBy, createdAt: standing?.createdAt ?? at },
    ...(lasting === undefined ? {} : { expiresAt: lasting }),
  });
  return { change: {}, events: [event], writes: [write] };
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined;
  return one > other ? one : other;
}
