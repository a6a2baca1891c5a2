import { expect, it } from "vitest";
import { as, readable, sentBy } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { Disputes, idOf, type DisputeRow } from "../../../packages/core/src/dispute/entity.ts";
import { find, list, standingsOfOrder } from "../../../packages/core/src/dispute/read.ts";
import { changeOf, standingsOf } from "../../../packages/core/src/dispute/write.ts";

const admin = personIn("admin", "usr_1");
const row: DisputeRow = {
  disputeId: "dsp_1",
  providerDisputeId: "du_1",
  orderId: "ord_1",
  eventId: "evt_1",
  status: "needs_response",
  standing: "open",
  state: "open",
  amount: 9_000,
  currency: "EUR",
  reason: "fraudulent",
  submissions: 0,
  movements: 1,
  openedAt: "2026-11-02T09:00:00.000Z",
  createdAt: "2026-11-02T09:00:01.000Z",
  updatedAt: "2026-11-02T09:00:01.000Z",
  version: 1,
  auditHash: "hash",
};

it("1. a webhook, and who answers a dispute, opens it by id", async () => {
  expect(await sentBy(() => find("dsp_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "DISPUTE#dsp_1",
          "sk": "DISPUTE",
        },
      },
    ]
  `);
});

it("1. the same dispute has the same id wherever it is told", () => {
  expect(idOf("du_1")).toMatchInlineSnapshot(`"dsp_FV4P91ZDM1ZG967Q7YSAXZZN2E"`);
  expect(idOf("du_1")).not.toBe(idOf("du_2"));
});

it("2. an organizer lists an event's disputes, open ones and the newest first", () => {
  expect(readable(Disputes.query.byEvent({ eventId: "evt_1" }).params())).toMatchInlineSnapshot(`
    {
      "IndexName": "gsi1",
      "KeyConditionExpression": "gsi1pk = "DISPUTES#evt_1"",
    }
  `);
  expect(readable(Disputes.query.byEvent({ eventId: "evt_1", state: "open" }).params())).toMatchInlineSnapshot(`
    {
      "IndexName": "gsi1",
      "KeyConditionExpression": "gsi1pk = "DISPUTES#evt_1" and begins_with(gsi1sk, "open#")",
    }
  `);
});

it("3. an admin lists all of them, open ones and the newest first", async () => {
  expect(await sentBy(() => as(admin, () => list({})))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "DISPUTES" and begins_with(gsi2sk, "open#")",
        "Limit": 25,
        "ScanIndexForward": false,
      },
    ]
  `);
  expect(await sentBy(() => as(admin, () => list({ state: "all" })))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "DISPUTES"",
        "Limit": 25,
        "ScanIndexForward": false,
      },
    ]
  `);
});

it("4. a verb asks what the disputes of an order are and together mean", async () => {
  expect(await sentBy(() => standingsOfOrder("ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "ORDER#ord_1",
          "sk": "DISPUTES",
        },
      },
    ]
  `);
});

it("a dispute is put once, with its place in both lists", () => {
  expect(readable(Disputes.create(row).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "dispute",
        "__edb_v__": "1",
        "amount": 9000,
        "auditHash": "hash",
        "createdAt": "2026-11-02T09:00:01.000Z",
        "currency": "EUR",
        "disputeId": "dsp_1",
        "eventId": "evt_1",
        "gsi1pk": "DISPUTES#evt_1",
        "gsi1sk": "open#2026-11-02T09:00:00.000Z#dsp_1",
        "gsi2pk": "DISPUTES",
        "gsi2sk": "open#2026-11-02T09:00:00.000Z#dsp_1",
        "movements": 1,
        "openedAt": "2026-11-02T09:00:00.000Z",
        "orderId": "ord_1",
        "pk": "DISPUTE#dsp_1",
        "providerDisputeId": "du_1",
        "reason": "fraudulent",
        "sk": "DISPUTE",
        "standing": "open",
        "state": "open",
        "status": "needs_response",
        "submissions": 0,
        "updatedAt": "2026-11-02T09:00:01.000Z",
        "version": 1,
      },
    }
  `);
});

it("a dispute changes on condition that nobody changed it, and moves in the lists when it is decided", () => {
  const head = { version: 2, auditHash: "next", updatedAt: "2026-11-03T09:00:00.000Z" };
  expect(readable(changeOf(row, head, { status: "lost", standing: "lost", state: "closed" }).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 1",
      "Key": {
        "pk": "DISPUTE#dsp_1",
        "sk": "DISPUTE",
      },
      "UpdateExpression": "SET eventId = "evt_1", state = "closed", openedAt = "2026-11-02T09:00:00.000Z", status = "lost", standing = "lost", version = 2, auditHash = "next", updatedAt = "2026-11-03T09:00:00.000Z", gsi1pk = "DISPUTES#evt_1", gsi1sk = "closed#2026-11-02T09:00:00.000Z#dsp_1", gsi2sk = "closed#2026-11-02T09:00:00.000Z#dsp_1", disputeId = "dsp_1", __edb_e__ = "dispute", __edb_v__ = "1"",
    }
  `);
});

it("what an order's disputes mean is written on condition that nobody changed it", () => {
  expect(readable(standingsOf({ orderId: "ord_1", standings: {}, version: 0 }, { dsp_1: "open" }).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "order-disputes",
        "__edb_v__": "1",
        "orderId": "ord_1",
        "pk": "ORDER#ord_1",
        "sk": "DISPUTES",
        "standings": {
          "dsp_1": "open",
        },
        "version": 1,
      },
    }
  `);
  expect(readable(standingsOf({ orderId: "ord_1", standings: { dsp_1: "open" }, version: 1 }, { dsp_1: "lost" }).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 1",
      "Key": {
        "pk": "ORDER#ord_1",
        "sk": "DISPUTES",
      },
      "UpdateExpression": "SET standings = {"dsp_1":"lost"}, version = 2, orderId = "ord_1", __edb_e__ = "order-disputes", __edb_v__ = "1"",
    }
  `);
});
