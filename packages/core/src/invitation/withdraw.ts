import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { again } from "../retry.ts";
import { InvitationWithdrawn } from "./domain-events.ts";
import { Invitations } from "./entity.ts";
import { wasAccepted } from "./errors.ts";
import { managedBy, subjectOf } from "./read.ts";
import { AnInvitation } from "./schema.ts";

/** Nobody accepts it any more. Repeating it changes nothing. @throws invitation.not_found, invitation.accepted */
export const withdraw = capability("invitation.withdraw", { input: AnInvitation, allow: TEAM, needs: "organizers:write" }, ({ invitationId }, { actor }) =>
  again(async () => {
    const invitation = await managedBy(actor, invitationId);
    if (invitation.status === "withdrawn") return;
    if (invitation.status === "accepted") throw wasAccepted("Take away what it gave: DELETE /grants, or DELETE /events/{id}/organizers/{userId}.");
    await transact(subjectOf(invitation), [InvitationWithdrawn({ invitationId })], (head) => [
      write(
        Invitations.patch({ invitationId })
          .set({ status: "withdrawn", ...head })
          .where(({ status, version }, { eq }) => `${eq(status, "open")} AND ${eq(version, invitation.version)}`),
      ),
    ]);
  }),
);
