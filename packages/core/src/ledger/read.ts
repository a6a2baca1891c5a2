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

/** The rows of an event from an instant until before another, oldest first, page by page. */
export async function* between(eventId: string, { from, to }: { from: string; to: string }): AsyncGenerator<LedgerRow[]> {
  const query = LedgerRows.query.byEvent({ eventId }).between({ at: from }, { at: to });
  let cursor: string | null = null;
  do {
    const page: { data: LedgerRow[]; cursor: string | null } = await query.go({ cursor, limit: 100 });
    yield page.data;
    cursor = page.cursor;
  } while (cursor !== null);
}
