import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namesCloseAt, numbered, renamed, takesNames, ticketCount, type Holders } from "../../../../packages/core/src/order/rules/attendees.ts";
import { OrderStatus } from "../../../../packages/core/src/order/schema.ts";
import { ticketsFor } from "../../../../packages/core/src/ticket/entity.ts";

describe("the number of a ticket", () => {
  it("counts through the lines, as the worked example says", () => {
    const lines = [
      { quantity: 2, attendees: [null, "Bea"] },
      { quantity: 1, attendees: ["Cleo"] },
    ];
    expect(numbered(lines)).toEqual([
      { ticketNumber: 1, attendee: null },
      { ticketNumber: 2, attendee: "Bea" },
      { ticketNumber: 3, attendee: "Cleo" },
    ]);
    expect(ticketCount(lines)).toBe(3);
  });

  it("is the one that its ticket is issued under, whatever the lines", () => {
    const line = fc
      .integer({ min: 1, max: 8 })
      .chain((quantity) => fc.record({ quantity: fc.constant(quantity), named: fc.integer({ min: 0, max: quantity }) }));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (shapes) => {
        const lines = shapes.map(({ quantity, named }, i) => ({
          ticketTypeId: `tt_${i}`,
          quantity,
          attendees: Array.from({ length: named }, (_, n) => `per_${i}_${n}`),
        }));
        const holders = Object.fromEntries(numbered(lines).map(({ ticketNumber, attendee }) => [ticketNumber, attendee]));
        const tickets = ticketsFor({ orderId: "ord_1", eventId: "evt_1", personId: "per_buyer", holders, lines, at: "2026-11-02T09:00:00.000Z" });
        expect(tickets).toHaveLength(ticketCount(lines));
        for (const [i, { ticketTypeId, quantity, attendees }] of lines.entries()) {
          const own = tickets.filter((ticket) => ticket.ticketTypeId === ticketTypeId);
          expect(own.map(({ personId }) => personId)).toEqual([...attendees, ...Array.from({ length: quantity - attendees.length }, () => "per_buyer")]);
          expect(own.every(({ personId }) => personId === "per_buyer" || personId.startsWith(`per_${i}_`))).toBe(true);
        }
      }),
    );
  });
});

describe("naming somebody", () => {
  const before: Holders = { "2": "per_bea" };

  it("changes the tickets that are named and leaves the others as they are", () => {
    const { holders, changed } = renamed(before, [{ ticketNumber: 3, personId: "per_cleo" }], "per_anna");
    expect(holders).toEqual({ "2": "per_bea", "3": "per_cleo" });
    expect(changed).toEqual([3]);
    expect(before).toEqual({ "2": "per_bea" });
  });

  it("gives a ticket back to the buyer by null as by the buyer's own name", () => {
    for (const personId of [null, "per_anna"]) expect(renamed(before, [{ ticketNumber: 2, personId }], "per_anna")).toEqual({ holders: {}, changed: [2] });
  });

  it("that holds the ticket already changes nothing", () => {
    const again = [
      { ticketNumber: 2, personId: "per_bea" },
      { ticketNumber: 1, personId: null },
      { ticketNumber: 3, personId: "per_anna" },
    ];
    expect(renamed(before, again, "per_anna")).toEqual({ holders: before, changed: [] });
  });
});

it("is possible until the event starts, or until when it says", () => {
  const startsAt = "2027-05-09T18:00:00.000Z";
  expect(namesCloseAt({ startsAt })).toBe(startsAt);
  expect(namesCloseAt({ startsAt, attendeesUntil: "2027-05-01T00:00:00.000Z" })).toBe("2027-05-01T00:00:00.000Z");
});

it("is possible while the order has a future", () => {
  expect(OrderStatus.options.filter(takesNames)).toEqual(["held", "awaiting_payment", "fulfilled"]);
});
