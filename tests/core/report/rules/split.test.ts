import fc from "fast-check";
import { expect, it } from "vitest";
import { splitBy } from "../../../../packages/core/src/report/rules/split.ts";

it("gives what the header says", () => {
  expect([splitBy(100, [1, 1, 1]), splitBy(5, [0, 3]), splitBy(7, [0, 0])]).toEqual([
    [34, 33, 33],
    [0, 5],
    [7, 0],
  ]);
});

it("adds up to the amount exactly, within one minor unit of each fair share, whatever the weights", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99_999_999 }),
      fc.array(fc.integer({ min: 0, max: 99_999_999 }), { minLength: 1, maxLength: 50 }),
      (amount, weights) => {
        const parts = splitBy(amount, weights);
        const whole = weights.reduce((sum, weight) => sum + weight, 0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
        if (whole > 0) for (const [i, part] of parts.entries()) expect(Math.abs(part - (amount / whole) * weights[i]!)).toBeLessThan(1.001);
      },
    ),
  );
});
