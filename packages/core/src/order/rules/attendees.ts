/**
 * Who comes with which ticket. Tickets are numbered from 1 in the order of the lines; each is held by the buyer until
 * somebody else is named for it.
 *
 *   named    with the order, or later while it is held, awaiting payment or fulfilled
 *   until    attendeesUntil of the event, exclusive; the event's start when it says nothing
 *   null     gives the ticket back to the buyer; so does naming the buyer
 *
 * Worked example: lines of 2 and 1, the attendees [null, Bea] and [Cleo] → ticket 1 the buyer, 2 Bea, 3 Cleo.
 */
import type { OrderStatus } from "../schema.ts";

/** Ticket number → the person who holds it in the buyer's stead. */
export type Holders = Record<string, string>;

/** Somebody, or the buyer (null), for one ticket. */
export type Naming = { ticketNumber: number; personId: string | null };

const OPEN: readonly OrderStatus[] = ["held", "awaiting_payment", "fulfilled"];

/** May people be named for the tickets of an order in this status? */
export function takesNames(status: OrderStatus): boolean {
  return OPEN.includes(status);
}

/** The instant from which nobody is named any more. */
export function namesCloseAt({ attendeesUntil, startsAt }: { attendeesUntil?: string | undefined; startsAt: string }): string {
  return attendeesUntil ?? startsAt;
}

/** How many tickets the lines make. */
export function ticketCount(lines: readonly { quantity: number }[]): number {
  return lines.reduce((tickets, { quantity }) => tickets + quantity, 0);
}

/** What is said of each ticket in lines that name their attendees: one entry per attendee, with the ticket's number. */
export function numbered<T>(lines: readonly { quantity: number; attendees?: readonly T[] | undefined }[]): { ticketNumber: number; attendee: T }[] {
  return lines.flatMap(({ attendees = [] }, i) => {
    const before = ticketCount(lines.slice(0, i));
    return attendees.map((attendee, n) => ({ ticketNumber: before + n + 1, attendee }));
  });
}

/** The holders after some were named, and the numbers of the tickets that changed hands. */
export function renamed(holders: Holders, namings: readonly Naming[], buyerId: string): { holders: Holders; changed: number[] } {
  const after = { ...holders };
  for (const { ticketNumber, personId } of namings) {
    if (personId === null || personId === buyerId) delete after[ticketNumber];
    else after[ticketNumber] = personId;
  }
  const changed = namings.map(({ ticketNumber }) => ticketNumber).filter((ticketNumber) => after[ticketNumber] !== holders[ticketNumber]);
  return { holders: after, changed: changed.sort((a, b) => a - b) };
}
