import { capability } from "../capability.ts";
import * as Consent from "../consent/index.ts";
import * as DataKey from "../data-key/index.ts";
import { transact, write } from "../db/transact.ts";
import { isChangedMeanwhile } from "../error.ts";
import * as Event from "../event/index.ts";
import * as Grant from "../grant/index.ts";
import { inTurns } from "../in-turns.ts";
import * as Message from "../message/index.ts";
import * as Order from "../order/index.ts";
import * as Person from "../person/index.ts";
import * as Refund from "../refund/index.ts";
import * as Session from "../session/index.ts";
import { textFor } from "../text.ts";
import * as Ticket from "../ticket/index.ts";
import { isoOf, msOf, secondsOf } from "../time.ts";
import * as User from "../user/index.ts";
import { DataExportContinued, DataExportReady } from "./domain-events.ts";
import { exportIdOf, Parts, type DataExportRow } from "./entity.ts";
import { find } from "./read.ts";
import { CollectExport, type PersonalData } from "./schema.ts";
import { changeOf, dueSoon, subjectOf } from "./write.ts";

const SLICE = 20;
const AT_ONCE = 5;

/**
 * Collects the next slice of an export, whatever was done of it before: a part that is written twice is the same part. An export
 * whose key is gone, because its owner was erased or asked anew, goes no further.
 */
export const collect = capability("data_export.collect", { input: CollectExport, allow: ["system", "schedule"] }, async ({ userId, n, step }, { now }) => {
  const [job, user] = await Promise.all([find(userId), User.find(userId)]);
  if (!job || !user || job.n !== n || job.phase !== "collecting" || (step !== undefined && step !== job.step)) return;
  const exportId = exportIdOf(job);
  const key = (await DataKey.keysOf([exportId])).get(exportId);
  if (!key) return;
  const first = job.step === 1;
  const page = first ? undefined : await Order.pageOfBuyer(job.buyers[job.buyer]!, SLICE, job.cursor);
  const words = page ? { orders: await inTurns(page.orders, AT_ONCE, orderInWords) } : await accountInWords(user, job, isoOf(now));
  await Parts.put({ exportId, n: job.step, sealed: DataKey.seal(key, exportId, Buffer.from(JSON.stringify(words))), ttl: secondsOf(msOf(job.expiresAt)) }).go();
  const buyer = first || page?.cursor ? job.buyer : job.buyer + 1;
  await goOn(job, { buyer, cursor: page?.cursor ?? undefined }, now).catch((error: unknown) => {
    if (!isChangedMeanwhile(error)) throw error;
  });
});

async function goOn(job: DataExportRow, { buyer, cursor }: { buyer: number; cursor: string | undefined }, now: number): Promise<void> {
  const { dataExportId, userId, n } = job;
  const isReady = buyer >= job.buyers.length;
  const step = job.step + 1;
  const event = isReady ? DataExportReady({ dataExportId, userId, n, step }) : DataExportContinued({ dataExportId, userId, n, step });
  const after = isReady ? { phase: "ready" as const, readyAt: isoOf(now) } : { ...dueSoon(now), ...(cursor ? { cursor } : {}) };
  await transact(subjectOf(job), [event], (head) => [
    write(changeOf(job, head, { step, buyer, ...after }, [...(cursor ? [] : ["cursor" as const]), ...(isReady ? (["list", "dueAt"] as const) : [])])),
  ]);
}

async function accountInWords(user: User.UserRow, job: DataExportRow, exportedAt: string): Promise<Omit<PersonalData, "orders">> {
  const people = job.buyers.slice(1);
  const [account, known, sessions, grants, consents] = await Promise.all([
    User.viewOf(user),
    Person.findAll([...people, ...(user.personId ? [user.personId] : [])].slice(0, 100)),
    Session.listByUser(user.userId),
    Grant.listByUser(user.userId, exportedAt),
    Consent.consentsOf(user),
  ]);
  return {
    exportedAt,
    account,
    contacts: known.map(({ name, email, phone, createdAt }) => ({ name, email, phone: phone ?? null, since: createdAt })),
    sessions: sessions.map(({ label, startedAt, lastSeenAt, revokedAt }) => ({ device: label, startedAt, lastSeenAt, revokedAt: revokedAt ?? null })),
    grants: grants.map(({ role, scopeType, scopeId, expiresAt }) => ({ role, on: scopeType, id: scopeId, until: expiresAt ?? null })),
    consents: consents.history,
  };
}

/** Whoever else was named in an order has a right of their own: their words are not in it. */
async function orderInWords(order: Order.OrderRow): Promise<PersonalData["orders"][number]> {
  const { orderId, eventId, personId, status, lines, amount, currency, createdAt, soldAt, whatsappOptIn } = order;
  const [event, buyer, tickets, refunds, ...messages] = await Promise.all([
    Event.find(eventId),
    Person.find(personId),
    Ticket.listByOrder(orderId),
    Refund.listByOrder(orderId),
    Message.find(Message.confirmationKey(orderId)),
    Message.find(Message.regretKey(orderId)),
  ]);
  return {
    id: orderId,
    event: event ? { id: eventId, title: textFor(event.title), startsAt: event.startsAt, venue: event.venue } : { id: eventId },
    status,
    placedAt: createdAt,
    soldAt: soldAt ?? null,
    buyer: buyer ? { name: buyer.name, email: buyer.email, phone: buyer.phone ?? null } : null,
    whatsappOptIn,
    lines: lines.map(({ name, quantity, unitPrice, total }) => ({ name: textFor(name), quantity, unitPrice, total })),
    total: { amount, currency },
    tickets: tickets.map((ticket) => ({ id: ticket.ticketId, status: ticket.status, issuedAt: ticket.issuedAt, yours: ticket.personId === personId })),
    refunds: refunds.map(Refund.viewOf),
    messages: messages.flatMap((message) =>
      message ? [{ about: message.template, channel: message.channel, status: message.status, at: message.updatedAt }] : [],
    ),
  };
}
