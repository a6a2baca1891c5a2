import { describe, expect, it } from "vitest";
import { compare, type Booked } from "../../../../packages/core/src/reconciliation/rules/compare.ts";

const rows: Booked[] = [
  { kind: "charge", reference: "pi_1", amount: 9_000, currency: "EUR" },
  { kind: "refund", reference: "re_1", amount: 3_000, currency: "EUR" },
];
const refund = { kind: "refund" as const, ids: ["txn_9", "re_1"], amount: 3_000, currency: "EUR" };

describe("a movement of money", () => {
  it("is equal to the row of its kind under any of its ids", () => {
    expect(compare(refund, rows)).toEqual({ is: "equal", row: rows[1] });
    expect(compare({ kind: "charge", ids: ["txn_1", "ch_1", "pi_1"], amount: 9_000, currency: "EUR" }, rows)).toEqual({ is: "equal", row: rows[0] });
  });

  it("is missing when the row of that id is of another kind, or there is none", () => {
    expect(compare({ ...refund, kind: "refund_failure" }, rows)).toEqual({ is: "missing" });
    expect(compare({ ...refund, ids: ["txn_8", "re_2"] }, rows)).toEqual({ is: "missing" });
    expect(compare(refund, [])).toEqual({ is: "missing" });
  });

  it("differs when amount or currency do", () => {
    expect(compare({ ...refund, amount: 2_999 }, rows)).toEqual({ is: "amount_differs", row: rows[1] });
    expect(compare({ ...refund, currency: "USD" }, rows)).toEqual({ is: "amount_differs", row: rows[1] });
  });

  it("is judged by the row under its most specific id", () => {
    const both = [...rows, { kind: "refund" as const, reference: "txn_9", amount: 1, currency: "EUR" }];
    expect(compare(refund, both)).toMatchObject({ is: "amount_differs", row: { reference: "txn_9" } });
  });
});
