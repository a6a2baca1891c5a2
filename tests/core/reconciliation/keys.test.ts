import { personIn } from "../../../packages/core/src/actor.ts";
import { expect, it } from "vitest";
import { as, readable, sentBy, system } from "../golden.ts";
import type { ReconciliationRow } from "../../../packages/core/src/reconciliation/entity.ts";
import { advance, find, list, listStalled } from "../../../packages/core/src/reconciliation/index.ts";
import { NOTHING } from "../../../packages/core/src/reconciliation/schema.ts";
import { changeOf, running } from "../../../packages/core/src/reconciliation/write.ts";

const job: ReconciliationRow = {
  ...{ reconciliationId: "rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3", trigger: "hourly", state: "running", full: false, graceMinutes: 10 },
  ...{ since: "2026-11-02T06:00:00.000Z", until: "2026-11-02T09:00:00.000Z", phase: "provider", cursor: "txn_1", progress: 0.2 },
  ...{ counts: NOTHING, differences: [], stalls: 0, list: "all", ...running("2026-11-02T09:00:01.000Z"), startedAt: "2026-11-02T09:00:00.000Z" },
  ...{ updatedAt: "2026-11-02T09:00:01.000Z", version: 2, auditHash: "h", ttl: 1_828_170_000 },
};
const head = { version: 3, auditHash: "h2", updatedAt: "2026-11-02T09:00:02.000Z" };

it("1. a worker opens a job by its id", async () => {
  expect(await sentBy(() => find(job.reconciliationId))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "RECONCILIATION#rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          "sk": "RECONCILIATION",
        },
      },
    ]
  `);
});

it("1. a slice is counted on condition that nobody went on with the job", () => {
  const after = { counts: { ...NOTHING, compared: 100, equal: 100 }, cursor: "txn_2", ...running(head.updatedAt) };
  expect(readable(changeOf(job, head, after, ["day"]).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 2",
      "Key": {
        "pk": "RECONCILIATION#rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
        "sk": "RECONCILIATION",
      },
      "UpdateExpression": "SET counts = {"compared":100,"equal":100,"repaired":0,"waiting":0,"fees":0,"reported":0}, cursor = "txn_2", running = "yes", aliveAt = "2026-11-02T09:00:02.000Z", version = 3, auditHash = "h2", updatedAt = "2026-11-02T09:00:02.000Z", gsi2pk = "RECONCILIATIONS#running#yes", gsi2sk = "2026-11-02T09:00:02.000Z", reconciliationId = "rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3", __edb_e__ = "reconciliation", __edb_v__ = "1" REMOVE day",
    }
  `);
});

it("1. a job that is done leaves the running ones, in one transaction with the event that says so", async () => {
  const [sent] = await sentBy(() => as(system, () => advance({ reconciliation: { ...job, phase: "ledger" }, counts: NOTHING, differences: [], next: null })));
  const [change, journal] = sent!["TransactItems"] as {
    Update?: { UpdateExpression: string; ExpressionAttributeNames: Record<string, string> };
    Put?: { Item: any };
  }[];
  const removed = change!.Update!.UpdateExpression.split("REMOVE")[1]!.replace(/#\w+/g, (name) => change!.Update!.ExpressionAttributeNames[name]!);
  expect(removed.trim().split(", ").sort()).toEqual(["aliveAt", "cursor", "day", "gsi2pk", "gsi2sk", "running"]);
  expect(journal!.Put!.Item.events[0]).toMatchObject({ type: "reconciliation.finished", data: { state: "done", repaired: 0, reported: 0 } });
});

it("2. an admin lists what ran, newest first", async () => {
  const admin = personIn("admin", "usr_1");
  expect(await sentBy(() => as(admin, () => list({})))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "RECONCILIATIONS#all"",
        "Limit": 25,
        "ScanIndexForward": false,
      },
    ]
  `);
});

it("3. the sweeper asks which have made no progress for a while", async () => {
  expect(await sentBy(() => listStalled("2026-11-02T08:50:00.000Z", 20))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "RECONCILIATIONS#running#yes" and gsi2sk < "2026-11-02T08:50:00.000Z"",
        "Limit": 20,
      },
    ]
  `);
});
