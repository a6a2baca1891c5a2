import { defineError } from "../error.ts";

const notFound = defineError("grant.not_found", "missing", "There is no such grant");
export const grantNotFound = () => notFound("GET /me/grants lists yours, GET /events/{id}/organizers those of an event that you manage.");
export const isOwner = defineError("grant.is_owner", "conflict", "The event is theirs");
export const outlastsYours = defineError("grant.outlasts_yours", "unprocessable", "What was granted to you ends before that");
