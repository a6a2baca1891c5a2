import { expect, it } from "vitest";
import { figuresOf, figuresOfOneGroup, quotasOf } from "./scale-report.ts";
import { scale } from "./scale.ts";

/** `pnpm simulate --scale`, small: a tenth of the buyers come, and partitions take a tenth of the writes. */
const SMALL = { seed: "small", perSecond: 1_000, seats: 1_000, limits: { writePerSecond: 100 } };

it("sells out at 1,000 buyers a second within a tenth of a partition's limits, on time and to the seat", { timeout: 60_000 }, async () => {
  const result = await scale({ ...SMALL, seconds: 0.6, highDemand: true });
  expect([...figuresOf(result), ...quotasOf(result)].filter(({ ok }) => ok === false)).toEqual([]);
  expect(result.stock.claimed).toBeGreaterThan(SMALL.seats * 0.95);
});

it("fails the same load in one group", { timeout: 60_000 }, async () => {
  const result = await scale({ ...SMALL, seconds: 0.3, highDemand: false });
  expect(figuresOfOneGroup(result).filter(({ ok }) => ok === false)).toEqual([]);
});
