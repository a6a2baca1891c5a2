import { type Actor, isAdmin, isMachine, READERS, ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { readAll } from "../db/read-all.ts";
import * as Event from "../event/index.ts";
import type { OrderId } from "../id.ts";
import { pageOf } from "../page.ts";
import * as Person from "../person/index.ts";
import * as Ticket from "../ticket/index.ts";
import { Orders, type OrderRow } from "./entity.ts";
import { orderNotFound } from "./errors.ts";
import { holdersOf } from "./holders.ts";
import type { Holders } from "./rules/attendees.ts";
import { hasTickets, isOver } from "./rules/status.ts";
import { AnOrder, type AttendeeView, ListMyOrders, type OrderSummary, type OrderView } from "./schema.ts";
import { currentAttempt } from "./write.ts";

const PAGE = 100;

/** The row of an order, or undefined. Strongly consistent. */
export async function find(orderId: string): Promise<OrderRow | undefined> {
  const { data } = await Orders.get({ orderId }).go({ consistent: true });
  return (data as OrderRow | null) ?? undefined;
}

/** The row of an order. @throws order.not_found */
export async function theOrder(orderId: string): Promise<OrderRow> {
  const order = await find(orderId);
  if (!order) throw orderNotFound();
  return order;
}

/** Is it this actor's own: they hold its link, bought it, or are one of our machines. */
function owns(actor: Actor, order: OrderRow): boolean {
  if (isMachine(actor)) return true;
  const userId = userIdOf(actor);
  return ("holds" in actor && actor.holds === order.orderId) || (userId !== undefined && userId === order.userId);
}

/** The order of its owner. @throws order.not_found, for a foreign one too */
export async function ownedBy(actor: Actor, orderId: OrderId): Promise<OrderRow> {
  const order = await theOrder(orderId);
  if (!owns(actor, order) && !isAdmin(actor)) throw orderNotFound();
  return order;
}

/** The order of whoever bought it, and of nobody else: its payment's answer holds the token that opens it. @throws order.not_found */
export async function boughtBy(actor: Actor, orderId: OrderId): Promise<OrderRow> {
  const order = await theOrder(orderId);
  if (!owns(actor, order)) throw orderNotFound();
  return order;
}

export type Access = { order: OrderRow; staff: boolean };

/** An order for its owner, the event's organizer or an admin; `staff` acts for the event. @throws order.not_found, for a foreign one too */
export async function accessTo(actor: Actor, orderId: string): Promise<Access & { event: Event.EventRow }> {
  const order = await find(orderId);
  const event = await Event.findOf(order);
  if (!order || !event) throw orderNotFound();
  const staff = Event.manages(actor, event);
  if (!staff && !owns(actor, order)) throw orderNotFound();
  return { order, event, staff };
}

/** An order for the organizer of its event and for admins. @throws order.not_found, for its buyer too */
export async function managedBy(actor: Actor, orderId: string): Promise<OrderRow> {
  const { order, staff } = await accessTo(actor, orderId);
  if (!staff) throw orderNotFound();
  return order;
}

/** One order with its tickets, by its owner, the event's organizer or an admin. @throws order.not_found */
export const get = capability("order.get", { input: AnOrder, allow: READERS, needs: "orders:read" }, async ({ orderId }, { actor }) => {
  const order = await find(orderId);
  if (!order || !owns(actor, order)) {
    const event = "hats" in actor && actor.hats.length > 0 ? await Event.findOf(order) : undefined;
    if (!order || !(Event.isDoorOf(actor, order.eventId) || (event && Event.manages(actor, event)))) throw orderNotFound();
  }
  return viewFor(actor, order);
});

/** The face of an order for one who may read it. A credential opens the door: only the order's owner gets it. */
export async function viewFor(actor: Actor, order: OrderRow): Promise<OrderView> {
  const view = await viewWithTickets(order);
  // A door sees who comes, and nothing to reach them by.
  if (actor.kind === "device") return withoutContacts(view);
  return owns(actor, order) ? view : { ...view, tickets: view.tickets.map((ticket) => ({ ...ticket, credential: "" })) };
}

function withoutContacts(view: OrderView): OrderView {
  return {
    ...view,
    tickets: view.tickets.map((ticket) => ({ ...ticket, credential: "" })),
    attendees: view.attendees.map((attendee) => ({ ...attendee, email: null, phone: null })),
  };
}

/** The face of an order with its tickets, once there are any, and whoever else was named for them: for its owner. */
export async function viewWithTickets(order: OrderRow): Promise<OrderView> {
  const tickets = hasTickets(order.status) ? await Ticket.listByOrder(order.orderId) : [];
  const holders = holdersOf(order, tickets);
  const people = new Map((await Person.findAll(Object.values(holders))).map((person) => [person.personId, person]));
  return faceOf(order, tickets, attendeesOf(holders, people));
}

function attendeesOf(holders: Holders, people: ReadonlyMap<string, Person.KnownPerson>): AttendeeView[] {
  return Object.entries(holders)
    .map(([number, personId]) => {
      const person = people.get(personId);
      return { ticketNumber: Number(number), name: person?.name ?? null, email: person?.email ?? null, phone: person?.phone ?? null };
    })
    .sort((a, b) => a.ticketNumber - b.ticketNumber);
}

function faceOf(order: OrderRow, tickets: readonly Ticket.TicketRow[], attendees: AttendeeView[]): OrderView {
  const declineCode = currentAttempt(order)?.declineCode;
  return {
    id: order.orderId,
    status: order.status,
    eventId: order.eventId,
    lines: order.lines,
    total: { amount: order.amount, currency: order.currency },
    expiresAt: isOver(order.status) ? null : order.expiresAt,
    extended: order.extended,
    paymentError: declineCode && !isOver(order.status) ? { code: declineCode } : null,
    tickets: tickets.map((ticket) => ({
      id: ticket.ticketId,
      number: ticket.n,
      ticketTypeId: ticket.ticketTypeId,
      credential: ticket.status === "revoked" ? "" : Ticket.credentialOf(ticket),
      status: ticket.status,
      holder: ticket.personId === order.personId ? ("buyer" as const) : ("attendee" as const),
    })),
    attendees,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
  };
}

/** Orders of one shard that are due at this instant, oldest first; at most `limit`. */
export async function listDue(shard: string, at: string, limit: number): Promise<OrderRow[]> {
  const { data } = await Orders.query.byDue({ dueShard: shard }).lte({ dueAt: at }).go({ limit });
  return data as OrderRow[];
}

/** Orders of one shard and event that are not over, whenever they are due. */
export async function listUnfinished(shard: string, event: string): Promise<OrderRow[]> {
  const { data } = await Orders.query
    .byDue({ dueShard: shard })
    .where(({ eventId }, { eq }) => eq(eventId, event))
    .go({ pages: "all" });
  return data as OrderRow[];
}

/** A page of what a user, or a guest by their person, bought, oldest first. `cursor`: of the page before; null after the last one. */
export async function pageOfBuyer(buyer: string, limit: number, cursor: string | undefined): Promise<{ orders: OrderRow[]; cursor: string | null }> {
  const page = await Orders.query.byBuyer({ soldTo: buyer }).go({ limit, cursor: cursor ?? null });
  return { orders: page.data as OrderRow[], cursor: page.cursor };
}

/** Everything that a user, or a guest by their person, bought, oldest first. The index is milliseconds behind. */
export async function listByBuyer(buyer: string): Promise<OrderRow[]> {
  const { data } = await Orders.query.byBuyer({ soldTo: buyer }).go({ pages: "all" });
  return data as OrderRow[];
}

/** A page of the orders of an event that were fulfilled, oldest first. `cursor`: of the page before; null after the last one. */
export async function pageOfSales(eventId: string, limit: number, cursor: string | undefined): Promise<{ orders: OrderRow[]; cursor: string | null }> {
  const page = await Orders.query.bySale({ soldFor: eventId }).go({ limit, cursor: cursor ?? null });
  return { orders: page.data as OrderRow[], cursor: page.cursor };
}

/** The orders of an event that were fulfilled from an instant until before another, oldest first, page by page. */
export async function* salesBetween(eventId: string, { from, to }: { from: string; to: string }): AsyncGenerator<OrderRow[]> {
  const query = Orders.query.bySale({ soldFor: eventId }).gte({ soldAt: from });
  let cursor: string | null = null;
  do {
    const page: { data: unknown[]; cursor: string | null } = await query.go({ cursor, limit: PAGE });
    const rows = page.data as OrderRow[];
    const inTime = rows.filter(({ soldAt }) => soldAt! < to);
    yield inTime;
    cursor = inTime.length < rows.length ? null : page.cursor;
  } while (cursor !== null);
}

/** The rows of orders, of those that there are. Strongly consistent. */
export async function findAll(orderIds: readonly string[]): Promise<OrderRow[]> {
  const found: OrderRow[] = [];
  for (let i = 0; i < orderIds.length; i += PAGE) {
    const keys = orderIds.slice(i, i + PAGE).map((orderId) => ({ orderId }));
    found.push(...((await readAll(keys, (some) => Orders.get(some).go({ consistent: true }))) as OrderRow[]));
  }
  return found;
}

/** What whoever asks bought, signed in or as a guest whose contact they proved to be theirs: sold orders, newest first. */
export const listMine = capability("order.list_mine", { input: ListMyOrders, allow: ROLES }, async (input, { actor }) => {
  const userId = userIdOf(actor)!;
  const query = Orders.query.byBuyer({ soldTo: userId });
  const newestFirst = { go: (options: { limit: number; cursor?: string | null }) => query.go({ ...options, order: "desc" }) };
  return pageOf(newestFirst, input, ["orders", userId], (row) => summaryOf(row as OrderRow));
});

function summaryOf({ orderId: id, status, eventId, lines, amount, currency, createdAt, updatedAt }: OrderRow): OrderSummary {
  return { id, status, eventId, lines, total: { amount, currency }, createdAt, updatedAt };
}
