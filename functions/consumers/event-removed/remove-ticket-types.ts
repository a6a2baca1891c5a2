import { EventRemoved } from "@fashionistas/core/event/domain-events";
import * as TicketType from "@fashionistas/core/ticket-type";
import { onDomainEvent } from "../../edge.ts";

/** Clears away what a deleted draft offered. */
export const handler = onDomainEvent("remove-ticket-types", (envelope) => TicketType.removeOfEvent({ ticketTypeIds: EventRemoved.of(envelope).ticketTypeIds }));
