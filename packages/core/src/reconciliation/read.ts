import { capability } from "../capability.ts";
import { pageOf, type Page } from "../page.ts";
import { Reconciliations, type ReconciliationRow } from "./entity.ts";
import { reconciliationNotFound } from "./errors.ts";
import { AReconciliation, ListReconciliations, type ReconciliationView } from "./schema.ts";

/** The job, or undefined. Strongly consistent. */
export async function find(reconciliationId: string): Promise<ReconciliationRow | undefined> {
  const { data } = await Reconciliations.get({ reconciliationId }).go({ consistent: true });
  return (data as ReconciliationRow | null) ?? undefined;
}

/** One reconciliation. @throws reconciliation.not_found */
export const get = capability(
  "reconciliation.get",
  { input: AReconciliation, allow: ["admin", "key"], needs: "reconciliations:read" },
  async ({ reconciliationId }): Promise<ReconciliationView> => {
    const job = await find(reconciliationId);
    if (!job) throw reconciliationNotFound();
    return viewOf(job);
  },
);

/** What ran, newest first. */
export const list = capability(
  "reconciliation.list",
  { input: ListReconciliations, allow: ["admin", "key"], needs: "reconciliations:read" },
  (page): Promise<Page<ReconciliationView>> => {
    const query = Reconciliations.query.byStart({ list: "all" });
    const newestFirst = { go: (options: { limit: number; cursor?: string | null }) => query.go({ ...options, order: "desc" }) };
    return pageOf(newestFirst, page, ["reconciliations"], (row) => viewOf(row as ReconciliationRow));
  },
);

/** Running jobs without progress since `at`, the longest first; at most `limit`. */
export async function listStalled(at: string, limit: number): Promise<ReconciliationRow[]> {
  const { data } = await Reconciliations.query.byProgress({ running: "yes" }).lt({ aliveAt: at }).go({ limit });
  return data as ReconciliationRow[];
}

/** The face of a job. */
export function viewOf(job: ReconciliationRow): ReconciliationView {
  const { reconciliationId, trigger, state, since, until, full, progress, counts, differences, startedAt, finishedAt } = job;
  return { id: reconciliationId, trigger, state, since, until, full, progress, counts, differences, startedAt, finishedAt: finishedAt ?? null };
}
