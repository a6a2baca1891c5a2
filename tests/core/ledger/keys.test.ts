import { expect, it } from "vitest";
import { as, readable, sentBy, system } from "../golden.ts";
import { bookFee, confirm, LedgerRows, listByOrder, pageByDay, recording } from "../../../packages/core/src/ledger/index.ts";

it("1. an order's money is read in one query", async () => {
  expect(await sentBy(() => listByOrder("ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "ORDER#ord_1" and begins_with(sk, "LEDGER#")",
      },
    ]
  `);
});

it("2. an event's money is read by time", () => {
  expect(readable(LedgerRows.query.byEvent({ eventId: "evt_1" }).params())).toMatchInlineSnapshot(`
    {
      "IndexName": "gsi1",
      "KeyConditionExpression": "gsi1pk = "LEDGER#evt_1"",
    }
  `);
});

it("3. reconciliation reads all money of a day, by time", async () => {
  expect(await sentBy(() => pageByDay("2026-11-02", null))).toMatchInlineSnapshot(`
    [
      {
        "IndexName": "gsi2",
        "KeyConditionExpression": "gsi2pk = "LEDGER#2026-11-02"",
        "Limit": 100,
      },
    ]
  `);
});

it("3. reconciliation notes the transaction behind a row, once", async () => {
  const row = { orderId: "ord_1", kind: "charge" as const, reference: "pi_1", transactionId: "txn_1" };
  expect(await sentBy(() => as(system, () => confirm(row)))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND attribute_not_exists(transactionId)",
        "Key": {
          "pk": "ORDER#ord_1",
          "sk": "LEDGER#charge#pi_1",
        },
        "UpdateExpression": "SET transactionId = "txn_1", orderId = "ord_1", kind = "charge", reference = "pi_1", __edb_e__ = "ledger-row", __edb_v__ = "1"",
      },
    ]
  `);
});

it("a fee is booked once per transaction, confirmed from the start", async () => {
  const fee = { orderId: "ord_1", eventId: "evt_1", transactionId: "txn_1", amount: 155, currency: "EUR", at: "2026-11-02T09:01:00.000Z" };
  expect(await sentBy(() => as(system, () => bookFee(fee)))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "ledger-row",
          "__edb_v__": "1",
          "amount": 155,
          "at": "2026-11-02T09:01:00.000Z",
          "currency": "EUR",
          "day": "2026-11-02",
          "eventId": "evt_1",
          "gsi1pk": "LEDGER#evt_1",
          "gsi1sk": "2026-11-02T09:01:00.000Z#txn_1",
          "gsi2pk": "LEDGER#2026-11-02",
          "gsi2sk": "2026-11-02T09:01:00.000Z#txn_1",
          "kind": "fee",
          "orderId": "ord_1",
          "pk": "ORDER#ord_1",
          "reference": "txn_1",
          "sk": "LEDGER#fee#txn_1",
          "transactionId": "txn_1",
        },
      },
    ]
  `);
});

it("one fact is booked once", () => {
  const charge = {
    orderId: "ord_1",
    eventId: "evt_1",
    kind: "charge",
    reference: "pi_Abc",
    amount: 9_000,
    currency: "EUR",
    at: "2026-11-02T09:00:00.000Z",
  } as const;
  expect(readable(recording(charge).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "ledger-row",
        "__edb_v__": "1",
        "amount": 9000,
        "at": "2026-11-02T09:00:00.000Z",
        "currency": "EUR",
        "day": "2026-11-02",
        "eventId": "evt_1",
        "gsi1pk": "LEDGER#evt_1",
        "gsi1sk": "2026-11-02T09:00:00.000Z#pi_Abc",
        "gsi2pk": "LEDGER#2026-11-02",
        "gsi2sk": "2026-11-02T09:00:00.000Z#pi_Abc",
        "kind": "charge",
        "orderId": "ord_1",
        "pk": "ORDER#ord_1",
        "reference": "pi_Abc",
        "sk": "LEDGER#charge#pi_Abc",
      },
    }
  `);
});
