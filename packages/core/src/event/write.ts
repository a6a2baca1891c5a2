import { copying, uncopying } from "../copy/index.ts";
import { standing, type Head, type Subject } from "../db/journal.ts";
import { write, type Write } from "../db/transact.ts";
import type { TicketTypeId } from "../id.ts";
import type { Pool } from "../pool/index.ts";
import { Events, type EventRow } from "./entity.ts";
import type { Offer } from "./rules/status.ts";
import type { SharedCapacity } from "./schema.ts";

/** The event as its journal sees it. */
export function subjectOf(event: EventRow): Subject {
  return standing("event", event.eventId, event);
}

/** The writes of a change of the event, on condition that nobody changed it or what it offers since it was read. */
export function changesOf(
  event: EventRow,
  head: Head,
  change: Partial<Omit<EventRow, "eventId">>,
  gone: readonly ("description" | "registrationDeadline" | "attendeesUntil" | "refundPolicy" | "seo")[] = [],
): Write[] {
  const patch = Events.patch({ eventId: event.eventId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version, offers }, { eq }) => `${eq(version, event.version)} AND ${eq(offers, event.offers)}`);
  const after = { ...event, ...change, ...head };
  for (const name of gone) delete after[name];
  return [write(patch), ...copiesAfter(event, after)];
}

/**
 * Sets the event's offers on condition that nobody changed the event since it was read. The event keeps its own version:
 * a change of its offers is the ticket type's story, not its own.
 */
export function offering(event: EventRow, offers: readonly Offer[]): Write[] {
  const patch = Events.patch({ eventId: event.eventId })
    .set({ offers: [...offers] })
    .where((standing, { eq }) => `${eq(standing.version, event.version)} AND ${eq(standing.offers, event.offers)}`);
  return [write(patch), ...copiesAfter(event, { ...event, offers: [...offers] })];
}

/** The event's deletion, as `changesOf` conditions a change. */
export function deletionOf(event: EventRow): Write[] {
  const deletion = Events.delete({ eventId: event.eventId }).where(
    (standing, { eq }) => `${eq(standing.version, event.version)} AND ${eq(standing.offers, event.offers)}`,
  );
  return [write(deletion), ...(isCrowded(event) ? uncopying(copiedAs(event.eventId)) : [])];
}

/** Does it offer a type in high demand? Then it is read by as many (`copy/entity.ts`). */
export function isCrowded({ offers }: Pick<EventRow, "offers">): boolean {
  return (offers as readonly Offer[]).some(({ groups }) => groups > 1);
}

/** The name of the event's row among those that are copied. */
export function copiedAs(eventId: string): string {
  return `EVENT#${eventId}`;
}

function copiesAfter(before: EventRow, after: EventRow): Write[] {
  if (isCrowded(after)) return copying(copiedAs(after.eventId), after);
  return isCrowded(before) ? uncopying(copiedAs(before.eventId)) : [];
}

/** The room as a pool. */
export function roomOf(event: Pick<EventRow, "eventId" | "capacity" | "capacityGroups">): Pool {
  return { poolId: event.eventId, eventId: event.eventId, groups: event.capacityGroups, seats: event.capacity };
}

/** A shared capacity as a pool. */
export function sharedPoolOf({ eventId }: Pick<EventRow, "eventId">, { capacityId, groups, seats }: SharedCapacity): Pool {
  return { poolId: capacityId, eventId, groups, seats };
}

/** What of the room and its shared parts are pools: all of them, or those that orders of one type claim from. */
export function roomPoolsOf(event: EventRow, ticketTypeId?: string): Pool[] {
  const shared = capacitiesOf(event).filter(({ binds, ticketTypeIds }) => binds && (ticketTypeId === undefined || ticketTypeIds.includes(ticketTypeId)));
  return [...shared.map((capacity) => sharedPoolOf(event, capacity)), ...(event.capacityBinds ? [roomOf(event)] : [])];
}

/** The shared capacities of an event. */
export function capacitiesOf(event: Pick<EventRow, "capacities">): SharedCapacity[] {
  return event.capacities as SharedCapacity[];
}

/** The types an event offers. */
export function ticketTypeIdsOf(event: EventRow): TicketTypeId[] {
  return (event.offers as Offer[]).map(({ ticketTypeId }) => ticketTypeId as TicketTypeId);
}

/** Every pool of an event: the stock of its limited types, and what binds of its room. */
export function poolsOf(event: EventRow): Pool[] {
  const stocks = (event.offers as Offer[]).flatMap(({ ticketTypeId, groups, quantityTotal }) =>
    quantityTotal === null ? [] : [{ poolId: ticketTypeId, eventId: event.eventId, groups, seats: quantityTotal }],
  );
  return [...stocks, ...roomPoolsOf(event)];
}
