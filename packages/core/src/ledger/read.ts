import { LedgerRows, type LedgerRow } from "./entity.ts";
import type { LedgerKind } from "./schema.ts";

/** Is this fact booked? Strongly consistent. */
export async function isBooked(orderId: string, kind: LedgerKind, reference: string): Promise<boolean> {
  const { data } = await LedgerRows.get({ orderId, kind, reference }).go({ consistent: true });
  return data !== null;
}

/** All rows of an order. Strongly consistent. */
export async function listByOrder(orderId: string): Promise<LedgerRow[]> {
  const { data } = await LedgerRows.query.byOrder({ orderId }).go({ pages: "all", consistent: true });
  return data;
}

/** A page of the rows of one day (`2026-11-02`, UTC), oldest first. */
export async function pageByDay(day: string, cursor: string | null): Promise<{ rows: LedgerRow[]; cursor: string | null }> {
  const { data, cursor: next } = await LedgerRows.query.byDay({ day }).go({ cursor, limit: 100 });
  return { rows: data, cursor: next };
}
