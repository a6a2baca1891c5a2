import { defineError } from "../error.ts";

export const ticketInvalid = defineError("realtime.ticket_invalid", "unauthenticated", "The ticket is unknown, used or expired");
export const tooManyMessages = defineError("realtime.too_many_messages", "too_many", "At most 100 messages a minute");
