/**
 * Is a movement of money at the provider in our books?
 *
 *   missing          no row of its kind has one of its ids as reference
 *   amount_differs   there is one, of another amount or currency
 *   equal            there is one, of the same amount and currency
 *
 * A movement is known under several ids (a charge: its payment, itself, its transaction), and a row was booked under one of
 * them. Worked example: refund re_1 of 30.00 EUR, transaction txn_9, rows charge pi_1 90.00 EUR and refund re_1 30.00 EUR → equal.
 */
import type { LedgerKind } from "../../ledger/schema.ts";

export type Movement = { kind: LedgerKind; ids: readonly string[]; amount: number; currency: string };
export type Booked = { kind: LedgerKind; reference: string; amount: number; currency: string };

export type Verdict<Row extends Booked> = { is: "missing" } | { is: "equal" | "amount_differs"; row: Row };

/** The row under the movement's most specific id decides: ids come most specific first. */
export function compare<Row extends Booked>({ kind, ids, amount, currency }: Movement, rows: readonly Row[]): Verdict<Row> {
  for (const id of ids) {
    const row = rows.find((one) => one.kind === kind && one.reference === id);
    if (row) return { is: row.amount === amount && row.currency === currency ? "equal" : "amount_differs", row };
  }
  return { is: "missing" };
}
