import { expect, it } from "vitest";
import { dueAs, mayBeEnquirer } from "../../../../packages/core/src/retention/rules/due.ts";

const days = { buyers: 4_015, enquirers: 90, exports: 7 };
const at = (iso: string) => Date.parse(`${iso}T00:00:00.001Z`);
const once = { reason: "ord_1", createdAt: "2027-01-01T00:00:00.000Z", seenAt: "2027-01-01T00:00:00.000Z" };
const again = { ...once, seenAt: "2027-02-01T00:00:00.000Z" };

it("who was named once in an order that was never sold is due after 90 days", () => {
  expect(dueAs(once, at("2027-03-31"), days, false)).toBeUndefined();
  expect(dueAs(once, at("2027-04-01"), days, false)).toBe("enquirer");
  expect(dueAs(once, at("2027-04-01"), days, true)).toBeUndefined();
});

it("who was named again is due eleven years after that, whatever became of the first order", () => {
  expect(dueAs(again, at("2027-12-01"), days, false)).toBeUndefined();
  expect(dueAs(again, at("2038-01-28"), days, false)).toBeUndefined();
  expect(dueAs(again, at("2038-01-30"), days, false)).toBe("buyer");
});

it("who was invited is due after as long, and as a buyer once they were named again", () => {
  expect([at("2027-03-31"), at("2027-04-01")].map((now) => dueAs({ ...once, reason: "inv_1" }, now, days, false))).toEqual([undefined, "enquirer"]);
  expect([at("2027-12-01"), at("2038-01-30")].map((now) => dueAs({ ...again, reason: "inv_1" }, now, days, false))).toEqual([undefined, "buyer"]);
});

it("an export is due after a week, and a profile never", () => {
  const exported = { ...once, reason: "export" };
  expect([dueAs(exported, at("2027-01-07"), days, false), dueAs(exported, at("2027-01-08"), days, false)]).toEqual([undefined, "export"]);
  expect(dueAs({ ...once, reason: "profile" }, at("2090-01-01"), days, false)).toBeUndefined();
});

it("asks about an order only when the answer matters", () => {
  const now = at("2027-06-01");
  expect([once, again, { ...once, reason: "profile" }].map((kept) => mayBeEnquirer(kept, now, days))).toEqual([true, false, false]);
});
