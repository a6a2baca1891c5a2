import { now } from "@fashionistas/core/context";
import * as Order from "@fashionistas/core/order";
import * as Refund from "@fashionistas/core/refund";
import { DAY_MS, msOf } from "@fashionistas/core/time";
import type Stripe from "stripe";
import { asking, asVisible, finalRefusal, stripe } from "./client.ts";
import { attemptOf, idOf, refundFactOf, refundParams } from "./map.ts";

/** Carries out a refund that was asked for. Repeating it makes it once. @throws payment.unavailable: try again */
export async function makeRefund(orderId: string, refundId: string): Promise<void> {
  const row = await Refund.find(orderId, refundId);
  if (!row || row.status !== "pending") return;
  if (row.providerRefundId) return void (await processRefund(row.providerRefundId));
  const refund = (await madeBefore(row)) ?? (await make(row));
  if (refund) await Order.recordRefund(refundFactOf(refund, row.intentId, orderId));
}

async function make(row: Refund.RefundRow): Promise<Stripe.Refund | undefined> {
  const { orderId, refundId } = row;
  try {
    return await stripe().refunds.create(refundParams(row), { idempotencyKey: `refund:${refundId}` });
  } catch (error) {
    const failure = finalRefusal(error);
    if (!failure) throw asVisible(error);
    await Order.refuseRefund({ orderId, refundId, failure });
    return undefined;
  }
}

// The idempotency key brings the same refund for a day; after that it would make a second one.
async function madeBefore(row: Refund.RefundRow): Promise<Stripe.Refund | undefined> {
  if (now() - msOf(row.createdAt) < DAY_MS) return undefined;
  return (await listed({ payment_intent: row.intentId })).find(({ metadata }) => metadata?.["refund_id"] === row.refundId);
}

const MOST_REFUNDS = 10_000;

function listed(of: Stripe.RefundListParams): Promise<Stripe.Refund[]> {
  return asking(() =>
    stripe()
      .refunds.list({ ...of, limit: 100 })
      .autoPagingToArray({ limit: MOST_REFUNDS }),
  );
}

/** Brings our books up to what Stripe says of a refund, whoever made it. @returns false when its payment is none of ours */
export async function processRefund(providerRefundId: string): Promise<boolean> {
  return record(await asking(() => stripe().refunds.retrieve(providerRefundId)));
}

/** The same for every refund of a charge. */
export async function processRefundsOfCharge(chargeId: string): Promise<boolean> {
  let ours = false;
  for (const refund of await listed({ charge: chargeId })) ours = (await record(refund)) || ours;
  return ours;
}

async function record(refund: Stripe.Refund): Promise<boolean> {
  const intentId = idOf(refund.payment_intent);
  if (!intentId) return false;
  const orderId = refund.metadata?.["order_id"] ?? attemptOf(await asking(() => stripe().paymentIntents.retrieve(intentId)))?.orderId;
  if (!orderId || !(await Order.find(orderId))) return false;
  await Order.recordRefund(refundFactOf(refund, intentId, orderId));
  return true;
}
