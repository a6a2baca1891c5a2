import { type Actor, ANYBODY, isAdmin } from "../actor.ts";
import { capability } from "../capability.ts";
import { again } from "../retry.ts";
import { transact, write } from "../db/transact.ts";
import type * as Event from "../event/index.ts";
import type { VisibleError } from "../error.ts";
import * as Ledger from "../ledger/index.ts";
import { inWords, type Currency } from "../money.ts";
import * as Refund from "../refund/index.ts";
import * as Ticket from "../ticket/index.ts";
import { isoOf, msOf } from "../time.ts";
import { OrderTicketsRevoked, OrderVoided } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import { accessTo, type Access } from "./read.ts";
import { ticketPrices } from "./rules/price.ts";
import { decideRefund, type RefundDecision } from "./rules/refund.ts";
import { can } from "./rules/status.ts";
import { changeOf, paidAttempt, subjectOf } from "./write.ts";

/**
 * Asks for money back: all that may go back, an amount, or the price of named tickets. The refund is pending, its tickets are
 * revoked, and whatever follows at the provider and in the stock is caused by that. A second call with the same id answers with
 * the first one's refund.
 * @throws order.not_found, refund.not_refundable, .nothing_left, .exceeds_remaining, .exceeds_policy, .not_by_policy,
 *   .ticket_not_refundable, .staff_only
 */
export const refund = capability(
  "order.refund",
  { input: Refund.RequestRefund, allow: [...ANYBODY, "key"], needs: "refunds:write" },
  ({ orderId, refundId, ...asked }, { actor, now }): Promise<Refund.RefundView> =>
    again(async () => {
      const access = await accessTo(actor, orderId);
      const standing = await Refund.find(orderId, refundId);
      if (standing) return Refund.viewOf(standing);
      staffRights(access, asked);
      const { order, event } = access;
      const money = await moneyOf(order);
      const tickets = await Ticket.listByOrder(orderId);
      const numbers = asked.ticketIds?.map((id) => tickets.find(({ ticketId }) => ticketId === id)?.n ?? 0);
      const startsAt = msOf(event.startsAt);
      const policy = policyFor(actor, access);
      const decision = decideRefund({ ...money, tickets: priced(order, tickets), policy, startsAt, now }, { amount: asked.amount, numbers });
      if ("refusal" in decision) throw refusalError(decision, order, asked);

      const restock = asked.restock ?? now < startsAt;
      const row = await commit({ order, tickets, decision, restock: restock && decision.takenBack.length > 0, refundId, reason: asked.reason, now });
      return Refund.viewOf(row);
    }),
);

/** What was captured for an order, what the bank took back of it, the refunds of that payment, and `all`: those of any other payment too. */
export async function moneyOf(order: OrderRow): Promise<{ captured: number; disputed: number; refunds: Refund.RefundRow[]; all: Refund.RefundRow[] }> {
  const intentId = paidAttempt(order)?.intentId;
  const [rows, all] = await Promise.all([Ledger.listByOrder(order.orderId), Refund.listByOrder(order.orderId)]);
  const { captured, disputed } = Ledger.balanceOf(rows.filter(({ kind, reference }) => kind !== "charge" || reference === intentId));
  return { captured, disputed, refunds: all.filter((one) => one.intentId === intentId), all };
}

type Commit = {
  order: OrderRow;
  tickets: readonly Ticket.TicketRow[];
  decision: Exclude<RefundDecision, { refusal: string }>;
  restock: boolean;
  refundId: string;
  reason: Refund.RefundRow["reason"];
  now: number;
};

/** The refund, its tickets and, when nothing is left of it, the order: one transaction. Not a verb: `refund` and `voidOrder` call it. */
export async function commit({ order, tickets, decision, restock, refundId, reason, now }: Commit): Promise<Refund.RefundRow> {
  const { orderId, eventId, currency } = order;
  const { amount, takenBack } = decision;
  const voided = decision.voids && can(order.status, "void");
  const revoked = tickets.filter(({ n }) => takenBack.includes(n));
  const row: Refund.NewRefund = {
    ...{ orderId, refundId, eventId, status: "pending", amount, currency, reason, restock },
    intentId: paidAttempt(order)!.intentId!,
    ticketNumbers: takenBack,
    createdAt: isoOf(now),
  };
  const ticketIds = revoked.map(({ ticketId }) => ticketId);
  const events = [
    Refund.RefundRequested({ refundId, orderId, eventId, amount, currency, reason }),
    ...(ticketIds.length > 0 ? [OrderTicketsRevoked({ orderId, eventId, ticketIds, restock, refundId })] : []),
    ...(voided ? [OrderVoided({ orderId, eventId, reason })] : []),
  ];
  await transact(subjectOf(order), events, (head) => [
    write(changeOf(order, head, voided ? { status: "voided" } : {})),
    write(Refund.adding(row)),
    ...revoked.map((ticket) => write(Ticket.changing(ticket, "revoked"))),
  ]);
  return { ...row, updatedAt: row.createdAt };
}

/** Tickets with the price each was sold at (minor units): its share of what its line cost. */
export function priced(order: OrderRow, tickets: readonly Ticket.TicketRow[]) {
  const prices = order.lines.flatMap(({ total, quantity }) => ticketPrices(total.amount, quantity));
  return tickets.map(({ n, status }) => ({ n, status, price: prices[n - 1] ?? 0 }));
}

// Admins decide freely; so do organizers where no policy was promised. Buyers have what was promised, and nothing else.
function policyFor(actor: Actor, { event, staff }: Access & { event: Event.EventRow }) {
  if (isAdmin(actor)) return undefined;
  const policy = event.refundPolicy as Refund.RefundTier[] | undefined;
  return staff ? policy : (policy ?? []);
}

function staffRights({ staff }: Access, { reason, restock }: { reason: string; restock?: boolean | undefined }): void {
  if (staff) return;
  if (reason !== "customer_request")
    throw Refund.staffOnly("Give reason customer_request.", { fields: [{ path: "reason", message: "Must be customer_request." }] });
  if (restock === false) throw Refund.staffOnly("Leave restock out.", { fields: [{ path: "restock", message: "Only the event's team decides that." }] });
}

function refusalError(
  { refusal, atMost }: { refusal: string; atMost: number },
  { currency }: OrderRow,
  asked: { ticketIds?: readonly string[] | undefined },
): VisibleError {
  const limit = { amount: atMost, currency: currency as Currency };
  const fields = [{ path: asked.ticketIds ? "ticketIds" : "amount", message: `At most ${atMost}.` }];
  const facts = { refundable: limit };
  switch (refusal) {
    case "nothing_paid":
      return Refund.notRefundable("No money came in for it.");
    case "nothing_left":
      return Refund.nothingLeft("All of it went back, is on its way back, or is held by the buyer's bank.", { facts });
    case "exceeds_remaining":
      return Refund.exceedsRemaining(`Ask for at most ${inWords(limit)}.`, { fields, facts });
    case "exceeds_policy":
      return Refund.exceedsPolicy(`The event's refund policy gives back at most ${inWords(limit)} now.`, { fields, facts });
    case "not_by_policy":
      return Refund.notByPolicy("Ask the event's team: by its refund policy nothing goes back at this time.", { facts });
    default:
      return Refund.ticketNotRefundable("Name valid tickets of this order: what is revoked or disputed cannot be taken back.", {
        fields: [{ path: "ticketIds", message: "Only valid tickets of this order." }],
      });
  }
}
