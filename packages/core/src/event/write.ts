import type { Head, Subject } from "../db/journal.ts";
import type { TicketTypeId } from "../id.ts";
import type { Pool } from "../pool/index.ts";
import type { Offer } from "./rules/status.ts";
import { Events, type EventRow } from "./entity.ts";

/** The event as its journal sees it. */
export function subjectOf(event: EventRow): Subject {
  return { type: "event", id: event.eventId, version: event.version, auditHash: event.auditHash };
}

/** A change of the event on condition that nobody changed it since it was read. */
export function changeOf(
  event: EventRow,
  head: Head,
  change: Partial<Omit<EventRow, "eventId">>,
  gone: readonly ("description" | "registrationDeadline" | "attendeesUntil" | "seo")[] = [],
) {
  return Events.patch({ eventId: event.eventId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version }, { eq }) => eq(version, event.version));
}

/** The room as a pool, with as many groups as its busiest type. */
export function roomOf(event: Pick<EventRow, "eventId" | "capacity" | "offers">): Pool {
  const groups = (event.offers as Offer[]).reduce((most, offer) => Math.max(most, offer.groups), 1);
  return { poolId: event.eventId, eventId: event.eventId, groups: groups, seats: event.capacity };
}

/** The types an event offers. */
export function ticketTypeIdsOf(event: EventRow): TicketTypeId[] {
  return (event.offers as Offer[]).map(({ ticketTypeId }) => ticketTypeId as TicketTypeId);
}

/** Every pool of an event: the stock of its limited types, and the room when it binds. */
export function poolsOf(event: EventRow): Pool[] {
  const stocks = (event.offers as Offer[]).flatMap(({ ticketTypeId, groups, quantityTotal }) =>
    quantityTotal === null ? [] : [{ poolId: ticketTypeId, eventId: event.eventId, groups, seats: quantityTotal }],
  );
  return event.capacityBinds ? [...stocks, roomOf(event)] : stocks;
}
