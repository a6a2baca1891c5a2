import { expect, it } from "vitest";
import { figuresOf, figuresOfOneGroup, quotasOf } from "./report.ts";
import { scale } from "./scale.ts";

/** `pnpm simulate --scale`, small: a tenth of the buyers come. */
const SMALL = { seed: "small", perSecond: 1_000, seats: 1_000 };

it("sells out at 1,000 buyers a second, on time and to the seat", { timeout: 60_000 }, async () => {
  const result = await scale({ ...SMALL, seconds: 0.7, highDemand: true });
  expect([...figuresOf(result), ...quotasOf(result)].filter(({ ok }) => ok === false)).toEqual([]);
  expect(result.stock.claimed).toBeGreaterThan(SMALL.seats * 0.95);
});

it("fails in one group, as soon as a partition takes less than what comes", { timeout: 60_000 }, async () => {
  const result = await scale({ ...SMALL, seconds: 0.3, highDemand: false, limits: { writePerSecond: 100 } });
  expect(figuresOfOneGroup(result).filter(({ ok }) => ok === false)).toEqual([]);
});
