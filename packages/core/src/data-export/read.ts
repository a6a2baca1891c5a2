import * as z from "zod";
import { ROLES, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import * as DataKey from "../data-key/index.ts";
import { isoOf } from "../time.ts";
import { DataExports, exportIdOf, Parts, type DataExportRow } from "./entity.ts";
import { exportNotFound, notReady } from "./errors.ts";
import type { DataExportView, PersonalData } from "./schema.ts";

/** The export of a user, or undefined. Strongly consistent. */
export async function find(userId: string): Promise<DataExportRow | undefined> {
  const { data } = await DataExports.get({ userId }).go({ consistent: true });
  return (data as DataExportRow | null) ?? undefined;
}

/** Exports that have stalled at this instant; at most `limit`. */
export async function listDue(at: string, limit: number): Promise<DataExportRow[]> {
  const { data } = await DataExports.query.byDue({ list: "open" }).lte({ dueAt: at }).go({ limit });
  return data as DataExportRow[];
}

/** How far an export came. */
export function viewOf({ dataExportId, n, phase, requestedAt, readyAt, expiresAt }: DataExportRow): DataExportView {
  const ready = phase === "ready";
  return {
    id: exportIdOf({ dataExportId, n }),
    phase: ready ? "ready" : "collecting",
    requestedAt,
    readyAt: readyAt ?? null,
    expiresAt,
    download: ready ? "/me/export/download" : null,
  };
}

async function mine(userId: string, now: number): Promise<DataExportRow> {
  const job = await find(userId);
  if (!job || job.phase === "gone" || job.expiresAt <= isoOf(now)) throw exportNotFound();
  return job;
}

/** How far one's export came. @throws data_export.not_found */
export const get = capability("data_export.get", { input: z.strictObject({}), allow: ROLES }, async (_, { actor, now }): Promise<DataExportView> =>
  viewOf(await mine(userIdOf(actor)!, now)),
);

/** The whole document. @throws data_export.not_found, data_export.not_ready */
export const download = capability("data_export.download", { input: z.strictObject({}), allow: ROLES }, async (_, { actor, now }): Promise<PersonalData> => {
  const job = await mine(userIdOf(actor)!, now);
  if (job.phase !== "ready") throw notReady("Ask again in a moment.", { retryAfterSeconds: 5 });
  const exportId = exportIdOf(job);
  const [keys, { data: parts }] = await Promise.all([DataKey.keysOf([exportId]), Parts.query.byExport({ exportId }).go({ pages: "all", consistent: true })]);
  const key = keys.get(exportId);
  if (!key) throw exportNotFound();
  const [account, ...orders] = parts.map(({ sealed }) => openedPart(key, exportId, sealed));
  return { ...(account as Omit<PersonalData, "orders">), orders: orders.flatMap((part) => (part as Pick<PersonalData, "orders">).orders) };
});

function openedPart(key: Buffer, exportId: string, sealed: string): unknown {
  const text = DataKey.unseal(key, exportId, sealed);
  if (!text) throw new Error(`a part of ${exportId} does not open`);
  return JSON.parse(text.toString("utf8"));
}
