/**
 * A reconciliation: one pass over a stretch of time in which every movement of money at the provider is compared with our
 * ledger, and our ledger with the provider. A job in slices: each slice's counts, differences and new position are one
 * conditional write, with the domain event that asks for the next slice, so that a crash repeats a slice and counts it once.
 *
 *  1. A worker, or whoever asked for it, opens it by id.                      byId
 *  2. An admin lists what ran, newest first.                                  byStart
 *  3. The sweeper asks which have made no progress for a while.               byProgress (sparse: only running ones)
 *
 * Kept for 400 days.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import type { ReconciliationId } from "../id.ts";
import { Phase, ReconciliationState, Trigger, type Counts, type Difference } from "./schema.ts";

export const Reconciliations = new Entity(
  {
    model: { entity: "reconciliation", version: "1", service: SERVICE },
    attributes: {
      reconciliationId: { type: "string", required: true },
      trigger: { type: Trigger.options, required: true },
      state: { type: ReconciliationState.options, required: true },
      since: { type: "string", required: true },
      until: { type: "string", required: true },
      full: { type: "boolean", required: true },
      graceMinutes: { type: "number", required: true },
      /** Where the next slice begins. */
      phase: { type: Phase.options, required: true },
      day: { type: "string" },
      cursor: { type: "string" },
      progress: { type: "number", required: true },
      counts: { type: "any", required: true },
      /** The first hundred; `counts.reported` counts all. */
      differences: { type: "any", required: true },
      stalls: { type: "number", required: true },
      /** One partition for the list, and one for the running ones: a few dozen items a day. */
      list: { type: ["all"] as const, required: true },
      running: { type: ["yes"] as const },
      /** Its last sign of life, while it runs. */
      aliveAt: { type: "string" },
      startedAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      finishedAt: { type: "string" },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["reconciliationId"], template: "RECONCILIATION#${reconciliationId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "RECONCILIATION", casing: "none" },
      },
      byStart: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["list"], template: "RECONCILIATIONS#${list}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["startedAt", "reconciliationId"], template: "${startedAt}#${reconciliationId}", casing: "none" },
      },
      byProgress: {
        index: "gsi2",
        condition: (attributes) => attributes["running"] !== undefined,
        pk: { field: "gsi2pk", composite: ["running"], template: "RECONCILIATIONS#running#${running}", casing: "none" },
        sk: { field: "gsi2sk", composite: ["aliveAt"], template: "${aliveAt}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

type Row = EntityItem<typeof Reconciliations>;
export type ReconciliationRow = Omit<Row, "reconciliationId" | "counts" | "differences"> & {
  reconciliationId: ReconciliationId;
  counts: Counts;
  differences: Difference[];
};
