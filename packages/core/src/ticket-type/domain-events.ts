import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const ids = z.object({ ticketTypeId: z.string(), eventId: z.string() });

export const TicketTypeCreated = defineDomainEvent("ticket_type.created", 1, ids);
export const TicketTypeReplaced = defineDomainEvent("ticket_type.replaced", 1, ids);
export const TicketTypeRemoved = defineDomainEvent("ticket_type.removed", 1, ids);
