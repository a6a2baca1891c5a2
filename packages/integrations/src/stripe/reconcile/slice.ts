import { now } from "@fashionistas/core/context";
import type { ReconciliationRow } from "@fashionistas/core/reconciliation";
import type { Counts, Difference } from "@fashionistas/core/reconciliation/schema";
import { MINUTE_MS } from "@fashionistas/core/time";

/** What a slice found. */
export type Tally = { counts: Counts; differences: Difference[] };

/** Where the phase goes on, and how much of it is done; null when it is through. */
export type Slice = { day?: string; cursor?: string; share: number } | null;

/** Stripe takes a hundred requests a second, and buyers come first. */
export const AT_ONCE = 4;

export function report(tally: Tally, difference: Omit<Difference, "transactionId" | "orderId" | "provider" | "ledger"> & Partial<Difference>): void {
  tally.counts.reported += 1;
  tally.differences.push({ transactionId: null, orderId: null, provider: null, ledger: null, ...difference });
}

/** May its webhook still be on the way? */
export function isYoung({ graceMinutes }: ReconciliationRow, atMs: number): boolean {
  return atMs > now() - graceMinutes * MINUTE_MS;
}
