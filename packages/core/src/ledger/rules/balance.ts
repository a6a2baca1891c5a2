/**
 * What the rows of an order add up to. Amounts are positive minor units of one currency; the kind says which way they went.
 *
 *   captured    Σ charge
 *   returned    Σ refund − Σ refund_failure            money the buyer has back
 *   disputed    Σ dispute − Σ dispute_reversal         money the bank took back
 *   net         captured − returned − disputed − fees
 *
 * Worked example: charge 90.00, refund 30.00, that refund fails, dispute 90.00, reversed → captured 90, returned 0, disputed 0.
 */
import type { LedgerKind } from "../schema.ts";

/** +1: we have it, −1: we had it. */
export const SIGN = { charge: 1, refund: -1, refund_failure: 1, dispute: -1, dispute_reversal: 1, fee: -1 } as const satisfies Record<LedgerKind, 1 | -1>;

export type Fact = { kind: LedgerKind; amount: number };
export type Balance = { captured: number; returned: number; disputed: number; fees: number; net: number };

/** The balance of some rows of one currency. */
export function balanceOf(rows: readonly Fact[]): Balance {
  const sum = (...kinds: LedgerKind[]) => rows.filter(({ kind }) => kinds.includes(kind)).reduce((total, { kind, amount }) => total + SIGN[kind] * amount, 0);
  return {
    captured: sum("charge"),
    returned: 0 - sum("refund", "refund_failure"),
    disputed: 0 - sum("dispute", "dispute_reversal"),
    fees: 0 - sum("fee"),
    net: sum(...(Object.keys(SIGN) as LedgerKind[])),
  };
}
