import type { PersonId } from "../id.ts";
import type * as Person from "../person/index.ts";
import type { TicketRow } from "../ticket/index.ts";
import type { OrderRow } from "./entity.ts";
import type { Holders, Naming } from "./rules/attendees.ts";

/** People as they were named for tickets: what the order keeps of them, and the contacts to remember, each person once. */
export function peopleNamed(
  named: readonly { ticketNumber: number; attendee: Person.Contact | null }[],
  idOf: Person.IdOf,
): { namings: Naming[]; people: Map<PersonId, Person.Contact> } {
  const people = new Map<PersonId, Person.Contact>();
  const namings = named.map(({ ticketNumber, attendee }): Naming => {
    if (!attendee) return { ticketNumber, personId: null };
    const personId = idOf(attendee);
    if (!people.has(personId)) people.set(personId, attendee);
    return { ticketNumber, personId };
  });
  return { namings, people };
}

/** Who holds the tickets that the buyer does not: once they are issued the tickets say so, before that the order. */
export function holdersOf(order: Pick<OrderRow, "personId" | "holders">, tickets: readonly TicketRow[]): Holders {
  if (tickets.length === 0) return order.holders ?? {};
  return Object.fromEntries(tickets.filter(({ personId }) => personId !== order.personId).map(({ n, personId }) => [n, personId]));
}
