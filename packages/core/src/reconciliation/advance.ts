import * as z from "zod";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { log } from "../log.ts";
import { isoOf } from "../time.ts";
import { ReconciliationContinued, ReconciliationFinished } from "./domain-events.ts";
import type { ReconciliationRow } from "./entity.ts";
import { phaseAfter, progressOf } from "./rules/progress.ts";
import { Counts, Difference, NOTHING } from "./schema.ts";
import { changeOf, running, subjectOf } from "./write.ts";

const KEPT_DIFFERENCES = 100;

const AdvanceReconciliation = z.strictObject({
  reconciliation: z.custom<ReconciliationRow>(),
  counts: Counts,
  differences: z.array(Difference),
  /** Where its phase goes on; null when the phase is through. */
  next: z.strictObject({ day: z.string().optional(), cursor: z.string().optional(), share: z.number() }).nullable(),
});

/**
 * Adds what a slice found and asks for the next one, or ends the job: once per slice, because it takes the job as the slice
 * read it. What remains different is an alarm.
 * @throws request.conflict when somebody else has gone on with the job
 */
export const advance = capability(
  "reconciliation.advance",
  { input: AdvanceReconciliation, allow: ["system"] },
  async ({ reconciliation, next, ...found }, { now }): Promise<ReconciliationRow> => {
    const { reconciliationId, phase, full, version } = reconciliation;
    const following = next ? phase : phaseAfter(phase, full);
    const counts = sum(reconciliation.counts, found.counts);
    const differences = [...reconciliation.differences, ...found.differences].slice(0, KEPT_DIFFERENCES);
    const ended = following === undefined;
    const after = {
      counts,
      differences,
      stalls: 0,
      ...(ended
        ? { state: "done" as const, progress: 1, finishedAt: isoOf(now) }
        : { phase: following, progress: progressOf(following, next?.share ?? 0, full), ...running(isoOf(now)) }),
      ...(next?.day ? { day: next.day } : {}),
      ...(next?.cursor ? { cursor: next.cursor } : {}),
    };
    const gone = [...(next?.day ? [] : ["day" as const]), ...(next?.cursor ? [] : ["cursor" as const]), ...(ended ? (["running", "aliveAt"] as const) : [])];
    const event = ended
      ? ReconciliationFinished({ reconciliationId, state: "done", repaired: counts.repaired, reported: counts.reported })
      : ReconciliationContinued({ reconciliationId, slice: version + 1 });
    const head = await transact(subjectOf(reconciliation), [event], (head) => [write(changeOf(reconciliation, head, after, gone))]);
    for (const { code, kind, reference, orderId } of found.differences)
      log.error("money differs", {
        alarm: "reconciliation_difference",
        reconciliationId,
        code,
        kind: kind ?? undefined,
        reference,
        orderId: orderId ?? undefined,
      });
    return { ...reconciliation, ...after, ...head };
  },
);

function sum(a: Counts, b: Counts): Counts {
  return Object.fromEntries(Object.keys(NOTHING).map((name) => [name, a[name as keyof Counts] + b[name as keyof Counts]])) as Counts;
}
