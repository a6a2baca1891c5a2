import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { log } from "../log.ts";
import { isoOf } from "../time.ts";
import { ReconciliationContinued, ReconciliationFinished } from "./domain-events.ts";
import { find } from "./read.ts";
import { AReconciliation } from "./schema.ts";
import { changeOf, running, subjectOf } from "./write.ts";

const STALLS = 5;

/** Asks once more for the slice at which a job stands still. One that stands still again and again has failed: an alarm. */
export const resume = capability(
  "reconciliation.resume",
  { input: AReconciliation, allow: ["schedule"] },
  async ({ reconciliationId }, { now }): Promise<void> => {
    const job = await find(reconciliationId);
    if (job?.state !== "running") return;
    const { counts, stalls, version } = job;
    if (stalls < STALLS) {
      const again = ReconciliationContinued({ reconciliationId, slice: version + 1 });
      await transact(subjectOf(job), [again], (head) => [write(changeOf(job, head, { stalls: stalls + 1, ...running(isoOf(now)) }))]);
      return;
    }
    const failed = ReconciliationFinished({ reconciliationId, state: "failed", repaired: counts.repaired, reported: counts.reported });
    const after = { state: "failed" as const, finishedAt: isoOf(now) };
    await transact(subjectOf(job), [failed], (head) => [write(changeOf(job, head, after, ["running", "aliveAt"]))]);
    log.error("reconciliation failed", { alarm: "reconciliation_failed", reconciliationId, phase: job.phase });
  },
);
