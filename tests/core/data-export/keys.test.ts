import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { DataExports, Parts, type DataExportRow } from "../../../packages/core/src/data-export/entity.ts";
import { find, listDue } from "../../../packages/core/src/data-export/read.ts";
import { changeOf, dueSoon } from "../../../packages/core/src/data-export/write.ts";

const at = "2026-11-02T09:00:00.000Z";
const row: DataExportRow = {
  ...{
    userId: "usr_1",
    dataExportId: "exp_1",
    n: 1,
    phase: "collecting",
    step: 1,
    buyers: ["usr_1"],
    buyer: 0,
    requestedAt: at,
    expiresAt: "2026-11-09T09:00:00.000Z",
  },
  ...{ updatedAt: at, version: 1, auditHash: "h", ...dueSoon(Date.parse(at)) },
};

it("1. its owner, and a worker, open it", async () => {
  expect(await sentBy(() => find("usr_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "EXPORT#usr_1",
          "sk": "EXPORT",
        },
      },
    ]
  `);
});

it("2. the download joins its parts", async () => {
  expect(await sentBy(() => Parts.query.byExport({ exportId: "exp_1" }).go({ consistent: true }))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "EXPORT#exp_1" and begins_with(sk, "PART#")",
      },
    ]
  `);
  expect(readable(Parts.put({ exportId: "exp_1", n: 2, sealed: "s", ttl: 1 }).params())).toMatchInlineSnapshot(`
    {
      "Item": {
        "__edb_e__": "data-export-part",
        "__edb_v__": "1",
        "exportId": "exp_1",
        "n": 2,
        "pk": "EXPORT#exp_1",
        "sealed": "s",
        "sk": "PART#000002",
        "ttl": 1,
      },
    }
  `);
});

it("3. the clock asks which have stalled, and one that is ready leaves its list", async () => {
  expect(await sentBy(() => listDue(at, 20))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "EXPORTS#open" and gsi1sk <= "2026-11-02T09:00:00.000Z"",
        "Limit": 20,
      },
    ]
  `);
  expect(readable(DataExports.create(row).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "data-export",
        "__edb_v__": "1",
        "auditHash": "h",
        "buyer": 0,
        "buyers": [
          "usr_1",
        ],
        "dataExportId": "exp_1",
        "dueAt": "2026-11-02T09:02:00.000Z",
        "expiresAt": "2026-11-09T09:00:00.000Z",
        "gsi1pk": "EXPORTS#open",
        "gsi1sk": "2026-11-02T09:02:00.000Z",
        "list": "open",
        "n": 1,
        "phase": "collecting",
        "pk": "EXPORT#usr_1",
        "requestedAt": "2026-11-02T09:00:00.000Z",
        "sk": "EXPORT",
        "step": 1,
        "updatedAt": "2026-11-02T09:00:00.000Z",
        "userId": "usr_1",
        "version": 1,
      },
    }
  `);
  expect(readable(changeOf(row, { version: 2, auditHash: "h2", updatedAt: at }, { step: 2, phase: "ready" }, ["list", "dueAt"]).params()))
    .toMatchInlineSnapshot(`
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 1",
        "Key": {
          "pk": "EXPORT#usr_1",
          "sk": "EXPORT",
        },
        "UpdateExpression": "SET step = 2, phase = "ready", version = 2, auditHash = "h2", updatedAt = "2026-11-02T09:00:00.000Z", userId = "usr_1", __edb_e__ = "data-export", __edb_v__ = "1" REMOVE list, dueAt, gsi1pk, gsi1sk",
      }
    `);
});
