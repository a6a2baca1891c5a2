import { shardOf, standing, type Head, type Subject } from "../db/journal.ts";
import { DUE_SHARDS, Orders, type Attempt, type OrderRow } from "./entity.ts";

/** The order as its journal sees it. */
export function subjectOf(order: OrderRow): Subject {
  return standing("order", order.orderId, order);
}

/** A change of the order on condition that nobody changed it since it was read. */
export function changeOf(order: OrderRow, head: Head, change: Partial<Omit<OrderRow, "orderId">>, gone: readonly ("dueShard" | "dueAt")[] = []) {
  return Orders.patch({ orderId: order.orderId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version }, { eq }) => eq(version, order.version));
}

/** When the sweeper must look at it. */
export function due(orderId: string, at: string): { dueShard: string; dueAt: string } {
  return { dueShard: shardOf(orderId, DUE_SHARDS.length), dueAt: at };
}

/** The attempt that counts: the last one. */
export function currentAttempt(order: OrderRow): Attempt | undefined {
  return order.attempts.at(-1);
}

/** The attempt that brought the money. */
export function paidAttempt(order: OrderRow): Attempt | undefined {
  return order.attempts.find(({ status }) => status === "succeeded");
}

/** The attempts with one of them changed. */
export function withAttempt(order: OrderRow, n: number, change: Partial<Attempt>): Attempt[] {
  return order.attempts.map((attempt) => (attempt.n === n ? { ...attempt, ...change } : attempt));
}
