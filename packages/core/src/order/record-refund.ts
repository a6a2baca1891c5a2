import * as z from "zod";
import { capability } from "../capability.ts";
import { again } from "../retry.ts";
import { transact, write } from "../db/transact.ts";
import { derivedId, OrderIdSchema } from "../id.ts";
import * as Ledger from "../ledger/index.ts";
import { log } from "../log.ts";
import * as Refund from "../refund/index.ts";
import { isoOf } from "../time.ts";
import { theOrder } from "./read.ts";
import { changeOf, subjectOf } from "./write.ts";

const RANK: Record<Refund.RefundStatus, number> = { pending: 0, succeeded: 1, failed: 2 };

/** What the provider says of a refund. Without `refundId` it was not asked for by us: somebody made it there. */
const RecordRefund = z.strictObject({
  orderId: OrderIdSchema,
  refundId: Refund.RefundIdSchema.optional(),
  providerRefundId: z.string(),
  intentId: z.string(),
  amount: z.int(),
  currency: z.string(),
  status: Refund.RefundStatus,
  failure: z.string().max(100).optional(),
});
export type RefundFact = z.input<typeof RecordRefund>;

/**
 * Brings a refund up to what the provider says of it, and the ledger with it; only forward, so that duplicates and any order
 * are harmless. One that was made at the provider is recorded and not acted upon: tickets and stock stay as they are.
 */
export const recordRefund = capability(
  "order.record_refund",
  { input: RecordRefund, allow: ["webhook", "schedule", "system"] },
  (fact, { now }): Promise<Refund.RefundRow> =>
    again(async () => {
      const order = await theOrder(fact.orderId);
      const refunds = await Refund.listByOrder(fact.orderId);
      const standing = refunds.find(({ refundId, providerRefundId }) => providerRefundId === fact.providerRefundId || refundId === fact.refundId);
      const news = !standing?.providerRefundId || RANK[fact.status] > RANK[standing.status];
      if (standing && !news) return standing;

      const at = isoOf(now);
      const { orderId, providerRefundId, amount, currency, status, failure } = fact;
      const row = standing ?? madeElsewhere(fact, order.eventId, at);
      const facts = { refundId: row.refundId, orderId, eventId: order.eventId, amount, currency };
      if (status === "failed") log.error("refund failed", { alarm: "refund_failed", orderId, refundId: row.refundId, failure });
      const events = [
        ...(status === "succeeded" ? [Refund.RefundSucceeded(facts)] : []),
        ...(status === "failed" ? [Refund.RefundFailed({ ...facts, failure: failure ?? "unknown" })] : []),
      ];
      const booking = (kind: "refund" | "refund_failure") =>
        write(Ledger.recording({ orderId, eventId: order.eventId, kind, reference: providerRefundId, amount, currency, at }));
      await transact(subjectOf(order), events, (head) => [
        write(changeOf(order, head, {})),
        write(standing ? Refund.advancing(standing, { status, providerRefundId, failure }, at) : Refund.adding(row)),
        ...(standing?.providerRefundId ? [] : [booking("refund")]),
        ...(status === "failed" ? [booking("refund_failure")] : []),
      ]);
      return { ...row, status, providerRefundId, updatedAt: at, ...(failure ? { failure } : {}) };
    }),
);

function madeElsewhere(fact: RefundFact, eventId: string, at: string): Refund.RefundRow {
  const { orderId, providerRefundId, intentId, amount, currency, status, failure } = fact;
  return {
    ...{ orderId, eventId, status, amount, currency, providerRefundId, intentId, createdAt: at, updatedAt: at },
    refundId: derivedId("rf", ["refund", providerRefundId]),
    reason: "made_at_provider",
    ticketNumbers: [],
    restock: false,
    ...(failure ? { failure } : {}),
  };
}

const RefuseRefund = z.strictObject({ orderId: OrderIdSchema, refundId: Refund.RefundIdSchema, failure: z.string().max(100) });

/** The provider will not make this refund: no money moved, and what it would have given back is left to give. */
export const refuseRefund = capability(
  "order.refuse_refund",
  { input: RefuseRefund, allow: ["system", "schedule"] },
  ({ orderId, refundId, failure }, { now }): Promise<void> =>
    again(async () => {
      const order = await theOrder(orderId);
      const standing = await Refund.find(orderId, refundId);
      if (!standing || standing.status !== "pending" || standing.providerRefundId) return;
      log.error("refund refused", { alarm: "refund_failed", orderId, refundId, failure });
      const { amount, currency, eventId } = standing;
      await transact(subjectOf(order), [Refund.RefundFailed({ refundId, orderId, eventId, amount, currency, failure })], (head) => [
        write(changeOf(order, head, {})),
        write(Refund.advancing(standing, { status: "failed", failure }, isoOf(now))),
      ]);
    }),
);
