import { expect, it } from "vitest";
import { phaseAfter, phasesOf, progressOf } from "../../../../packages/core/src/reconciliation/rules/progress.ts";

it("a job goes through its phases in order, and only a full one reads every order", () => {
  expect(phasesOf(true)).toEqual(["provider", "ledger", "orders"]);
  expect([phaseAfter("provider", true), phaseAfter("ledger", true), phaseAfter("orders", true)]).toEqual(["ledger", "orders", undefined]);
  expect([phaseAfter("provider", false), phaseAfter("ledger", false)]).toEqual(["ledger", undefined]);
});

it("progress is the share of the phases that is done, never less than nothing or more than its phase", () => {
  expect(progressOf("ledger", 0.5, true)).toBe(0.5);
  expect(progressOf("provider", 0, false)).toBe(0);
  expect(progressOf("ledger", 1, false)).toBe(1);
  expect(progressOf("provider", -3, true)).toBe(0);
  expect(progressOf("provider", 7, true)).toBe(0.333);
});
