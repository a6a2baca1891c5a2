import { canonicalJson } from "../canonical.ts";
import { DAY_MS, isoOf, msOf } from "../time.ts";
import { journalHash, placeOf, previousAtOf, RETENTION_MS, type JournalEntry } from "./journal.ts";

/**
 * Is a journal what was written? Its entries are numbered from 1 without a gap, each holds its own hash and that of the one
 * before, and the entity holds the number and the hash of the last. So nobody can change, remove, swap or add an entry without
 * changing everything after it, the entity included.
 *
 * What a chain cannot know: whether somebody with every right on the table wrote all of it, the entity included, anew.
 *
 * Entries older than the retention may be gone, and only those: of a missing entry the next one proves how old it was
 * (`previousAt`; without it, a day older at most), of the last one the entity does (`updatedAt`).
 */
export type Raw = Readonly<Record<string, unknown>>;

export const TAMPERINGS = {
  changed_entry: "is not what was written: its hash is another",
  missing_entry: "is missing",
  broken_link: "does not follow from the entry before it",
  misplaced_entry: "does not stand where it belongs",
  cut_off: "is missing at the end: the entity is further",
  extra_entry: "is one that the entity knows nothing of",
  other_head: "has another hash than the entity holds",
  no_journal: "was never written, or is gone as a whole",
  no_entity: "tells of an entity that is gone, and not of its end",
} as const;
export type Tampering = keyof typeof TAMPERINGS;

export type Finding = { entityId: string; seq: number; code: Tampering };

/** What is wrong with a journal; `beginsAt`: the number of its first entry, when those before were collected. */
export type ChainReport = { findings: Finding[]; beginsAt?: number };

/** The last entry of a chain, or what is left of it: what the entity is compared with. */
type End = { entityId: string; seq: number; hash: string; at: string; removed: boolean; rowUntilS: number | undefined };

/** Checks a whole journal, its raw items in any order, against the entity's raw item (undefined: there is none). */
export function checkChain(entityId: string, items: readonly Raw[], entity: Raw | undefined, nowMs: number): ChainReport {
  const { findings, beginsAt, end } = checkEntries(entityId, items, nowMs);
  return { findings: [...findings, ...checkEnd(entityId, end, entity, nowMs)], ...(beginsAt === undefined ? {} : { beginsAt }) };
}

/** Checks the entries of a journal among each other. */
export function checkEntries(entityId: string, items: readonly Raw[], nowMs: number): ChainReport & { end: End | undefined } {
  const entries = [...(items as unknown as (JournalEntry & Raw)[])].sort((a, b) => a.seq - b.seq);
  const findings: Finding[] = [];
  const found = (seq: number, code: Tampering) => findings.push({ entityId, seq, code });
  for (const [i, entry] of entries.entries()) {
    const before = entries[i - 1];
    const { seq, previousHash } = entry;
    if (entry.hash !== journalHash(entry)) found(seq, "changed_entry");
    if (!isInPlace(entityId, entry)) found(seq, "misplaced_entry");
    if (seq === (before?.seq ?? 0) + 1) {
      const follows = previousHash === (before?.hash ?? "") && entry.previousAt === previousAtOf(before?.at, entry.at);
      if (!follows) found(seq, "broken_link");
    } else if (!isCollected(entry.previousAt ?? isoOf(msOf(entry.at) - DAY_MS), nowMs)) found(seq - 1, "missing_entry");
  }
  const [first, last] = [entries[0], entries.at(-1)];
  const ttls = entries.map(({ initial, changes }) => initial?.["ttl"] ?? changes?.["ttl"]?.[1]).filter((ttl) => typeof ttl === "number");
  return {
    findings,
    ...(first && first.seq > 1 ? { beginsAt: first.seq } : {}),
    end: last && { entityId, seq: last.seq, hash: last.hash, at: last.at, removed: last.removed === true, rowUntilS: ttls.at(-1) },
  };
}

/** Compares the end of a journal with its entity. */
export function checkEnd(entityId: string, end: End | undefined, entity: Raw | undefined, nowMs: number): Finding[] {
  const found = (seq: number, code: Tampering) => [{ entityId, seq, code }];
  if (!entity) {
    const ended = !end || end.removed || (end.rowUntilS !== undefined && end.rowUntilS * 1_000 <= nowMs);
    return ended ? [] : found(end.seq, "no_entity");
  }
  const { version, auditHash, updatedAt } = entity as { version: number; auditHash: string; updatedAt: string };
  if (!end) return isCollected(updatedAt, nowMs) ? [] : found(version, "no_journal");
  if (end.seq < version) return isCollected(updatedAt, nowMs) ? [] : found(version, "cut_off");
  if (end.seq > version) return found(end.seq, "extra_entry");
  return end.hash === auditHash && end.at === updatedAt ? [] : found(end.seq, "other_head");
}

/** May an entry of this instant have been collected? */
function isCollected(at: string, nowMs: number): boolean {
  return msOf(at) + RETENTION_MS <= nowMs;
}

// Keys, retention and place in the index of actors are no part of the hash: they follow from what is.
function isInPlace(entityId: string, entry: JournalEntry & Raw): boolean {
  const { ttl, actorId, actedAt } = placeOf(entry);
  const wanted = [entityId, `JOURNAL#${entityId}`, `E#${String(entry.seq).padStart(8, "0")}`, ttl, actorId, actedAt];
  return canonicalJson(wanted) === canonicalJson([entry.entityId, entry["pk"], entry["sk"], entry.ttl, entry["gsi3pk"], entry["gsi3sk"]]);
}

/** The id of the entity in whose journal an item stands, or undefined for other items. */
export function journalIdOf(item: Raw): string | undefined {
  const pk = String(item["pk"]);
  return pk.startsWith("JOURNAL#") ? pk.slice("JOURNAL#".length) : undefined;
}

/**
 * The id under which the journal of an entity stands, or undefined for items that have none. An entity `ticket-type` has its
 * id in `ticketTypeId`; one that is called by its name, a `role`, is `role_organizer`.
 * @throws Error for an entity with a head whose id stands elsewhere
 */
export function journaledId(item: Raw): string | undefined {
  if (typeof item["auditHash"] !== "string") return undefined;
  const name = String(item["__edb_e__"]);
  const attribute = `${name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())}Id`;
  const id = item[attribute] ?? (typeof item[name] === "string" ? `${name}_${item[name]}` : undefined);
  if (typeof id !== "string") throw new Error(`the entity ${name} keeps the head of a journal and has no ${attribute}`);
  return id;
}
