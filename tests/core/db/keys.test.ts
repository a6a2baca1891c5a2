import { expect, it } from "vitest";
import { as, readable, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { list } from "../../../packages/core/src/audit-log/read.ts";
import { hasJournal, historyOf, JournalEntries, placeOf } from "../../../packages/core/src/db/journal.ts";
import { markPublished, outboxRowOf, pendingSince } from "../../../packages/core/src/db/outbox.ts";

const entry = {
  ...{ entityId: "ord_1", seq: 3, entityType: "order", action: "order.place", actor: { kind: "public" }, at: "2026-11-02T09:00:00.000Z" },
  ...{ requestId: "req_1", previousHash: "p", hash: "h", events: [], ttl: 2_014_621_200 },
};
const admin = personIn("admin", "usr_9");
const pending = { pendingShard: "03", pendingSince: "2026-11-02T09:00:00.000Z" };

it("1. the relay knows a journal entry with domain events by its pending key", () => {
  const { Item } = JournalEntries.create({ ...entry, ...pending }).params() as { Item: Record<string, unknown> };
  expect(outboxRowOf(Item)).toMatchInlineSnapshot(`
    {
      "events": [],
      "pk": "JOURNAL#ord_1",
      "sk": "E#00000003",
    }
  `);
  const { Item: quiet } = JournalEntries.create(entry).params() as { Item: Record<string, unknown> };
  expect(outboxRowOf(quiet)).toBeUndefined();
});

it("2. the sweeper asks what has been pending, shard by shard", async () => {
  const sent = await sentBy(async () => {
    for await (const row of pendingSince("2026-11-02T09:01:00.000Z", 25)) expect(row).toBeUndefined();
  });
  expect(sent).toHaveLength(64);
  expect(sent[3]).toMatchInlineSnapshot(`
    {
      "IndexName": "gsi4",
      "KeyConditionExpression": "gsi4pk = "PENDING#03" AND gsi4sk < "2026-11-02T09:01:00.000Z"",
      "Limit": 25,
    }
  `);
});

it("2. a published entry leaves the pending index", async () => {
  expect(await sentBy(() => markPublished({ pk: "JOURNAL#ord_1", sk: "E#00000003" }, "2026-11-02T09:01:00.000Z"))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk)",
        "Key": {
          "pk": "JOURNAL#ord_1",
          "sk": "E#00000003",
        },
        "UpdateExpression": "SET publishedAt = "2026-11-02T09:01:00.000Z" REMOVE gsi4pk, gsi4sk, pendingShard, pendingSince",
      },
    ]
  `);
});

it("3. an auditor asks for an entity's history in order", async () => {
  expect(await sentBy(() => historyOf("ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "JOURNAL#ord_1" and begins_with(sk, "E#")",
      },
    ]
  `);
});

it("3. an auditor asks for its oldest entry that is kept, for the first may have been collected", async () => {
  expect(await sentBy(() => hasJournal("ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "JOURNAL#ord_1" and begins_with(sk, "E#")",
        "Limit": 1,
      },
    ]
  `);
});

it("4. an auditor asks what a user, a key or a device did, newest first", async () => {
  expect(await sentBy(() => as(admin, () => list({ userId: "usr_1", action: "order.refund", since: "2026-11-01T00:00:00Z", until: "2026-12-01T00:00:00Z" }))))
    .toMatchInlineSnapshot(`
    [
      {
        "FilterExpression": "action = "order.refund"",
        "IndexName": "gsi3",
        "KeyConditionExpression": "gsi3pk = "usr_1" and gsi3sk BETWEEN "2026-11-01T00:00:00.000Z" AND "2026-12-01T00:00:00.000Z"",
        "Limit": 25,
        "ScanIndexForward": false,
      },
    ]
  `);
});

it("4. guests and machines are not in the index of actors", () => {
  const placed = (actor: { kind: string; id?: string }) => placeOf({ ...entry, actor });
  expect(placed({ kind: "organizer", id: "usr_1" })).toMatchObject({ actorId: "usr_1", actedAt: entry.at });
  for (const actor of [{ kind: "public" }, ...["webhook", "schedule", "system"].map((kind) => ({ kind, id: "x" }))])
    expect(placed(actor)).not.toHaveProperty("actorId");
  const { Item } = JournalEntries.create({ ...entry, actorId: "usr_1", actedAt: entry.at }).params() as { Item: Record<string, unknown> };
  expect([Item["gsi3pk"], Item["gsi3sk"]]).toEqual(["usr_1", entry.at]);
});

it("an entry is kept for seven years", () => {
  expect(new Date(placeOf({ ...entry, actor: { kind: "public" } }).ttl * 1_000).toISOString()).toBe("2033-11-02T09:00:00.000Z");
});

it("a sequence number is written once per entity", () => {
  expect(readable(JournalEntries.create({ ...entry, ...pending }).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "journal-entry",
        "__edb_v__": "1",
        "action": "order.place",
        "actor": {
          "kind": "public",
        },
        "at": "2026-11-02T09:00:00.000Z",
        "entityId": "ord_1",
        "entityType": "order",
        "events": [],
        "gsi4pk": "PENDING#03",
        "gsi4sk": "2026-11-02T09:00:00.000Z",
        "hash": "h",
        "pendingShard": "03",
        "pendingSince": "2026-11-02T09:00:00.000Z",
        "pk": "JOURNAL#ord_1",
        "previousHash": "p",
        "requestId": "req_1",
        "seq": 3,
        "sk": "E#00000003",
        "ttl": 2014621200,
      },
    }
  `);
});
