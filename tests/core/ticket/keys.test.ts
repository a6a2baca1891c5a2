import { expect, it } from "vitest";
import { readable, sentBy } from "../golden.ts";
import { handing, issuing, listByOrder, Tickets, ticketsFor } from "../../../packages/core/src/ticket/entity.ts";

const order = { orderId: "ord_1", eventId: "evt_1", personId: "per_1", lines: [{ ticketTypeId: "tt_1", quantity: 2 }], at: "2026-11-02T09:00:00.000Z" };

it("1. the owner of an order sees its tickets", async () => {
  expect(await sentBy(() => listByOrder("ord_1"))).toMatchInlineSnapshot(`
    [
      {
        "ConsistentRead": true,
        "KeyConditionExpression": "pk = "ORDER#ord_1" and begins_with(sk, "TICKET#")",
      },
    ]
  `);
});

it("2. a ticket is opened by its id, which names its order", () => {
  expect(readable(Tickets.get({ orderId: "ord_1", n: 12 }).params())).toMatchInlineSnapshot(`
    {
      "Key": {
        "pk": "ORDER#ord_1",
        "sk": "TICKET#0012",
      },
    }
  `);
});

it("a ticket is issued once, under an id that follows from its order", () => {
  expect(ticketsFor(order).map((ticket) => readable(issuing(ticket).params()))).toMatchInlineSnapshot(`
    [
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "ticket",
          "__edb_v__": "1",
          "credentialVersion": 1,
          "eventId": "evt_1",
          "issuedAt": "2026-11-02T09:00:00.000Z",
          "n": 1,
          "orderId": "ord_1",
          "personId": "per_1",
          "pk": "ORDER#ord_1",
          "sk": "TICKET#0001",
          "status": "valid",
          "ticketId": "tkt_1-1",
          "ticketTypeId": "tt_1",
        },
      },
      {
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(sk)",
        "Item": {
          "__edb_e__": "ticket",
          "__edb_v__": "1",
          "credentialVersion": 1,
          "eventId": "evt_1",
          "issuedAt": "2026-11-02T09:00:00.000Z",
          "n": 2,
          "orderId": "ord_1",
          "personId": "per_1",
          "pk": "ORDER#ord_1",
          "sk": "TICKET#0002",
          "status": "valid",
          "ticketId": "tkt_1-2",
          "ticketTypeId": "tt_1",
        },
      },
    ]
  `);
});

it("a ticket changes hands while it is valid and still whose it was", () => {
  expect(readable(handing(ticketsFor(order)[1]!, "per_2").params())).toMatchInlineSnapshot(`
    {
      "ConditionExpression": "attribute_exists(pk) AND attribute_exists(sk) AND status = "valid" AND personId = "per_1"",
      "Key": {
        "pk": "ORDER#ord_1",
        "sk": "TICKET#0002",
      },
      "UpdateExpression": "SET personId = "per_2", orderId = "ord_1", n = 2, __edb_e__ = "ticket", __edb_v__ = "1"",
    }
  `);
});

it("a ticket is issued to whoever was named for it", () => {
  expect(ticketsFor({ ...order, holders: { "2": "per_2" } }).map(({ personId }) => personId)).toEqual(["per_1", "per_2"]);
});
