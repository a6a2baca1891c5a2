/**
 * Money on its way back, in the partition of its order: one row per refund, whoever made it. Rows are never removed; only how
 * far they came changes, forward: pending → succeeded → failed (a card refund can fail days after it succeeded).
 * Every row is written together with its order, on condition of the order's version: no two refunds can overlook each other.
 *
 *  1. The owner of an order, and every decision about a refund, reads all of its refunds.     byOrder
 *  2. The sweeper asks which have not reached the provider.                                   byWaiting (sparse)
 *  3. The cancellation of an event counts how far its refunds came.                           byEvent
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { shardNames, shardOf } from "../db/journal.ts";
import { SERVICE } from "../db/service.ts";
import { RefundReason, RefundStatus } from "./schema.ts";

export const WAITING_SHARDS = shardNames(4);

export const Refunds = new Entity(
  {
    model: { entity: "refund", version: "1", service: SERVICE },
    attributes: {
      orderId: { type: "string", required: true },
      refundId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      status: { type: RefundStatus.options, required: true },
      amount: { type: "number", required: true },
      currency: { type: "string", required: true },
      reason: { type: RefundReason.options, required: true },
      /** The payment it gives back: the provider's id. */
      intentId: { type: "string", required: true },
      /** The provider's id of the refund, once it has taken it. */
      providerRefundId: { type: "string" },
      /** Numbers of the tickets that were taken back with it. */
      ticketNumbers: { type: "any", required: true },
      restock: { type: "boolean", required: true },
      failure: { type: "string" },
      waitingShard: { type: "string" },
      waitingSince: { type: "string" },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
    },
    indexes: {
      byOrder: {
        pk: { field: "pk", composite: ["orderId"], template: "ORDER#${orderId}", casing: "none" },
        sk: { field: "sk", composite: ["refundId"], template: "REFUND#${refundId}", casing: "none" },
      },
      byWaiting: {
        index: "gsi1",
        condition: (attributes) => attributes["waitingShard"] !== undefined,
        pk: { field: "gsi1pk", composite: ["waitingShard"], template: "REFUNDS_WAITING#${waitingShard}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["waitingSince"], template: "${waitingSince}", casing: "none" },
      },
      byEvent: {
        index: "gsi2",
        pk: { field: "gsi2pk", composite: ["eventId"], template: "REFUNDS#${eventId}", casing: "none" },
        sk: { field: "gsi2sk", composite: ["createdAt"], template: "${createdAt}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

type Row = EntityItem<typeof Refunds>;
export type RefundRow = Omit<Row, "ticketNumbers"> & { ticketNumbers: number[] };
export type NewRefund = Omit<RefundRow, "waitingShard" | "waitingSince" | "updatedAt">;

/** Writes a refund as part of the caller's transaction; it must not exist. Pending ones wait for the provider. */
export function adding(refund: NewRefund) {
  const waiting = refund.status === "pending" && refund.providerRefundId === undefined;
  return Refunds.create({
    ...refund,
    updatedAt: refund.createdAt,
    ...(waiting ? { waitingShard: shardOf(refund.refundId, WAITING_SHARDS.length), waitingSince: refund.createdAt } : {}),
  });
}

/** Notes how far it came, as part of the caller's transaction, on condition that it is as it was read. */
export function advancing(
  refund: RefundRow,
  change: { status: RefundRow["status"]; providerRefundId?: string | undefined; failure?: string | undefined },
  at: string,
) {
  const { providerRefundId = refund.providerRefundId, failure = refund.failure } = change;
  return Refunds.patch({ orderId: refund.orderId, refundId: refund.refundId })
    .set({ status: change.status, updatedAt: at, ...(providerRefundId ? { providerRefundId } : {}), ...(failure ? { failure } : {}) })
    .remove(["waitingShard", "waitingSince"])
    .where(({ status }, { eq }) => eq(status, refund.status));
}
