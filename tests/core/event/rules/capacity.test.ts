import fc from "fast-check";
import { expect, it } from "vitest";
import { capacityBinds, seatsOffered } from "../../../../packages/core/src/event/rules/capacity.ts";

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
