import { expect, it } from "vitest";
import "../golden.ts";
import { checkChain, journaledId } from "../../../packages/core/src/db/chain.ts";
import { journalHash, placeOf, previousAtOf, RETENTION_MS } from "../../../packages/core/src/db/journal.ts";
import { DAY_MS, isoOf, msOf } from "../../../packages/core/src/time.ts";

const BORN = msOf("2026-11-02T09:00:00.000Z");
const YEAR_MS = 365 * DAY_MS;

type Item = Record<string, any>;

/** A journal as the product writes it, with an entry at each instant, and the entity that it is of. */
function written(instants: readonly number[], last: Item = {}): { entries: Item[]; entity: Item } {
  const entries: Item[] = [];
  for (const [i, ms] of instants.entries()) {
    const before = entries.at(-1);
    const at = isoOf(ms);
    const previousAt = previousAtOf(before?.["at"], at);
    const entry = {
      ...{ entityId: "ord_1", seq: i + 1, entityType: "order", action: "order.extend", actor: { kind: "attendee", id: "usr_1" }, at, requestId: "req_1" },
      ...(previousAt ? { previousAt } : {}),
      ...{ previousHash: before?.["hash"] ?? "", events: [], ...(i === instants.length - 1 ? last : {}) },
    };
    const { ttl, actorId, actedAt } = placeOf(entry);
    const keys = { pk: "JOURNAL#ord_1", sk: `E#${String(i + 1).padStart(8, "0")}`, gsi3pk: actorId, gsi3sk: actedAt };
    entries.push({ ...entry, hash: journalHash(entry), ttl, ...keys });
  }
  const { seq, hash, at } = entries.at(-1)!;
  return { entries, entity: { version: seq, auditHash: hash, updatedAt: at } };
}

const report = (entries: readonly Item[], entity: Item | undefined, nowMs: number) => {
  const { findings, beginsAt } = checkChain("ord_1", entries, entity, nowMs);
  return { found: findings.map(({ seq, code }) => `${seq} ${code}`), beginsAt };
};

it("takes no offence at an unbroken chain, in whatever order its entries are read", () => {
  const { entries, entity } = written([BORN, BORN + 1, BORN + 2 * DAY_MS]);
  expect(report([...entries].reverse(), entity, BORN)).toEqual({ found: [], beginsAt: undefined });
});

it("lets a chain begin later when what is missing was kept for seven years, and says where it begins", () => {
  const { entries, entity } = written([BORN, BORN + YEAR_MS, BORN + 6 * YEAR_MS]);
  const firstIsOld = BORN + RETENTION_MS;
  expect(report(entries.slice(1), entity, firstIsOld)).toEqual({ found: [], beginsAt: 2 });
  expect(report(entries.slice(1), entity, firstIsOld - 1), "a moment too early is tampering").toEqual({ found: ["1 missing_entry"], beginsAt: 2 });
  expect(report(entries.slice(2), entity, firstIsOld), "the second is not old enough").toEqual({ found: ["2 missing_entry"], beginsAt: 3 });
  expect(report(entries.slice(2), entity, BORN + YEAR_MS + RETENTION_MS)).toEqual({ found: [], beginsAt: 3 });
});

it("lets entries of one day go in any order, for that is how they are collected", () => {
  const { entries, entity } = written([BORN, BORN + 1_000, BORN + 2_000, BORN + 5 * YEAR_MS]);
  const [first, , third, fourth] = entries as [Item, Item, Item, Item];
  expect(report([first, third, fourth], entity, BORN + RETENTION_MS + 60_000)).toEqual({ found: [], beginsAt: undefined });
  expect(report([first, third, fourth], entity, BORN + RETENTION_MS - 2 * DAY_MS).found).toEqual(["2 missing_entry"]);
});

it("lets the whole journal of an entity go that nobody touched for seven years, and not a moment before", () => {
  const { entity } = written([BORN, BORN + 1]);
  expect(report([], entity, BORN + 1 + RETENTION_MS).found).toEqual([]);
  expect(report([], entity, BORN + RETENTION_MS).found).toEqual(["2 no_journal"]);
});

it("believes no date of a forged entry: with its hash all that follows would change", () => {
  const { entries, entity } = written([BORN, BORN + 1, BORN + 2]);
  const second = { ...entries[1], previousAt: isoOf(BORN - 8 * YEAR_MS) };
  expect(report([second, entries[2]!], entity, BORN).found).toEqual(["2 changed_entry"]);
  const rehashed = { ...second, hash: journalHash(second) };
  expect(report([rehashed, entries[2]!], entity, BORN).found).toEqual(["3 broken_link"]);
});

it("lets an entity be gone when its journal tells of its end, or until when there was a row", () => {
  expect(report(written([BORN, BORN + 1]).entries, undefined, BORN).found).toEqual(["2 no_entity"]);
  expect(report(written([BORN, BORN + 1], { removed: true }).entries, undefined, BORN).found).toEqual([]);
  const { entries } = written([BORN], { initial: { ttl: BORN / 1_000 + 60 } });
  expect(report(entries, undefined, BORN + 60_000).found).toEqual([]);
  expect(report(entries, undefined, BORN + 59_000).found).toEqual(["1 no_entity"]);
});

it("knows of a row whose journal it has the head of, and refuses one whose id it cannot tell", () => {
  expect(journaledId({ __edb_e__: "ticket-type", ticketTypeId: "tt_1", auditHash: "h" })).toBe("tt_1");
  expect(journaledId({ __edb_e__: "ledger-row", reference: "pi_1" })).toBeUndefined();
  expect(() => journaledId({ __edb_e__: "thing", auditHash: "h" })).toThrow(/no thingId/);
});
