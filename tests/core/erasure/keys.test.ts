import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { ErasedPeople, Erasures, type ErasureRow } from "../../../packages/core/src/erasure/entity.ts";
import { find, listDue, listErased } from "../../../packages/core/src/erasure/read.ts";
import { changeOf, dueIn } from "../../../packages/core/src/erasure/write.ts";

const now = Date.parse("2026-11-02T09:00:00.000Z");
const row: ErasureRow = {
  ...{ erasureId: "era_1", userId: "usr_1", reason: "request", askedBy: { kind: "attendee", id: "usr_1" }, phase: "people", step: 1, round: 1 },
  ...{ personIds: ["per_1"], emailKey: "per_2", requestedAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z", version: 0 },
  ...dueIn(now, 2),
};
const head = { version: 1, auditHash: "h", updatedAt: "2026-11-02T09:01:00.000Z" };

it("1. a worker, whoever asked, or an admin opens it by id", async () => {
  expect(await sentBy(() => find("era_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "ERASURE#era_1",
          "sk": "ERASURE",
        },
      },
    ]
  `);
});

it("2. the clock asks which must go on, or have stalled", async () => {
  expect(await sentBy(() => listDue("2026-11-02T09:00:00.000Z", 20))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "ERASURES#open" and gsi1sk <= "2026-11-02T09:00:00.000Z"",
        "Limit": 20,
      },
    ]
  `);
  expect(readable(Erasures.create(row).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "erasure",
        "__edb_v__": "1",
        "askedBy": {
          "id": "usr_1",
          "kind": "attendee",
        },
        "dueAt": "2026-11-02T09:02:00.000Z",
        "emailKey": "per_2",
        "erasureId": "era_1",
        "gsi1pk": "ERASURES#open",
        "gsi1sk": "2026-11-02T09:02:00.000Z",
        "list": "open",
        "personIds": [
          "per_1",
        ],
        "phase": "people",
        "pk": "ERASURE#era_1",
        "reason": "request",
        "requestedAt": "2026-11-02T09:00:00.000Z",
        "round": 1,
        "sk": "ERASURE",
        "step": 1,
        "updatedAt": "2026-11-02T09:00:00.000Z",
        "userId": "usr_1",
        "version": 0,
      },
    }
  `);
});

it("2. one that is done leaves the clock's list, and forgets how its people were found", () => {
  const gone = ["list", "dueAt", "personIds", "emailKey", "phoneKey"] as const;
  expect(readable(changeOf(row, head, { phase: "done", people: 1, keys: 1, digest: "d" }, gone).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 0",
      "Key": {
        "pk": "ERASURE#era_1",
        "sk": "ERASURE",
      },
      "UpdateExpression": "SET phase = "done", people = 1, keys = 1, digest = "d", version = 1, auditHash = "h", updatedAt = "2026-11-02T09:01:00.000Z", erasureId = "era_1", __edb_e__ = "erasure", __edb_v__ = "1" REMOVE list, dueAt, personIds, emailKey, phoneKey, gsi1pk, gsi1sk",
    }
  `);
});

it("3. the proof is made of who was erased", async () => {
  expect(await sentBy(() => listErased("era_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "ERASURE#era_1" and begins_with(sk, "PERSON#")",
      },
    ]
  `);
  expect(readable(ErasedPeople.create({ erasureId: "era_1", personId: "per_1", hadKey: true, at: "2026-11-02T09:00:00.000Z" }).params()))
    .toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "erased-person",
        "__edb_v__": "1",
        "at": "2026-11-02T09:00:00.000Z",
        "erasureId": "era_1",
        "hadKey": true,
        "personId": "per_1",
        "pk": "ERASURE#era_1",
        "sk": "PERSON#per_1",
      },
    }
  `);
});
