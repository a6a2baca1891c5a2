import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const eventId = z.string();

export const EventCreated = defineDomainEvent("event.created", 1, z.object({ eventId }));
export const EventReplaced = defineDomainEvent("event.replaced", 1, z.object({ eventId }));
export const EventCapacitiesReplaced = defineDomainEvent("event.capacities_replaced", 1, z.object({ eventId, capacityIds: z.array(z.string()) }));
export const EventRemoved = defineDomainEvent("event.removed", 1, z.object({ eventId, ticketTypeIds: z.array(z.string()) }));
export const EventStatusChanged = defineDomainEvent("event.status_changed", 1, z.object({ eventId, from: z.string(), to: z.string(), at: z.string() }));
export const EventStockRecorded = defineDomainEvent("event.stock_recorded", 1, z.object({ eventId, soldOut: z.array(z.string()) }));
