import { ANYBODY } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { changedMeanwhile } from "../error.ts";
import type * as Event from "../event/index.ts";
import * as Person from "../person/index.ts";
import * as Ticket from "../ticket/index.ts";
import { isoOf, localWords } from "../time.ts";
import { OrderAttendeesChanged } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import { attendeesClosed, noSuchTicket, ticketNotValid } from "./errors.ts";
import { holdersOf, peopleNamed } from "./holders.ts";
import { accessTo, viewFor } from "./read.ts";
import { namesCloseAt, renamed, takesNames, ticketCount } from "./rules/attendees.ts";
import { NameAttendees, type AttendeeChanges } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

/**
 * Says who comes with which ticket, or gives tickets back to the buyer; tickets that are not named stay as they are. Of a
 * fulfilled order the tickets change hands in the same transaction. Naming the same people again changes nothing.
 * @throws order.not_found, order.attendees_closed, order.no_such_ticket, order.ticket_not_valid
 */
export const nameAttendees = capability(
  "order.name_attendees",
  { input: NameAttendees, allow: [...ANYBODY, "key"], needs: "orders:write" },
  async ({ orderId, attendees }, { actor, now }) => {
    const { order, event } = await accessTo(actor, orderId);
    checkOpen(order, event, isoOf(now));
    const tickets = order.status === "fulfilled" ? await Ticket.listByOrder(orderId) : [];
    checkTickets(order, tickets, attendees);
    return Person.naming(async (idOf) => {
      const { namings, people } = peopleNamed(attendees, idOf);
      const { holders, changed } = renamed(holdersOf(order, tickets), namings, order.personId);
      if (changed.length === 0) return viewFor(actor, order);

      const handed = tickets.filter(({ n }) => changed.includes(n));
      const remembered = await Person.remembering(people, { at: isoOf(now), reason: orderId });
      const head = await transact(subjectOf(order), [OrderAttendeesChanged({ orderId, eventId: order.eventId, ticketNumbers: changed })], (head) => [
        write(changeOf(order, head, { holders })),
        ...handed.map((ticket) => write(Ticket.handing(ticket, holders[ticket.n] ?? order.personId), (standing) => lost(attendees, ticket.n, standing))),
        ...remembered,
      ]);
      return viewFor(actor, { ...order, ...head, holders });
    });
  },
);

function checkOpen(order: OrderRow, event: Event.EventRow, at: string): void {
  if (!takesNames(order.status)) throw attendeesClosed(`The order is ${order.status}.`);
  const until = namesCloseAt(event);
  if (at >= until) throw attendeesClosed(`People could be named until ${localWords(until, event.timeZone)}.`, { facts: { attendeesUntil: until } });
}

function checkTickets(order: OrderRow, tickets: readonly Ticket.TicketRow[], attendees: AttendeeChanges["attendees"]): void {
  const count = ticketCount(order.lines);
  const fields = attendees.flatMap(({ ticketNumber }, i) =>
    ticketNumber > count ? [{ path: `attendees.${i}.ticketNumber`, message: `Must be between 1 and ${count}.` }] : [],
  );
  if (fields.length > 0) throw noSuchTicket(`The order has ${count} ${count === 1 ? "ticket" : "tickets"}.`, { fields });
  const stopped = tickets.find(({ n, status }) => status !== "valid" && attendees.some(({ ticketNumber }) => ticketNumber === n));
  if (stopped) throw notValid(attendees, stopped.n, stopped.status);
}

// Between reading and writing: it was suspended or revoked, or somebody else gave it away.
function lost(attendees: AttendeeChanges["attendees"], n: number, standing: Record<string, unknown> | undefined) {
  if (standing?.["status"] === "valid") return changedMeanwhile("Read the order again and repeat your change.");
  return notValid(attendees, n, String(standing?.["status"]));
}

function notValid(attendees: AttendeeChanges["attendees"], n: number, status: string) {
  const i = attendees.findIndex(({ ticketNumber }) => ticketNumber === n);
  return ticketNotValid(`Ticket ${n} is ${status}: leave it out.`, { fields: [{ path: `attendees.${i}.ticketNumber`, message: `It is ${status}.` }] });
}
