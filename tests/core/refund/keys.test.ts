import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { adding, advancing, listByEvent, listByOrder, listWaiting, type NewRefund } from "../../../packages/core/src/refund/index.ts";

const refund: NewRefund = {
  orderId: "ord_1",
  refundId: "rf_1",
  eventId: "evt_1",
  status: "pending",
  amount: 4_500,
  currency: "EUR",
  reason: "goodwill",
  intentId: "pi_1",
  ticketNumbers: [2],
  restock: true,
  createdAt: "2026-11-02T09:00:00.000Z",
};

it("1. all refunds of an order are read at once", async () => {
  expect(await sentBy(() => listByOrder("ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "ORDER#ord_1" and begins_with(sk, "REFUND#")",
      },
    ]
  `);
});

it("2. the sweeper asks which have not reached the provider", async () => {
  expect(await sentBy(() => listWaiting("03", "2026-11-02T09:10:00.000Z", 25))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi1",
        "KeyConditionExpression": "gsi1pk = "REFUNDS_WAITING#03" and gsi1sk < "2026-11-02T09:10:00.000Z"",
        "Limit": 25,
      },
    ]
  `);
});

it("2. a new refund waits for the provider", () => {
  expect(readable(adding(refund).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "refund",
        "__edb_v__": "1",
        "amount": 4500,
        "createdAt": "2026-11-02T09:00:00.000Z",
        "currency": "EUR",
        "eventId": "evt_1",
        "gsi1pk": "REFUNDS_WAITING#02",
        "gsi1sk": "2026-11-02T09:00:00.000Z",
        "gsi2pk": "REFUNDS#evt_1",
        "gsi2sk": "2026-11-02T09:00:00.000Z",
        "intentId": "pi_1",
        "orderId": "ord_1",
        "pk": "ORDER#ord_1",
        "reason": "goodwill",
        "refundId": "rf_1",
        "restock": true,
        "sk": "REFUND#rf_1",
        "status": "pending",
        "ticketNumbers": [
          2,
        ],
        "updatedAt": "2026-11-02T09:00:00.000Z",
        "waitingShard": "02",
        "waitingSince": "2026-11-02T09:00:00.000Z",
      },
    }
  `);
});

it("2. one that was made there does not wait", () => {
  expect(readable(adding({ ...refund, providerRefundId: "re_1" }).params())["Item"]).not.toHaveProperty("gsi1pk");
});

it("2. one that has reached the provider waits no more", () => {
  const change = { status: "succeeded" as const, providerRefundId: "re_1" };
  expect(readable(advancing({ ...refund, updatedAt: refund.createdAt }, change, "2026-11-02T09:01:00.000Z").params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND status = "pending"",
      "Key": {
        "pk": "ORDER#ord_1",
        "sk": "REFUND#rf_1",
      },
      "UpdateExpression": "SET status = "succeeded", updatedAt = "2026-11-02T09:01:00.000Z", providerRefundId = "re_1", orderId = "ord_1", refundId = "rf_1", __edb_e__ = "refund", __edb_v__ = "1" REMOVE waitingShard, waitingSince, gsi1pk, gsi1sk",
    }
  `);
});

it("3. the refunds of an event are read by time", async () => {
  const all = async () => {
    for await (const _ of listByEvent("evt_1"));
  };
  expect(await sentBy(all)).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "REFUNDS#evt_1"",
        "Limit": 100,
      },
    ]
  `);
});
