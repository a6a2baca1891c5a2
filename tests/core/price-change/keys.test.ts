import { expect, it } from "vitest";
import { as, readable, sentBy, system } from "../golden.ts";
import { adding, pageOfType } from "../../../packages/core/src/price-change/index.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" as const });

it("1. the team reads the prices of a type, newest first", async () => {
  expect(await sentBy(() => pageOfType("tt_1", { limit: 25 }))).toMatchInlineSnapshot(`
    [
      {
        "KeyConditionExpression": "pk = "TYPE#tt_1" and begins_with(sk, "PRICE#")",
        "Limit": 25,
        "ScanIndexForward": false,
      },
    ]
  `);
});

it("a version of a type has one price, and is told who made it", async () => {
  const head = { version: 4, auditHash: "h", updatedAt: "2026-11-02T09:00:00.000Z" };
  const change = { ticketTypeId: "tt_1", eventId: "evt_1", from: eur(18_000), to: eur(19_800), reason: "edited" as const };
  const write = await as(system, async () => adding(change, head));
  expect(readable(write.operation.params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "price-change",
        "__edb_v__": "1",
        "at": "2026-11-02T09:00:00.000Z",
        "by": {
          "id": "golden",
          "kind": "system",
        },
        "eventId": "evt_1",
        "from": {
          "amount": 18000,
          "currency": "EUR",
        },
        "n": 4,
        "pk": "TYPE#tt_1",
        "reason": "edited",
        "sk": "PRICE#2026-11-02T09:00:00.000Z#00000004",
        "ticketTypeId": "tt_1",
        "to": {
          "amount": 19800,
          "currency": "EUR",
        },
      },
    }
  `);
});
