import { expect, it } from "vitest";
import { shareSold, together } from "../../../../packages/core/src/report/rules/capacity.ts";

it("says that all is sold only when all is", () => {
  expect([shareSold(59, 60), shareSold(60, 60), shareSold(199_999, 200_000), shareSold(0, 0)]).toEqual([983, 1_000, 999, 0]);
});

it("counts what has no pool by its types", () => {
  const seats = { available: 1, returned: 2, held: 3, sold: 40 };
  expect(together([seats, { ...seats, sold: 2 }])).toEqual({ available: 2, returned: 4, held: 6, sold: 42 });
  expect(together([])).toEqual({ available: 0, returned: 0, held: 0, sold: 0 });
});
