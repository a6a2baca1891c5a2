import { expect, it } from "vitest";
import { anybody, readable, sentBy } from "../golden.ts";
import { TicketTypes, type TicketTypeRow } from "../../../packages/core/src/ticket-type/entity.ts";
import { find, offeredTo } from "../../../packages/core/src/ticket-type/read.ts";
import { changesOf } from "../../../packages/core/src/ticket-type/write.ts";

const row: TicketTypeRow = {
  ...{ ticketTypeId: "tt_1", eventId: "evt_1", name: "Front row", kind: "paid", basePrice: { amount: 18_000, currency: "EUR" }, quantityTotal: 60 },
  ...{ groups: 1, minPerOrder: 1, maxPerOrder: 4, highDemand: false, isActive: true, version: 3, auditHash: "h" },
  ...{ createdAt: "2026-11-02T09:00:00.000Z", updatedAt: "2026-11-02T09:00:00.000Z" },
};
const head = { version: 4, auditHash: "h2", updatedAt: "2026-11-03T09:00:00.000Z" };

it("1. a buyer opens a ticket type by id", async () => {
  expect(await sentBy(() => find("tt_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "TYPE#tt_1",
          "sk": "TYPE",
        },
      },
    ]
  `);
});

it("1. an order of one type opens it by id, and its event", async () => {
  const answers = [{ Item: { ...TicketTypes.create(row).params()["Item"] } }];
  expect(await sentBy(() => offeredTo(anybody, ["tt_1"]), answers)).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "TYPE#tt_1",
          "sk": "TYPE",
        },
      },
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "EVENT#evt_1",
          "sk": "EVENT",
        },
      },
    ]
  `);
});

it("1. an order of several types opens them in one call, and their event beside it", async () => {
  expect(await sentBy(() => offeredTo(anybody, ["tt_1", "tt_2"], "evt_1"), [{}, { Responses: {}, UnprocessedKeys: {} }])).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "Key": {
          "pk": "EVENT#evt_1",
          "sk": "EVENT",
        },
      },
      {
        "RequestItems": {
          "golden": {
            "ConsistentRead": true,
            "Keys": [
              {
                "pk": "TYPE#tt_1",
                "sk": "TYPE",
              },
              {
                "pk": "TYPE#tt_2",
                "sk": "TYPE",
              },
            ],
          },
        },
      },
    ]
  `);
});

it("2. anybody lists the types of an event, oldest first", () => {
  expect(readable(TicketTypes.query.byEvent({ eventId: "evt_1" }).params())).toMatchInlineSnapshot(`
    {
      "IndexName": "gsi1",
      "KeyConditionExpression": "gsi1pk = "TYPES#evt_1"",
    }
  `);
});

it("a type is in the list of its event", () => {
  expect(readable(TicketTypes.create(row).params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
      "Item": {
        "__edb_e__": "ticket-type",
        "__edb_v__": "1",
        "auditHash": "h",
        "basePrice": {
          "amount": 18000,
          "currency": "EUR",
        },
        "createdAt": "2026-11-02T09:00:00.000Z",
        "eventId": "evt_1",
        "groups": 1,
        "gsi1pk": "TYPES#evt_1",
        "gsi1sk": "2026-11-02T09:00:00.000Z#tt_1",
        "highDemand": false,
        "isActive": true,
        "kind": "paid",
        "maxPerOrder": 4,
        "minPerOrder": 1,
        "name": "Front row",
        "pk": "TYPE#tt_1",
        "quantityTotal": 60,
        "sk": "TYPE",
        "ticketTypeId": "tt_1",
        "updatedAt": "2026-11-02T09:00:00.000Z",
        "version": 3,
      },
    }
  `);
});

it("a change is conditioned on the version read and stays in the list of its event", () => {
  expect(readable(changesOf(row, head, { quantityTotal: 80 }, ["salesEndAt"])[0]!.operation.params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND version = 3",
      "Key": {
        "pk": "TYPE#tt_1",
        "sk": "TYPE",
      },
      "UpdateExpression": "SET quantityTotal = 80, version = 4, auditHash = "h2", updatedAt = "2026-11-03T09:00:00.000Z", ticketTypeId = "tt_1", __edb_e__ = "ticket-type", __edb_v__ = "1" REMOVE salesEndAt",
    }
  `);
});

it("a type in high demand is written with its copies", () => {
  const [, first, ...others] = changesOf({ ...row, groups: 128 }, head, { quantityTotal: 80 }, []);
  expect(others).toHaveLength(7);
  expect(first!.operation.params()).toMatchObject({
    Item: { pk: "COPY#TYPE#tt_1#0", sk: "COPY", row: { ticketTypeId: "tt_1", quantityTotal: 80, version: 4 } },
  });
});
