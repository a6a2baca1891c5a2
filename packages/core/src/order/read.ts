import { isMachine, userIdOf, type Actor } from "../actor.ts";
import { capability } from "../capability.ts";
import * as Event from "../event/index.ts";
import type { OrderId } from "../id.ts";
import * as Ticket from "../ticket/index.ts";
import { Orders, type OrderRow } from "./entity.ts";
import { orderNotFound } from "./errors.ts";
import { hasTickets, isOver } from "./rules/status.ts";
import { AnOrder, type OrderView } from "./schema.ts";
import { currentAttempt } from "./write.ts";

const READERS = ["public", "attendee", "sponsor", "designer", "model", "organizer", "admin", "webhook", "schedule", "system"] as const;

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
  if (!owns(actor, order) && actor.kind !== "admin") throw orderNotFound();
  return order;
}

/** One order with its tickets, by its owner, the event's organizer or an admin. @throws order.not_found */
export const get = capability("order.get", { input: AnOrder, allow: READERS }, async ({ orderId }, { actor }) => {
  const order = await theOrder(orderId);
  if (!owns(actor, order)) {
    const event = actor.kind === "organizer" || actor.kind === "admin" ? await Event.find(order.eventId) : undefined;
    if (!event || !Event.manages(actor, event)) throw orderNotFound();
  }
  const view = await viewWithTickets(order);
  // A credential opens the door: only its owner gets it.
  return owns(actor, order) ? view : { ...view, tickets: view.tickets.map((ticket) => ({ ...ticket, credential: "" })) };
});

/** The face of an order together with its tickets, once there are any. */
export async function viewWithTickets(order: OrderRow): Promise<OrderView> {
  return viewOf(order, hasTickets(order.status) ? await Ticket.listByOrder(order.orderId) : []);
}

/** The face of a row. */
export function viewOf(order: OrderRow, tickets: readonly Ticket.TicketRow[]): OrderView {
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
      ticketTypeId: ticket.ticketTypeId,
      credential: Ticket.credentialOf(ticket),
      status: ticket.status,
    })),
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
  };
}

/** Orders of one shard that are due at this instant, oldest first; at most `limit`. */
export async function listDue(shard: string, at: string, limit: number): Promise<OrderRow[]> {
  const { data } = await Orders.query.byDue({ dueShard: shard }).lte({ dueAt: at }).go({ limit });
  return data as OrderRow[];
}

const SCANNED_AT_ONCE = 1_000;

/**
 * A page of all orders there are, in no order, some of whose pages are empty: reads the whole table, for the daily check of
 * everything and for nothing else.
 */
export async function pageOfAll(cursor: string | null): Promise<{ orders: OrderRow[]; cursor: string | null }> {
  const { data, cursor: next } = await Orders.scan.go({ cursor, limit: SCANNED_AT_ONCE });
  return { orders: data as OrderRow[], cursor: next };
}
