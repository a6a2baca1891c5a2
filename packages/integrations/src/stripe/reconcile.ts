import { capability } from "@fashionistas/core/capability";
import { isChangedMeanwhile } from "@fashionistas/core/error";
import * as Reconciliation from "@fashionistas/core/reconciliation";
import { NOTHING } from "@fashionistas/core/reconciliation/schema";
import * as z from "zod";
import { compareLedger } from "./reconcile/ledger.ts";
import { compareOrders } from "./reconcile/orders.ts";
import { compareProvider } from "./reconcile/provider.ts";
import type { Slice, Tally } from "./reconcile/slice.ts";

const ReconcileSlice = z.strictObject({ reconciliationId: z.string(), slice: z.int() });

const PHASES: Record<Reconciliation.ReconciliationRow["phase"], (job: Reconciliation.ReconciliationRow, tally: Tally) => Promise<Slice>> = {
  provider: compareProvider,
  ledger: compareLedger,
  orders: compareOrders,
};

/**
 * Compares one slice of a reconciliation and asks for the next: a page of Stripe's balance transactions, of our ledger, or of
 * our orders. Repeated, or done by two workers at once, a slice counts once and repairs what is left to repair.
 * @throws payment.unavailable, request.busy: the same slice is to be tried again
 */
export const reconcileSlice = capability(
  "reconciliation.reconcile_slice",
  { input: ReconcileSlice, allow: ["system"] },
  async ({ reconciliationId, slice }) => {
    const job = await Reconciliation.find(reconciliationId);
    if (job?.state !== "running" || job.version !== slice) return;
    const tally: Tally = { counts: { ...NOTHING }, differences: [] };
    const next = await PHASES[job.phase](job, tally);
    await Reconciliation.advance({ reconciliation: job, ...tally, next }).catch((error: unknown) => {
      // Another worker has done the same slice: what it found stands.
      if (!isChangedMeanwhile(error)) throw error;
    });
  },
);
