import { expect, it } from "vitest";
import { balanceOf } from "../../../../packages/core/src/ledger/rules/balance.ts";

it("is nothing without rows", () => {
  expect(balanceOf([])).toEqual({ captured: 0, returned: 0, disputed: 0, fees: 0, net: 0 });
});

it("adds up the worked example: a refund that failed and a dispute that was won leave what was captured", () => {
  const rows = [
    { kind: "charge", amount: 9_000 },
    { kind: "refund", amount: 3_000 },
    { kind: "refund_failure", amount: 3_000 },
    { kind: "dispute", amount: 9_000 },
    { kind: "dispute_reversal", amount: 9_000 },
  ] as const;
  expect(balanceOf(rows)).toEqual({ captured: 9_000, returned: 0, disputed: 0, fees: 0, net: 9_000 });
});

it("counts what the buyer, the bank and the provider took away", () => {
  const rows = [
    { kind: "charge", amount: 9_000 },
    { kind: "fee", amount: 291 },
    { kind: "refund", amount: 1_000 },
    { kind: "refund", amount: 500 },
    { kind: "dispute", amount: 7_500 },
  ] as const;
  expect(balanceOf(rows)).toEqual({ captured: 9_000, returned: 1_500, disputed: 7_500, fees: 291, net: -291 });
});
