/**
 * Money that moved, append-only: one row per fact, in the partition of its order. Totals are sums of rows, never stored.
 * Amounts are positive minor units; `kind` says which way they went (`rules/balance.ts`).
 *
 *  1. An order's money is read in one query.                            byOrder
 *  2. An organizer or a report reads an event's money, by time.         byEvent
 *  3. Reconciliation reads all money of a day, by time.                 byDay
 *
 * A fact is booked once: kind and the provider's id of it are its key. `day` is the day of `at`. The one thing that is added to
 * a row later is the provider's transaction that confirms it, once reconciliation has seen both.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { dayOf } from "../time.ts";
import { LedgerKind } from "./schema.ts";

export const LedgerRows = new Entity(
  {
    model: { entity: "ledger-row", version: "1", service: SERVICE },
    attributes: {
      orderId: { type: "string", required: true },
      kind: { type: LedgerKind.options, required: true },
      /** The provider's id of the fact: one fact is booked once. */
      reference: { type: "string", required: true },
      eventId: { type: "string", required: true },
      amount: { type: "number", required: true },
      currency: { type: "string", required: true },
      at: { type: "string", required: true },
      day: { type: "string", required: true },
      /** The provider's transaction behind it; absent until reconciliation has found it. */
      transactionId: { type: "string" },
    },
    indexes: {
      byOrder: {
        pk: { field: "pk", composite: ["orderId"], template: "ORDER#${orderId}", casing: "none" },
        sk: { field: "sk", composite: ["kind", "reference"], template: "LEDGER#${kind}#${reference}", casing: "none" },
      },
      byEvent: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["eventId"], template: "LEDGER#${eventId}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["at", "reference"], template: "${at}#${reference}", casing: "none" },
      },
      byDay: {
        index: "gsi2",
        pk: { field: "gsi2pk", composite: ["day"], template: "LEDGER#${day}", casing: "none" },
        sk: { field: "gsi2sk", composite: ["at", "reference"], template: "${at}#${reference}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type LedgerRow = EntityItem<typeof LedgerRows>;

/** Books a fact as part of the caller's transaction; it must not be booked. */
export function recording(row: Omit<LedgerRow, "day">) {
  return LedgerRows.create({ ...row, day: dayOf(row.at) });
}
