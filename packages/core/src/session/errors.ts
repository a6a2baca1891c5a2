import { defineError } from "../error.ts";

const notFound = defineError("session.not_found", "missing", "There is no such session");
export const sessionNotFound = () => notFound("GET /me/sessions lists yours.");
export const sessionEnded = defineError("session.ended", "unauthenticated", "This session was ended");
