import * as TicketType from "@fashionistas/core/ticket-type";
import { onDomainEvent } from "../../edge.ts";

/** Lays out the stock that a crash left half laid. */
export const handler = onDomainEvent("fit-stock", ({ aggregate }) => TicketType.fitStock({ ticketTypeId: aggregate.id }));
