import { standing, type Head, type Subject } from "../db/journal.ts";
import { isoOf, MINUTE_MS } from "../time.ts";
import { DataExports, type DataExportRow } from "./entity.ts";

/** A slice takes seconds: after this long its worker is dead. */
const STALLED_MINUTES = 2;

/** The job as its journal sees it. */
export function subjectOf(job: DataExportRow): Subject {
  return standing("data_export", job.dataExportId, job);
}

/** A change of the job on condition that nobody went on with it since it was read. */
export function changeOf(
  job: DataExportRow,
  head: Head,
  change: Partial<Omit<DataExportRow, "userId">>,
  gone: readonly ("cursor" | "list" | "dueAt" | "readyAt")[],
) {
  return DataExports.patch({ userId: job.userId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version }, { eq }) => eq(version, job.version));
}

/** When the clock must look at a job. */
export function dueSoon(now: number): { list: string; dueAt: string } {
  return { list: "open", dueAt: isoOf(now + STALLED_MINUTES * MINUTE_MS) };
}
