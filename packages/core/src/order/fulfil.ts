import { transact, write } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { now } from "../context.ts";
import * as Ledger from "../ledger/index.ts";
import * as Ticket from "../ticket/index.ts";
import { OrderFulfilled, OrderPaid } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import { changeOf, subjectOf, withAttempt } from "./write.ts";

/** Money that came for an order, as the provider tells it: minor units and ISO 4217. */
export type PaymentFact = { intentId: string; attempt: number; amount: number; currency: string };

/**
 * Its seats are sold (`confirmSeats`): ONE transaction makes the order fulfilled with its tickets, the ledger row, the journal
 * entry and its domain events. Any crash is repaired by doing it again. Not a verb: `place` (free) and `markPaid` call it.
 */
export async function fulfil(order: OrderRow, payment: PaymentFact | undefined): Promise<OrderRow> {
  const at = isoOf(now());
  const { orderId, eventId, personId } = order;
  const tickets = Ticket.ticketsFor({ orderId, eventId, personId, holders: order.holders, lines: order.lines, at });
  const attempts = payment ? withAttempt(order, payment.attempt, { status: "succeeded", intentId: payment.intentId }) : order.attempts;
  const after = { status: "fulfilled" as const, attempts, soldAt: at, soldFor: eventId, soldTo: order.userId ?? personId };
  const events = [
    ...(payment ? [OrderPaid({ orderId, eventId, amount: order.amount, currency: order.currency, attempt: payment.attempt })] : []),
    OrderFulfilled({ orderId, eventId, ticketIds: tickets.map(({ ticketId }) => ticketId), whatsappOptIn: order.whatsappOptIn }),
  ];
  const head = await transact(subjectOf(order), events, (head) => [
    write(changeOf(order, head, after, ["dueShard", "dueAt"])),
    ...tickets.map((ticket) => write(Ticket.issuing(ticket))),
    ...(payment
      ? [write(Ledger.recording({ orderId, eventId, kind: "charge", reference: payment.intentId, amount: order.amount, currency: order.currency, at }))]
      : []),
  ]);
  return { ...order, ...head, ...after };
}
