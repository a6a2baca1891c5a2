import { defineError } from "../error.ts";

const notFound = defineError("webhook.not_found", "missing", "Not found");
export const webhookNotFound = () => notFound("There is nothing here.");
/** Signed, or addressed as only the vendor can, and still no event. */
export const bodyInvalid = defineError("webhook.body_invalid", "malformed", "Not an event");
