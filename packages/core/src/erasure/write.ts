import { standing, type Head, type Subject } from "../db/journal.ts";
import { isoOf, MINUTE_MS } from "../time.ts";
import { Erasures, type ErasureRow } from "./entity.ts";

/** A slice takes seconds: after this long its worker is dead. */
export const STALLED_MINUTES = 2;
/** Longer than an index is behind, and than an order needs from its first call to its last. */
export const WAITING_MINUTES = 1;

/** The job as its journal sees it. */
export function subjectOf(job: ErasureRow): Subject {
  return standing("erasure", job.erasureId, { ...job, auditHash: job.auditHash ?? "" });
}

type Gone = "cursor" | "sealedSubject" | "list" | "dueAt" | "personIds" | "emailKey" | "phoneKey";

/** A change of the job on condition that nobody went on with it since it was read. */
export function changeOf(job: ErasureRow, head: Head, change: Partial<Omit<ErasureRow, "erasureId">>, gone: readonly Gone[] = []) {
  return Erasures.patch({ erasureId: job.erasureId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version }, { eq }) => eq(version, job.version));
}

/** When the clock must look at a job. */
export function dueIn(now: number, minutes: number): { list: string; dueAt: string } {
  return { list: "open", dueAt: isoOf(now + minutes * MINUTE_MS) };
}
