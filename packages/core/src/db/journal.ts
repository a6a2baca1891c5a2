import { createHash } from "node:crypto";
import { Entity, type EntityItem } from "electrodb";
import { actorRef, isMachine, type Actor } from "../actor.ts";
import { canonicalJson } from "../canonical.ts";
import { tableName } from "../config.ts";
import { context, now } from "../context.ts";
import { Envelope, type DomainEvent } from "../domain-event.ts";
import { newId } from "../id.ts";
import { DAY_MS, isoOf, msOf, secondsOf } from "../time.ts";
import { differenceBetween, type Changes } from "./audited.ts";
import { client } from "./client.ts";
import { SERVICE } from "./service.ts";

/**
 * The journal: one entry per committed verb, in the verb's own transaction. It is the audit trail (who did what to which
 * entity, hash-chained through the head that the entity keeps) and the outbox (the domain events that follow) in one item:
 * two write units and one index write fewer per verb than two items would cost.
 *
 *  1. The relay reads new entries from the table's stream and publishes their events.        stream
 *  2. The sweeper asks what has been pending for a minute, shard by shard.                    byPending
 *  3. An auditor asks for an entity's history in order.                                       byEntity
 *  4. An auditor asks what a user, a key or a device did, newest first.                       byActor (sparse)
 *
 * A sequence number exists once per entity (`create`), so two verbs can never both append to the same head.
 * Guests and machines are not in byActor: a purchase of somebody anonymous pays nothing for it.
 * An event says here only what its entry does not (`envelopesOf`): an ordinary entry stays within 1 KB.
 */
