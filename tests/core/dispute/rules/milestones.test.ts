import { expect, it } from "vitest";
import { milestones } from "../../../../packages/core/src/dispute/rules/milestones.ts";

it.each([
  [undefined, "inquiry", "warning_needs_response", ["inquiry_opened"]],
  [undefined, "open", "needs_response", ["opened"]],
  [undefined, "lost", "lost", ["opened", "lost"]],
  [undefined, "settled", "won", ["opened", "won"]],
  [undefined, "settled", "warning_closed", ["inquiry_opened", "closed"]],
  [undefined, "settled", "prevented", ["closed"]],
  ["inquiry", "open", "needs_response", ["opened"]],
  ["inquiry", "settled", "warning_closed", ["closed"]],
  ["inquiry", "lost", "lost", ["opened", "lost"]],
  ["inquiry", "settled", "won", ["opened", "won"]],
  ["open", "settled", "won", ["won"]],
  ["open", "lost", "lost", ["lost"]],
  ["open", "settled", "prevented", ["closed"]],
  ["settled", "open", "needs_response", ["opened"]],
  ["open", "open", "under_review", []],
] as const)("from %s to %s (%s): %j", (before, after, status, expected) => {
  expect(milestones(before, after, status)).toEqual(expected);
});
