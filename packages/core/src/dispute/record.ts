import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { now } from "../context.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { defined } from "../defined.ts";
import type { DomainEvent } from "../domain-event.ts";
import { changedMeanwhile } from "../error.ts";
import * as Ledger from "../ledger/index.ts";
import { log } from "../log.ts";
import * as Order from "../order/index.ts";
import * as Ticket from "../ticket/index.ts";
import { isoOf } from "../time.ts";
import * as DomainEvents from "./domain-events.ts";
import { Disputes, idOf, type DisputeRow } from "./entity.ts";
import { orderUnsettled } from "./errors.ts";
import { find, standingsOfOrder } from "./read.ts";
import { milestones, type Milestone } from "./rules/milestones.ts";
import { isBehind, standingOf, stateOf } from "./rules/standing.ts";
import { outcomeOf, ticketUnder } from "./rules/tickets.ts";
import { RecordDispute, type Movement } from "./schema.ts";
import { changeOf, standingsOf, subjectOf } from "./write.ts";

/**
 * Brings our dispute up to what the provider says of it, in ONE transaction: the dispute, what it means for its order's
 * tickets, the money it moved, journal and domain events. The caller reads our version, then the provider, then calls this
 * with that version as `seen`: so no older reading can follow a newer one. Repeating it changes nothing.
 * @throws order.not_found, dispute.order_unsettled (ask again later), request.conflict (read both again: somebody recorded it,
 * another dispute of its order, or a change of its tickets meanwhile)
 */
export const record = capability(
  "dispute.record",
  { input: RecordDispute, allow: [...TEAM, "webhook", "schedule", "system"], needs: "disputes:write" },
  async ({ seen, ...fact }): Promise<DisputeRow> => {
    const disputeId = idOf(fact.providerDisputeId);
    const [row, order] = await Promise.all([find(disputeId), Order.find(fact.orderId)]);
    if ((row?.version ?? 0) !== seen) throw changedMeanwhile("Read it at the provider again.");
    if (!order) throw Order.orderNotFound();
    if (!Order.isSettled(order.status)) throw orderUnsettled("Its tickets are not issued yet.", { retryAfterSeconds: 5 });
    const progress = { status: fact.status, movements: fact.movements.length, submissions: fact.submissions };
    if (row && isBehind(progress, row)) {
      log.warn("older reading of a dispute dropped", { disputeId, status: fact.status, recorded: row.status });
      return row;
    }
    const standing = standingOf(fact);
    const { movements, providerDisputeId, orderId, ...words } = fact;
    const after = defined({ ...words, standing, state: stateOf(standing), movements: movements.length });
    if (row && isSame(row, after)) return row;

    const { eventId } = order;
    const { tickets, book } = await effectsOn(orderId, disputeId, standing, row?.standing);
    const money = await unbooked(orderId, movements);
    const ids = { disputeId, orderId, eventId, status: fact.status };
    const events = eventsOf(
      row,
      { ...ids, standing, submissions: fact.submissions },
      tickets.map(({ ticket }) => ticket.ticketId),
    );
    const fresh = { disputeId, providerDisputeId, orderId, eventId, createdAt: isoOf(now()) };
    const head = await transact(row ? subjectOf(row) : created("dispute", disputeId), events, (head) => [
      write(row ? changeOf(row, head, after) : Disputes.create({ ...fresh, ...after, ...head })),
      ...(book ? [write(book)] : []),
      ...tickets.map(({ ticket, status }) => write(Ticket.changing(ticket, status))),
      ...money.map((movement) => write(Ledger.recording({ orderId, eventId, ...movement }))),
    ]);
    return { ...(row ?? fresh), ...after, ...head };
  },
);

function isSame(row: DisputeRow, after: Partial<DisputeRow>): boolean {
  return (Object.keys(after) as (keyof DisputeRow)[]).every((name) => row[name] === after[name]);
}

/** What a changed standing does to the order: its item, and the tickets that follow. */
async function effectsOn(orderId: string, disputeId: string, standing: DisputeRow["standing"], before: DisputeRow["standing"] | undefined) {
  if (standing === before) return { tickets: [], book: undefined };
  const [known, issued] = await Promise.all([standingsOfOrder(orderId), Ticket.listByOrder(orderId)]);
  const standings = { ...known.standings, [disputeId]: standing };
  const [from, to] = [outcomeOf(Object.values(known.standings)), outcomeOf(Object.values(standings))];
  const tickets = issued.flatMap((ticket) => {
    const status = ticketUnder(from, to, ticket.status);
    return status ? [{ ticket, status }] : [];
  });
  return { tickets, book: standingsOf(known, standings) };
}

const KINDS = { withdrawn: "dispute", reinstated: "dispute_reversal" } as const;

/** The movements that the ledger does not have yet. */
async function unbooked(orderId: string, movements: readonly Movement[]) {
  if (movements.length === 0) return [];
  const rows = await Ledger.listByOrder(orderId);
  return movements
    .map(({ way, ...movement }) => ({ ...movement, kind: KINDS[way] }))
    .filter(({ kind, reference }) => !rows.some((row) => row.kind === kind && row.reference === reference));
}

const MILESTONES = {
  inquiry_opened: DomainEvents.DisputeInquiryOpened,
  opened: DomainEvents.DisputeOpened,
  won: DomainEvents.DisputeWon,
  lost: DomainEvents.DisputeLost,
  closed: DomainEvents.DisputeClosed,
} as const satisfies Record<Milestone, unknown>;

type Next = { disputeId: string; orderId: string; eventId: string; status: string; standing: DisputeRow["standing"]; submissions: number };

function eventsOf(row: DisputeRow | undefined, { standing, submissions, ...ids }: Next, ticketIds: string[]): DomainEvent[] {
  const submitted = row && submissions > row.submissions ? [DomainEvents.DisputeEvidenceSubmitted(ids)] : [];
  const passed = milestones(row?.standing, standing, ids.status);
  const reached = passed.map((name, i) => MILESTONES[name]({ ...ids, ticketIds: i === passed.length - 1 ? ticketIds : [] }));
  const events = [...submitted, ...reached];
  return events.length > 0 ? events : [DomainEvents.DisputeChanged(ids)];
}
