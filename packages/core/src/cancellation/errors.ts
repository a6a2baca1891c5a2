import { defineError } from "../error.ts";

export const notCancelled = defineError("cancellation.not_found", "missing", "The event was not cancelled");
