import { standing, type Head, type Subject } from "../db/journal.ts";
import { isoOf, MINUTE_MS } from "../time.ts";
import { Cancellations, type CancellationRow } from "./entity.ts";

/** A slice takes seconds: after this long its worker is dead. */
export const STALLED_MINUTES = 2;
export const SETTLING_MINUTES = 1;
export const RECHECK_MINUTES = 60;
export const WATCHED_DAYS = 30;

/** The job as its journal sees it. */
export function subjectOf(job: CancellationRow): Subject {
  return standing("cancellation", job.cancellationId, job);
}

/** A change of the job on condition that nobody went on with it since it was read. */
export function changeOf(
  { eventId, version: read }: CancellationRow,
  head: Head,
  change: Partial<Omit<CancellationRow, "eventId">>,
  gone: readonly ("cursor" | "list" | "dueAt")[] = [],
) {
  return Cancellations.patch({ eventId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version }, { eq }) => eq(version, read));
}

/** When the clock must look at a job. */
export function dueIn(now: number, minutes: number): { list: string; dueAt: string } {
  return { list: "open", dueAt: isoOf(now + minutes * MINUTE_MS) };
}
