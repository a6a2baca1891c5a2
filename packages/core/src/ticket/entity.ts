/**
 * An issued ticket: one seat of one person at one event. Its id follows from its order (`tkt_<order>-<n>`), so issuing twice
 * issues once. It lives in its order's partition.
 *
 *  1. The owner of an order sees its tickets.                          byOrder
 *  2. A ticket is opened by its id, which names its order.             byOrder
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import type { TicketId } from "../id.ts";

export const Tickets = new Entity(
  {
    model: { entity: "ticket", version: "1", service: SERVICE },
    attributes: {
      orderId: { type: "string", required: true },
      n: { type: "number", required: true, padding: { length: 4, char: "0" } },
      ticketId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      ticketTypeId: { type: "string", required: true },
      personId: { type: "string", required: true },
      status: { type: ["valid", "suspended", "revoked"] as const, required: true },
      /** Raised by a transfer: only the newest credential opens the door. */
      credentialVersion: { type: "number", required: true },
      issuedAt: { type: "string", required: true },
    },
    indexes: {
      byOrder: {
        pk: { field: "pk", composite: ["orderId"], template: "ORDER#${orderId}", casing: "none" },
        sk: { field: "sk", composite: ["n"], template: "TICKET#${n}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type TicketRow = EntityItem<typeof Tickets>;

/** The id of an order's n-th ticket, counted from one. */
export function ticketIdOf(orderId: string, n: number): TicketId {
  return `tkt_${orderId.slice(orderId.indexOf("_") + 1)}-${n}`;
}

/** The number of the ticket with this id, as its order counts. */
export function numberOf(ticketId: string): number {
  return Number(ticketId.slice(ticketId.lastIndexOf("-") + 1));
}

/** The line of each ticket of an order: tickets are numbered in the order of the lines, so the n-th stands at n − 1. */
export function linesByTicket<Line extends { quantity: number }>(lines: readonly Line[]): Line[] {
  return lines.flatMap((line) => Array.from({ length: line.quantity }, () => line));
}

/** The tickets of an order: the same ids however often they are made. */
export function ticketsFor(order: {
  orderId: string;
  eventId: string;
  personId: string;
  /** Ticket number → who holds it, when it is not the order's own person. */
  holders?: Record<string, string> | undefined;
  lines: readonly { ticketTypeId: string; quantity: number }[];
  at: string;
}): TicketRow[] {
  return linesByTicket(order.lines).map(({ ticketTypeId }, i) => ({
    orderId: order.orderId,
    n: i + 1,
    ticketId: ticketIdOf(order.orderId, i + 1),
    eventId: order.eventId,
    ticketTypeId,
    personId: order.holders?.[i + 1] ?? order.personId,
    status: "valid",
    credentialVersion: 1,
    issuedAt: order.at,
  }));
}

/** Writes a ticket as part of the caller's transaction; it must not exist. */
export function issuing(ticket: TicketRow) {
  return Tickets.create(ticket);
}

/** Makes a ticket valid, suspended or revoked as part of the caller's transaction, on condition that it is as it was read. */
export function changing(ticket: TicketRow, status: TicketRow["status"]) {
  return Tickets.patch({ orderId: ticket.orderId, n: ticket.n })
    .set({ status })
    .where((standing, { eq }) => `${eq(standing.status, ticket.status)} AND ${eq(standing.credentialVersion, ticket.credentialVersion)}`);
}

/** Gives a ticket to somebody as part of the caller's transaction, on condition that it is valid and still whose it was. */
export function handing(ticket: TicketRow, personId: string) {
  return Tickets.patch({ orderId: ticket.orderId, n: ticket.n })
    .set({ personId })
    .where((standing, { eq }) => `${eq(standing.status, "valid")} AND ${eq(standing.personId, ticket.personId)}`);
}

/** The tickets of an order, in their order. Strongly consistent. */
export async function listByOrder(orderId: string): Promise<TicketRow[]> {
  const { data } = await Tickets.query.byOrder({ orderId }).go({ pages: "all", consistent: true });
  return data;
}
