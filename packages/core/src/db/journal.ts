import { createHash } from "node:crypto";
import { Entity, type EntityItem } from "electrodb";
import { actorRef } from "../actor.ts";
import { canonicalJson } from "../canonical.ts";
import { tableName } from "../config.ts";
import { context, now } from "../context.ts";
import type { DomainEvent, Envelope } from "../domain-event.ts";
import { newId } from "../id.ts";
import { isoOf } from "../time.ts";
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
 *
 * A sequence number exists once per entity (`create`), so two verbs can never both append to the same head.
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
      previousHash: { type: "string", required: true },
      hash: { type: "string", required: true },
      events: { type: "any", required: true },
      pendingShard: { type: "string" },
      pendingSince: { type: "string" },
      publishedAt: { type: "string" },
    },
    indexes: {
      byEntity: {
        pk: { field: "pk", composite: ["entityId"], template: "JOURNAL#${entityId}", casing: "none" },
        sk: { field: "sk", composite: ["seq"], template: "E#${seq}", casing: "none" },
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

/** An entity as its journal sees it: the head of the chain is kept on the entity itself. */
export type Subject = { type: string; id: string; version: number; auditHash: string };

/** What the entity must hold after the commit; its own write is conditioned on the version before. */
export type Head = { version: number; auditHash: string; updatedAt: string };

/** The subject of a verb that creates: its chain starts here. */
export function created(type: string, id: string): Subject {
  return { type, id, version: 0, auditHash: "" };
}

/**
 * The next entry of the subject's journal and the head that results.
 * @throws Error when no capability is running: nothing is committed without an author
 */
export function nextEntry(subject: Subject, events: readonly DomainEvent[]) {
  const { actor, requestId, audit } = context();
  if (!audit) throw new Error("transact() outside a capability: there is no audit draft");
  const at = isoOf(now());
  const version = subject.version + 1;
  const envelopes = events.map((event) => newEnvelope({ type: subject.type, id: subject.id, version }, event));
  const entry = {
    entityId: subject.id,
    seq: version,
    entityType: subject.type,
    action: audit.action,
    actor: actorRef(actor),
    at,
    requestId,
    previousHash: subject.auditHash,
    events: envelopes,
  };
  const hash = journalHash(entry);
  return {
    head: { version, auditHash: hash, updatedAt: at } satisfies Head,
    item: { ...entry, hash, ...(envelopes.length > 0 ? { pendingShard: pendingShardOf(subject.id), pendingSince: at } : {}) },
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

/** Hash of an entry: SHA-256 (base64url) over its fields in a fixed order, the previous hash included. */
export function journalHash(entry: {
  entityId: string;
  seq: number;
  entityType: string;
  action: string;
  actor: unknown;
  at: string;
  requestId: string;
  previousHash: string;
  events: unknown;
}): string {
  const { entityId, seq, entityType, action, actor, at, requestId, previousHash, events } = entry;
  const fields = [previousHash, entityType, entityId, seq, action, actor, at, requestId, events];
  return createHash("sha256").update(canonicalJson(fields)).digest("base64url");
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

/** Was there ever such an entity? Its journal outlives it. */
export async function hasJournal(entityId: string): Promise<boolean> {
  const { data } = await JournalEntries.get({ entityId, seq: 1 }).go({ consistent: true });
  return data !== null;
}

/** Everything that was ever done to an entity, oldest first. */
export async function historyOf(entityId: string): Promise<EntityItem<typeof JournalEntries>[]> {
  const { data } = await JournalEntries.query.byEntity({ entityId }).go({ pages: "all", consistent: true });
  return data;
}
