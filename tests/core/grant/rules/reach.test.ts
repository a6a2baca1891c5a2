import { expect, it } from "vitest";
import { reachOf } from "../../../../packages/core/src/grant/rules/reach.ts";

it("reaches as far as the longest of what was granted, and for ever when one of them does", () => {
  expect(reachOf(["2026-11-06", "2026-11-08", "2026-11-07"])).toBe("2026-11-08");
  expect(reachOf(["2026-11-06", undefined])).toBeUndefined();
});
