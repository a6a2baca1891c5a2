import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { historyOf } from "../db/journal.ts";
import * as Event from "../event/index.ts";
import * as Message from "../message/index.ts";
import { inWords } from "../money.ts";
import * as Order from "../order/index.ts";
import * as Person from "../person/index.ts";
import { textFor } from "../text.ts";
import * as Ticket from "../ticket/index.ts";
import { localWords } from "../time.ts";
import { managedBy } from "./read.ts";
import { AssembleEvidence } from "./schema.ts";

/** What we know of a disputed order, in words for a bank. It names the buyer: it is sent, shown, and never kept. */
export type EvidencePack = {
  event: { title: string; startsAt: string; venue: string };
  /** What the buyer was promised about refunds; absent when nothing was. */
  refundPolicy?: { daysBefore: number; percent: number }[];
  order: { id: string; placedAt: string; total: string; lines: { quantity: number; name: string; unitPrice: string; total: string }[] };
  /** Absent when they were erased. */
  buyer?: { name: string; email: string };
  tickets: { id: string; issuedAt: string }[];
  /** The message that brought the tickets: how far it came, when that was told, and when it was sent. */
  delivery?: { channel: string; status: string; at: string; sentAt: string };
  /** The order's journal, oldest first: what happened, and what kind of actor did it. */
  history: { at: string; what: string; by: string }[];
  notes?: string;
};

/**
 * Assembles the evidence of a dispute anew from its order, event, buyer, tickets, delivery and journal.
 * @throws dispute.not_found, for a dispute of somebody else's event too
 */
export const assembleEvidence = capability(
  "dispute.assemble_evidence",
  { input: AssembleEvidence, allow: TEAM, needs: "disputes:read" },
  async ({ disputeId, notes }, { actor }): Promise<EvidencePack> => {
    const { orderId, eventId } = await managedBy(actor, disputeId);
    const [order, event, tickets, message, journal] = await Promise.all([
      Order.find(orderId),
      Event.find(eventId),
      Ticket.listByOrder(orderId),
      Message.find(Message.confirmationKey(orderId)),
      historyOf(orderId),
    ]);
    if (!order || !event) throw new Error(`the order or the event of ${disputeId} is gone`);
    const buyer = await Person.find(order.personId);
    const { name, address, city, country }: { name: string; address?: string; city: string; country: string } = event.venue;
    return {
      event: {
        title: textFor(event.title),
        startsAt: localWords(event.startsAt, event.timeZone),
        venue: [name, address, city, country].filter((part) => part !== undefined).join(", "),
      },
      ...(event.refundPolicy ? { refundPolicy: event.refundPolicy } : {}),
      order: {
        id: orderId,
        placedAt: order.createdAt,
        total: inWords(order),
        lines: order.lines.map((line) => ({
          quantity: line.quantity,
          name: textFor(line.name),
          unitPrice: inWords(line.unitPrice),
          total: inWords(line.total),
        })),
      },
      ...(buyer?.email ? { buyer: { name: buyer.name, email: buyer.email } } : {}),
      tickets: tickets.map(({ ticketId, issuedAt }) => ({ id: ticketId, issuedAt })),
      ...(message ? { delivery: { channel: message.channel, status: message.status, at: message.updatedAt, sentAt: message.sendingSince } } : {}),
      history: journal.flatMap(({ at, action, actor, events }) => {
        const happened = (events as { type: string }[]).map(({ type }) => type);
        return (happened.length > 0 ? happened : [action]).map((what) => ({ at, what, by: (actor as { kind: string }).kind }));
      }),
      ...(notes ? { notes } : {}),
    };
  },
);
