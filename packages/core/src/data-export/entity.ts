/**
 * What a user gets when they ask for everything we hold about them: one document, collected slice by slice by any worker, each part
 * sealed with a key of the export alone. A week later the key is deleted; so it is when they are erased.
 *
 *   collecting   the account, then the orders of the user and of every contact that is theirs, page by page
 *   ready        to be downloaded until it expires
 *   gone         its key is deleted
 *
 *  1. Its owner, and a worker, open it.                           byUser
 *  2. The download joins its parts.                               Parts.byExport
 *  3. The clock asks which have stalled.                          byDue (sparse)
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { ExportPhase } from "./schema.ts";

const table = { client, table: tableName() };

export const DataExports = new Entity(
  {
    model: { entity: "data-export", version: "1", service: SERVICE },
    attributes: {
      userId: { type: "string", required: true },
      dataExportId: { type: "string", required: true },
      /** Which of the user's exports it is: each has a key and parts of its own. */
      n: { type: "number", required: true },
      phase: { type: ExportPhase.options, required: true },
      step: { type: "number", required: true },
      /** Whose orders are collected: the user, then people by id; which of them now, and where in their list. */
      buyers: { type: "any", required: true },
      buyer: { type: "number", required: true },
      cursor: { type: "string" },
      list: { type: "string" },
      dueAt: { type: "string" },
      requestedAt: { type: "string", required: true },
      readyAt: { type: "string" },
      expiresAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byUser: {
        pk: { field: "pk", composite: ["userId"], template: "EXPORT#${userId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "EXPORT", casing: "none" },
      },
      byDue: {
        index: "gsi1",
        condition: (attributes) => attributes["list"] !== undefined,
        pk: { field: "gsi1pk", composite: ["list"], template: "EXPORTS#${list}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["dueAt"], template: "${dueAt}", casing: "none" },
      },
    },
  },
  table,
);

export const Parts = new Entity(
  {
    model: { entity: "data-export-part", version: "1", service: SERVICE },
    attributes: {
      exportId: { type: "string", required: true },
      n: { type: "number", required: true, padding: { length: 6, char: "0" } },
      /** JSON, sealed for the export. */
      sealed: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byExport: {
        pk: { field: "pk", composite: ["exportId"], template: "EXPORT#${exportId}", casing: "none" },
        sk: { field: "sk", composite: ["n"], template: "PART#${n}", casing: "none" },
      },
    },
  },
  table,
);

type Row = EntityItem<typeof DataExports>;
export type DataExportRow = Omit<Row, "buyers"> & { buyers: string[] };

/** Under which its key and its parts stand. */
export function exportIdOf({ dataExportId, n }: Pick<DataExportRow, "dataExportId" | "n">): string {
  return `${dataExportId}-${n}`;
}
