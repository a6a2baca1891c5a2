/**
 * What the cancellation of an event causes: every order of it ends, and its money goes back. A job that any worker takes up
 * where the last one died: `step` numbers its slices, and only one worker finishes a slice.
 *
 *   ending      orders that are not paid are cancelled at the provider, shard by shard
 *   refunding   orders that were fulfilled are voided and refunded, page by page
 *   settling    the refunds are on their way; they are counted until none is pending
 *   done        looked at again every hour for 30 days: a bank may still confirm a payment of somebody who was slow
 *
 *  1. Whoever manages the event sees how far it came.            byEvent
 *  2. The clock asks which jobs must go on, or have stalled.     byDue (sparse)
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { Phase } from "./schema.ts";

export const Cancellations = new Entity(
  {
    model: { entity: "cancellation", version: "1", service: SERVICE },
    attributes: {
      eventId: { type: "string", required: true },
      cancellationId: { type: "string", required: true },
      phase: { type: Phase.options, required: true },
      step: { type: "number", required: true },
      /** Where the phase has come to: a shard, or the cursor of a page. */
      cursor: { type: "string" },
      counts: { type: "any", required: true },
      currency: { type: "string", required: true },
      list: { type: "string" },
      dueAt: { type: "string" },
      startedAt: { type: "string", required: true },
      finishedAt: { type: "string" },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byEvent: {
        pk: { field: "pk", composite: ["eventId"], template: "EVENT#${eventId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "CANCELLATION", casing: "none" },
      },
      byDue: {
        index: "gsi1",
        condition: (attributes) => attributes["list"] !== undefined,
        pk: { field: "gsi1pk", composite: ["list"], template: "CANCELLATIONS#${list}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["dueAt"], template: "${dueAt}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

/** Orders ended unpaid; orders that were sold, and how many of them are voided; refunds by how far they came, and minor units. */
export type Counts = { ended: number; sold: number; voided: number; pending: number; succeeded: number; failed: number; amount: number };
export const NONE: Counts = { ended: 0, sold: 0, voided: 0, pending: 0, succeeded: 0, failed: 0, amount: 0 };

type Row = EntityItem<typeof Cancellations>;
export type CancellationRow = Omit<Row, "counts"> & { counts: Counts };
