/**
 * Money that moved, append-only: one row per fact, in the partition of its order. Totals are sums of rows, never stored.
 * Amounts are positive minor units; `kind` says which way they went.
 *
 *  1. An order's money is read in one query.      byOrder
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const LedgerRows = new Entity(
  {
    model: { entity: "ledger-row", version: "1", service: SERVICE },
    attributes: {
      orderId: { type: "string", required: true },
      kind: { type: ["charge"] as const, required: true },
      /** The provider's id of the fact: one fact is booked once. */
      reference: { type: "string", required: true },
      eventId: { type: "string", required: true },
      amount: { type: "number", required: true },
      currency: { type: "string", required: true },
      at: { type: "string", required: true },
    },
    indexes: {
      byOrder: {
        pk: { field: "pk", composite: ["orderId"], template: "ORDER#${orderId}", casing: "none" },
        sk: { field: "sk", composite: ["kind", "reference"], template: "LEDGER#${kind}#${reference}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type LedgerRow = EntityItem<typeof LedgerRows>;

/** Books a fact as part of the caller's transaction; it must not be booked. */
export function recording(row: LedgerRow) {
  return LedgerRows.create(row);
}

/** All rows of an order. */
export async function listByOrder(orderId: string): Promise<LedgerRow[]> {
  const { data } = await LedgerRows.query.byOrder({ orderId }).go({ pages: "all", consistent: true });
  return data;
}
