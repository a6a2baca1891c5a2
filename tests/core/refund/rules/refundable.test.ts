import { expect, it } from "vitest";
import { refundedBy, refundStateOf, remainingOf, shareNow, shareByPolicy } from "../../../../packages/core/src/refund/rules/refundable.ts";

const DAY = 86_400_000;
const startsAt = 100 * DAY;
const tiers = [
  { daysBefore: 7, percent: 50 },
  { daysBefore: 30, percent: 100 },
];

it.each([
  [100, 100],
  [30, 100],
  [29, 50],
  [7, 50],
  [6, 0],
  [0, 0],
  [-1, 0],
])("gives back what the policy says %s days before the event: %s %%", (days, percent) => {
  expect(shareNow(tiers, startsAt, startsAt - days * DAY)).toBe(percent);
});

it("gives nothing back by an empty policy", () => {
  expect(shareNow([], startsAt, 0)).toBe(0);
});

it("rounds shares to whole minor units, halves up", () => {
  expect([shareByPolicy(9_000, 50), shareByPolicy(101, 50), shareByPolicy(100, 33)]).toEqual([4_500, 51, 33]);
});

it("counts pending refunds as gone and failed ones as still there, and never falls below zero", () => {
  const refunds = [
    { status: "pending", amount: 2_000 },
    { status: "succeeded", amount: 1_000 },
    { status: "failed", amount: 4_000 },
  ] as const;
  expect(refundedBy(refunds)).toBe(3_000);
  expect(remainingOf({ captured: 9_000, disputed: 0 }, refunds)).toBe(6_000);
  expect(remainingOf({ captured: 9_000, disputed: 9_000 }, refunds)).toBe(0);
});

it("derives the state from the rows", () => {
  expect(refundStateOf(9_000, [])).toBe("none");
  expect(refundStateOf(9_000, [{ status: "pending", amount: 1 }])).toBe("partial");
  expect(refundStateOf(9_000, [{ status: "succeeded", amount: 9_000 }])).toBe("full");
  expect(refundStateOf(9_000, [{ status: "failed", amount: 9_000 }])).toBe("none");
});
