import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { Orders, type OrderRow } from "../../../packages/core/src/order/entity.ts";
import { find, listByBuyer, listDue, pageOfSales } from "../../../packages/core/src/order/read.ts";
import { changeOf, due } from "../../../packages/core/src/order/write.ts";

const row: OrderRow = {
  ...{ orderId: "ord_1", eventId: "evt_1", personId: "per_1", status: "held", lines: [], amount: 9_000, currency: "EUR", version: 3, auditHash: "h" },
  ...{ claims: [{ poolId: "tt_1", group: 0, bucket: 0, q: 2 }], limits: [], attempts: [], whatsappOptIn: false, extended: false },
  ...{ expiresAt: "2026-11-02T09:15:00.000Z", ...due("ord_1", "2026-11-02T09:15:00.000Z") },
  ...{ createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z" },
};
const head = { version: 4, auditHash: "h2", updatedAt: "2026-11-02T09:20:00.000Z" };

it("1. its owner, a consumer or a webhook opens it by id", async () => {
  expect(await sentBy(() => find("ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "ORDER#ord_1",
          "sk": "ORDER",
        },
      },
    ]
  `);
});

it("2. the sweeper asks which unfinished orders are due, shard by shard", async () => {
  expect(await sentBy(() => listDue("04", "2026-11-02T09:15:00.000Z", 25))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "DUE#04" and gsi1sk <= "2026-11-02T09:15:00.000Z"",
        "Limit": 25,
      },
    ]
  `);
});

it("2. an unfinished order is in the index of what is due", () => {
  expect(readable(Orders.create(row).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "order",
        "__edb_v__": "1",
        "amount": 9000,
        "attempts": [],
        "auditHash": "h",
        "claims": [
          {
            "bucket": 0,
            "group": 0,
            "poolId": "tt_1",
            "q": 2,
          },
        ],
        "createdAt": "2026-11-02T09:00:00.000Z",
        "currency": "EUR",
        "dueAt": "2026-11-02T09:15:00.000Z",
        "dueShard": "52",
        "eventId": "evt_1",
        "expiresAt": "2026-11-02T09:15:00.000Z",
        "extended": false,
        "gsi1pk": "DUE#52",
        "gsi1sk": "2026-11-02T09:15:00.000Z",
        "limits": [],
        "lines": [],
        "orderId": "ord_1",
        "personId": "per_1",
        "pk": "ORDER#ord_1",
        "sk": "ORDER",
        "status": "held",
        "updatedAt": "2026-11-02T09:00:00.000Z",
        "version": 3,
        "whatsappOptIn": false,
      },
    }
  `);
});

it("2. an order with more time moves in the index of what is due", () => {
  const later = { expiresAt: "2026-11-02T09:30:00.000Z", ...due("ord_1", "2026-11-02T09:30:00.000Z") };
  expect(readable(changeOf(row, head, later).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 3",
      "Key": {
        "pk": "ORDER#ord_1",
        "sk": "ORDER",
      },
      "UpdateExpression": "SET expiresAt = "2026-11-02T09:30:00.000Z", dueShard = "52", dueAt = "2026-11-02T09:30:00.000Z", version = 4, auditHash = "h2", updatedAt = "2026-11-02T09:20:00.000Z", gsi1pk = "DUE#52", gsi1sk = "2026-11-02T09:30:00.000Z", orderId = "ord_1", __edb_e__ = "order", __edb_v__ = "1"",
    }
  `);
});

it("2. a final order leaves the index of what is due", () => {
  expect(readable(changeOf(row, head, { status: "expired" }, ["dueShard", "dueAt"]).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 3",
      "Key": {
        "pk": "ORDER#ord_1",
        "sk": "ORDER",
      },
      "UpdateExpression": "SET status = "expired", version = 4, auditHash = "h2", updatedAt = "2026-11-02T09:20:00.000Z", orderId = "ord_1", __edb_e__ = "order", __edb_v__ = "1" REMOVE dueShard, dueAt, gsi1pk, gsi1sk",
    }
  `);
});

it("3. what was sold for an event is listed by time", async () => {
  expect(await sentBy(() => pageOfSales("evt_1", 48, undefined))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "SALES#evt_1"",
        "Limit": 48,
      },
    ]
  `);
});

const sold = { status: "fulfilled" as const, soldAt: "2026-11-02T09:10:00.000Z", soldFor: "evt_1", soldTo: "per_1" };

it("4. who bought it lists what they bought, by time", async () => {
  expect(await sentBy(() => listByBuyer("per_1"))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi3",
        "KeyConditionExpression": "gsi3pk = "BUYER#per_1"",
      },
    ]
  `);
});

it("4. an order enters its buyer's list with its tickets, and moves to the user who adopts it", () => {
  expect(readable(changeOf(row, head, sold).params())["UpdateExpression"]).toMatch(/gsi3pk = "BUYER#per_1", gsi3sk = "2026-11-02T09:10:00.000Z"/);
  const adopted = { ...sold, userId: "usr_1", soldTo: "usr_1" };
  expect(readable(changeOf(row, head, adopted).params())["UpdateExpression"]).toMatch(/gsi3pk = "BUYER#usr_1", gsi3sk = "2026-11-02T09:10:00.000Z"/);
});

it("3. an order enters that list with its tickets", () => {
  expect(readable(changeOf(row, head, sold).params())["UpdateExpression"]).toMatch(/gsi2pk = "SALES#evt_1", gsi2sk = "2026-11-02T09:10:00.000Z"/);
});
