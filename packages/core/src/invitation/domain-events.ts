import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ invitationId: z.string() });

export const InvitationMade = defineDomainEvent("invitation.made", 1, z.object({ ...data.shape, via: z.enum(["email", "whatsapp"]) }));
export const InvitationAccepted = defineDomainEvent("invitation.accepted", 1, z.object({ ...data.shape, userId: z.string() }));
export const InvitationWithdrawn = defineDomainEvent("invitation.withdrawn", 1, data);