export const JournalEntries = new Entity(
  {
    model: { entity: "journal-entry", version: "1", service: SERVICE },
    attributes: {
      entityId: { type: "string", required: true },
      seq: { type: "number", required: true, padding: { length: 8, char: "0" } },
      entityType: { type: "string", required: true },
      action: { type: "string", required: true },
      actor: { type: "any", required: true },
      at: { type: "string", required: true },
      requestId: { type: "string", required: true },
      /** The network the caller came from. */
      address: { type: "string" },
      /** What changed and may be told, and the names of what changed and may not (`audited.ts`). */
      changes: { type: "any" },
      /** What it was created with, of which the same is true. */
      initial: { type: "any" },
      concealed: { type: "any" },
      /** The entity ended with this entry. */
      removed: { type: "boolean" },
      /** What caused it, when that was not this very request. */
      correlationId: { type: "string" },
      causationId: { type: "string" },
      /** Instant of the entry before, when that is more than a day: proves that one which is missing was old enough to be collected. */
      previousAt: { type: "string" },
      previousHash: { type: "string", required: true },
      hash: { type: "string", required: true },
      events: { type: "any", required: true },
      pendingShard: { type: "string" },
      pendingSince: { type: "string" },
      publishedAt: { type: "string" },
      /** Users, keys and devices, and when they acted. */
      actorId: { type: "string", field: "gsi3pk" },
      actedAt: { type: "string", field: "gsi3sk" },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byEntity: {
        pk: { field: "pk", composite: ["entityId"], template: "JOURNAL#${entityId}", casing: "none" },
        sk: { field: "sk", composite: ["seq"], template: "E#${seq}", casing: "none" },
      },
      byActor: {
        index: "gsi3",
        condition: (attributes) => attributes["actorId"] !== undefined,
        pk: { field: "gsi3pk", composite: ["actorId"], template: "${actorId}", casing: "none" },
        sk: { field: "gsi3sk", composite: ["actedAt"], template: "${actedAt}", casing: "none" },
      },
      byPending: {
        index: "gsi4",
        condition: (attributes) => attributes["pendingShard"] !== undefined,
        pk: { field: "gsi4pk", composite: ["pendingShard"], template: "PENDING#${pendingShard}", casing: "none" },
        sk: { field: "gsi4sk", composite: ["pendingSince"], template: "${pendingSince}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

type Row = EntityItem<typeof JournalEntries>;
export type JournalEntry = Omit<Row, "actor" | "initial" | "changes" | "concealed"> & {
  actor: { kind: string; id?: string };
  initial?: Record<string, unknown>;
  changes?: Changes;
  concealed?: string[];
};

/** Entries are kept for seven years, leap days included. */
export const RETENTION_MS = (7 * 365 + 2) * DAY_MS;

/** An entity as its journal sees it: the head of the chain is kept on the entity itself. `before`: the row as it was read. */
export type Subject = { type: string; id: string; version: number; auditHash: string; before: Readonly<Record<string, unknown>> };

/** What the entity must hold after the commit; its own write is conditioned on the version before. */
export type Head = { version: number; auditHash: string; updatedAt: string };

/** The subject of a verb that creates: its chain starts here. */
export function created(type: string, id: string): Subject {
  return { type, id, version: 0, auditHash: "", before: {} };
}

/** The subject of a verb that changes or removes what it has read. */
export function standing(type: string, id: string, row: Head): Subject {
  return { type, id, version: row.version, auditHash: row.auditHash, before: row };
}

/**
 * The next entry of the subject's journal. `after`: the row as the verb's own write leaves it; undefined when it removes it.
 * @throws Error when no capability is running: nothing is committed without an author
 */
export function nextEntry(subject: Subject, events: readonly DomainEvent[], head: Pick<Head, "version" | "updatedAt">, after: Subject["before"] | undefined) {
  const { actor, requestId, correlationId, causationId, address, audit } = context();
  if (!audit) throw new Error("transact() outside a capability: there is no audit draft");
  const { changes, concealed } = differenceBetween(
    subject.type,
    subject.before,
    after ?? {},
    idsIn([subject.id, actorRef(actor).id, ...events.map(({ data }) => data)]),
  );
  const isBorn = Object.keys(subject.before).length === 0;
  const previousAt = previousAtOf(subject.before["updatedAt"], head.updatedAt);
  const entry = {
    entityId: subject.id,
    seq: head.version,
    entityType: subject.type,
    action: audit.action,
    actor: actorRef(actor),
    at: head.updatedAt,
    requestId,
    ...(address ? { address } : {}),
    ...(Object.keys(changes).length === 0 ? {} : isBorn ? { initial: valuesOf(changes) } : { changes }),
    ...(concealed.length > 0 ? { concealed } : {}),
    ...(after ? {} : { removed: true }),
    ...(previousAt ? { previousAt } : {}),
    ...(correlationId === requestId ? {} : { correlationId }),
    ...(causationId ? { causationId } : {}),
    previousHash: subject.auditHash,
    events: events.map((event) => ({ id: newId("dev"), ...event })),
  };
  return { ...entry, hash: journalHash(entry), ...placeOf(entry) };
}

function valuesOf(changes: Changes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).map(([name, [, value]]) => [name, value]));
}

function idsIn(told: readonly unknown[]): string[] {
  return told
    .flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : [one]))
    .filter((value) => typeof value === "string" && /^[a-z]{2,4}_/.test(value));
}

/** What an entry says of the instant of the one before it. */
export function previousAtOf(before: unknown, at: string): string | undefined {
  return typeof before === "string" && msOf(at) - msOf(before) > DAY_MS ? before : undefined;
}

/** What follows from an entry and is no part of its hash: until when it is kept, who finds it, and that it waits to be published. */
export function placeOf({
  entityId,
  at,
  actor,
  events,
}: Pick<JournalEntry, "entityId" | "at"> & { actor: { kind: string; id?: string }; events: readonly unknown[] }) {
  return {
    ttl: secondsOf(msOf(at) + RETENTION_MS),
    ...(actor.id === undefined || isMachine(actor as Actor) ? {} : { actorId: actor.id, actedAt: at }),
    ...(events.length > 0 ? { pendingShard: pendingShardOf(entityId), pendingSince: at } : {}),
  };
}

/** A domain event as it travels, with who, when and trace of the running context. */
export function newEnvelope(aggregate: Envelope["aggregate"], event: DomainEvent): Envelope {
  const { actor, correlationId, causationId } = context();
  return {
    id: newId("dev"),
    type: event.type,
    version: event.version,
    source: "fashionistas",
    aggregate,
    occurredAt: isoOf(now()),
    correlationId,
    ...(causationId ? { causationId } : {}),
    actor: actorRef(actor),
    data: event.data,
  };
}

/** The domain events of a journal entry as they travel. */
export function envelopesOf(entry: JournalEntry): Envelope[] {
  const { entityId, entityType, seq, at, actor, requestId, correlationId = requestId, causationId, events } = entry;
  const told = {
    source: "fashionistas",
    aggregate: { type: entityType, id: entityId, version: seq },
    occurredAt: at,
    correlationId,
    causationId,
    actor,
  };
  return (events as object[]).map((event) => Envelope.parse({ ...told, ...event }));
}

/** What an entry's hash covers: all that is said in it. */
const HASHED = [
  ...["previousHash", "previousAt", "entityType", "entityId", "seq", "action", "actor", "at", "requestId", "correlationId"],
  ...["causationId", "address", "initial", "changes", "concealed", "removed", "events"],
];

/** Hash of an entry: SHA-256 (base64url) over its fields in a fixed order, the previous hash included. */
export function journalHash(entry: Readonly<Record<string, unknown>>): string {
  return createHash("sha256")
    .update(canonicalJson(HASHED.map((name) => entry[name])))
    .digest("base64url");
}

/** Each verb puts an entry into the pending index and takes it out again: 20,000 writes in the busiest second. */
export const PENDING_SHARDS = 64;

/** The shard of the pending index that a thing belongs to: two digits. */
export function pendingShardOf(id: string): string {
  return shardOf(id, PENDING_SHARDS);
}

/** A stable shard for an id: two digits. */
export function shardOf(id: string, shards: number): string {
  return shardName(createHash("sha256").update(id).digest()[0]! % shards);
}

/** Every shard that `shardOf` can answer with, in order. */
export function shardNames(shards: number): string[] {
  return Array.from({ length: shards }, (_, n) => shardName(n));
}

function shardName(n: number): string {
  return String(n).padStart(2, "0");
}

/** Was there ever such an entity? Its journal outlives it; the first entry of an old one may have been collected. */
export async function hasJournal(entityId: string): Promise<boolean> {
  return (await oldestEntry(entityId)) !== undefined;
}

/** The oldest entry that is kept of an entity's journal. */
export async function oldestEntry(entityId: string): Promise<JournalEntry | undefined> {
  const { data } = await JournalEntries.query.byEntity({ entityId }).go({ limit: 1, consistent: true });
  return data[0];
}

/** Everything that was ever done to an entity, oldest first. */
export async function historyOf(entityId: string): Promise<JournalEntry[]> {
  const { data } = await JournalEntries.query.byEntity({ entityId }).go({ pages: "all", consistent: true });
  return data;
}
