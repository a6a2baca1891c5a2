import type { Currency } from "../money.ts";
import { ticketIdOf } from "../ticket/index.ts";
import { Refunds, type RefundRow } from "./entity.ts";
import type { RefundView } from "./schema.ts";

/** All refunds of an order, oldest first. Strongly consistent. */
export async function listByOrder(orderId: string): Promise<RefundRow[]> {
  const { data } = await Refunds.query.byOrder({ orderId }).go({ pages: "all", consistent: true });
  return (data as RefundRow[]).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** One refund of an order, or undefined. */
export async function find(orderId: string, refundId: string): Promise<RefundRow | undefined> {
  const { data } = await Refunds.get({ orderId, refundId }).go({ consistent: true });
  return (data as RefundRow | null) ?? undefined;
}

/** Refunds of one shard that have waited for the provider since before `at`, oldest first. */
export async function listWaiting(shard: string, at: string, limit: number): Promise<RefundRow[]> {
  const { data } = await Refunds.query.byWaiting({ waitingShard: shard }).lt({ waitingSince: at }).go({ limit });
  return data as RefundRow[];
}

/** The refunds of an event, oldest first, page by page. */
export async function* listByEvent(eventId: string): AsyncGenerator<RefundRow[]> {
  let cursor: string | null = null;
  do {
    const page: { data: unknown[]; cursor: string | null } = await Refunds.query.byEvent({ eventId }).go({ cursor, limit: 100 });
    yield page.data as RefundRow[];
    cursor = page.cursor;
  } while (cursor !== null);
}

/** The face of a row. */
export function viewOf(refund: RefundRow): RefundView {
  return {
    id: refund.refundId,
    orderId: refund.orderId,
    status: refund.status,
    amount: { amount: refund.amount, currency: refund.currency as Currency },
    reason: refund.reason,
    ticketIds: refund.ticketNumbers.map((n) => ticketIdOf(refund.orderId, n)),
    restock: refund.restock,
    failure: refund.failure ?? null,
    createdAt: refund.createdAt,
    updatedAt: refund.updatedAt,
  };
}
