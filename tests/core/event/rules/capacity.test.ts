import fc from "fast-check";
import { expect, it } from "vitest";
import type { SharedCapacity } from "../../../../packages/core/src/event/schema.ts";
import { capacityBinds, offersIn, outgrown, poolDecision, seatsOffered } from "../../../../packages/core/src/event/rules/capacity.ts";

const offers = (...seats: (number | null)[]) => seats.map((quantityTotal) => ({ quantityTotal }));

it("binds only when the types together offer more seats than the room has", () => {
  expect(seatsOffered(offers(300, 80))).toBe(380);
  expect(capacityBinds(400, offers(300, 80))).toBe(false);
  expect(capacityBinds(400, offers(300, 80, 50))).toBe(true);
});

it("does not bind at the last seat", () => {
  expect(capacityBinds(400, offers(300, 100))).toBe(false);
  expect(capacityBinds(400, offers(300, 101))).toBe(true);
});

it("always binds with an unlimited type, which counts no seats itself", () => {
  expect(seatsOffered(offers(300, null))).toBe(300);
  expect(capacityBinds(400, offers(null))).toBe(true);
});

it("never binds an event that offers nothing", () => {
  expect(capacityBinds(1, [])).toBe(false);
});

it("never lets a room that does not bind be oversold by types that are sold out", () => {
  const types = fc.array(fc.option(fc.nat(500)), { maxLength: 8 }).map((seats) => offers(...seats));
  fc.assert(
    fc.property(types, fc.integer({ min: 1, max: 1_000 }), (all, capacity) => {
      const sold = all.some(({ quantityTotal }) => quantityTotal === null) ? Infinity : seatsOffered(all);
      expect(capacityBinds(capacity, all)).toBe(sold > capacity);
    }),
  );
});

const shared = (seats: number, ticketTypeIds: string[], binds = false): SharedCapacity => {
  return { capacityId: `cap_${ticketTypeIds.join("")}`, name: "Balcony", seats, ticketTypeIds, binds, groups: 1 };
};
const offer = (ticketTypeId: string, quantityTotal: number | null, groups = 1) => ({ ticketTypeId, quantityTotal, groups, isActive: true });
const all = [offer("a", 80), offer("b", 50, 8), offer("c", 300)];

it("is shared by the types that still exist of those it names", () => {
  expect(offersIn(shared(100, ["a", "b", "gone"]), all)).toEqual([all[0], all[1]]);
  expect(offersIn(shared(100, []), all)).toEqual([]);
});

it("is decided by the types that share it alone, and cut like the busiest of them", () => {
  expect(poolDecision(100, offersIn(shared(100, ["a", "b"]), all))).toEqual({ binds: true, groups: 2 });
  expect(poolDecision(400, offersIn(shared(400, ["a", "b"]), all))).toEqual({ binds: false, groups: 8 });
  expect(poolDecision(100, offersIn(shared(100, ["a"]), all))).toEqual({ binds: false, groups: 1 });
  expect(poolDecision(100, [])).toEqual({ binds: false, groups: 1 });
});

it("that does not bind is outgrown by one seat more, the room as well as what is shared; what binds never is", () => {
  const event = { capacity: 430, capacityBinds: false, capacities: [shared(130, ["a", "b"]), shared(10, ["c"], true)] };
  expect(outgrown(event, all)).toBeUndefined();
  expect(outgrown({ ...event, capacity: 429 }, all)).toEqual({ seats: 429, offered: 430 });
  expect(outgrown({ ...event, capacity: 1, capacityBinds: true }, all)).toBeUndefined();
  expect(outgrown({ ...event, capacities: [shared(129, ["a", "b"])] }, all)).toEqual({ capacityId: "cap_ab", seats: 129, offered: 130 });
  expect(outgrown(event, [...all, offer("d", null)])).toMatchObject({ seats: 430 });
});
