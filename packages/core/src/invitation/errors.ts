import { defineError } from "../error.ts";

const notFound = defineError("invitation.not_found", "missing", "There is no such invitation");
/** Unknown, used, expired, withdrawn, or somebody else's: nobody can tell which. */
export const invitationNotFound = () => notFound("It may have been used, withdrawn or be over: ask whoever invited you for a new one.");
export const notAddressee = defineError("invitation.not_yours", "forbidden", "The invitation is for somebody else");
export const notNeeded = defineError("invitation.not_needed", "conflict", "The invitation would give you less than you have");
export const wasAccepted = defineError("invitation.accepted", "conflict", "The invitation was accepted");
