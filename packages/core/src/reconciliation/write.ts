import { standing, type Head, type Subject } from "../db/journal.ts";
import { Reconciliations, type ReconciliationRow } from "./entity.ts";

/** The job as its journal sees it. */
export function subjectOf(job: ReconciliationRow): Subject {
  return standing("reconciliation", job.reconciliationId, job);
}

/** A change of the job on condition that nobody went on with it since it was read. */
export function changeOf(
  { reconciliationId, version: read }: ReconciliationRow,
  head: Head,
  change: Partial<Omit<ReconciliationRow, "reconciliationId">>,
  gone: readonly ("day" | "cursor" | "running" | "aliveAt")[] = [],
) {
  return Reconciliations.patch({ reconciliationId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version }, { eq }) => eq(version, read));
}

/** It runs, and gave a sign of life at this instant: how the sweeper finds those that stand still. */
export function running(at: string): { running: "yes"; aliveAt: string } {
  return { running: "yes", aliveAt: at };
}
