import * as z from "zod";
import { capability } from "../capability.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { derivedId, ReconciliationIdSchema, type ReconciliationId } from "../id.ts";
import { DAY_MS, isoOf, MINUTE_MS, msOf, secondsOf } from "../time.ts";
import { ReconciliationStarted } from "./domain-events.ts";
import { Reconciliations, type ReconciliationRow } from "./entity.ts";
import { find } from "./read.ts";
import { NOTHING, StartReconciliation, Trigger } from "./schema.ts";
import { running } from "./write.ts";

const KEPT_DAYS = 400;
const LONGEST_DAYS = 1_100;

type Job = Pick<ReconciliationRow, "since" | "until" | "full" | "graceMinutes" | "trigger">;

/** Starts a reconciliation under this id. The same id again answers with the one that runs, or ran. */
export const start = capability(
  "reconciliation.start",
  { input: StartReconciliation.safeExtend({ reconciliationId: ReconciliationIdSchema }), allow: ["admin", "key"], needs: "reconciliations:write" },
  ({ reconciliationId, since, until, ...job }, { now }) => {
    // Nothing has moved in the future, a day allows for clocks that differ; and nothing that is this old moves any more.
    const first = Math.max(msOf(since), now - LONGEST_DAYS * DAY_MS);
    const last = Math.min(until === undefined ? now : msOf(until), now + DAY_MS);
    return begin(reconciliationId, { ...job, since: isoOf(first), until: isoOf(last), trigger: "admin" }, now);
  },
);

/**
 * What the clock starts.
 *
 *   hourly   the last 3 hours: every movement is compared by three runs, so that one that was too young, or whose run failed,
 *            is met again; what a whole day of failed runs missed is the daily run's
 *   daily    the last 120 days: as long as a payment can be disputed, its money can still move
 */
const WINDOWS = {
  hourly: { lengthMs: 180 * MINUTE_MS, everyMs: 60 * MINUTE_MS, full: false },
  daily: { lengthMs: 120 * DAY_MS, everyMs: DAY_MS, full: true },
} as const;

/** Starts the run of this hour or day, once, however often the clock says so. */
export const startScheduled = capability(
  "reconciliation.start_scheduled",
  { input: z.strictObject({ trigger: Trigger.exclude(["admin"]) }), allow: ["schedule"] },
  ({ trigger }, { now }) => {
    const { lengthMs, everyMs, full } = WINDOWS[trigger];
    const period = String(Math.floor(now / everyMs));
    const job = { since: isoOf(now - lengthMs), until: isoOf(now), full, graceMinutes: 10, trigger };
    return begin(derivedId("rec", [trigger, period]), job, now);
  },
);

async function begin(reconciliationId: ReconciliationId, job: Job, now: number): Promise<ReconciliationRow> {
  const row = {
    reconciliationId,
    ...job,
    state: "running" as const,
    phase: "provider" as const,
    progress: 0,
    counts: NOTHING,
    differences: [],
    stalls: 0,
    list: "all" as const,
    ...running(isoOf(now)),
    startedAt: isoOf(now),
    ttl: secondsOf(now + KEPT_DAYS * DAY_MS),
  };
  const started = ReconciliationStarted({ reconciliationId, slice: 1 });
  try {
    const head = await transact(created("reconciliation", reconciliationId), [started], (head) => [write(Reconciliations.create({ ...row, ...head }))]);
    return { ...row, ...head };
  } catch (error) {
    const standing = await find(reconciliationId);
    if (standing) return standing;
    throw error;
  }
}
