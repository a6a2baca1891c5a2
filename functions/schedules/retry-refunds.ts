import { now } from "@fashionistas/core/context";
import { log } from "@fashionistas/core/log";
import * as Refund from "@fashionistas/core/refund";
import { isoOf, MINUTE_MS } from "@fashionistas/core/time";
import * as Stripe from "@fashionistas/integrations/stripe";
import { errorFields, onSchedule } from "../edge.ts";

const WAITED_MINUTES = 10;
const PER_SHARD = 25;

/** Refunds that have not reached Stripe, whatever became of the message that said so. */
export const handler = onSchedule("retry-refunds", async () => {
  for (const shard of Refund.WAITING_SHARDS) {
    const waiting = await Refund.listWaiting(shard, isoOf(now() - WAITED_MINUTES * MINUTE_MS), PER_SHARD);
    for (const { orderId, refundId } of waiting) {
      await Stripe.makeRefund(orderId, refundId).catch((error: unknown) => log.warn("refund not made", { orderId, refundId, ...errorFields(error) }));
    }
  }
});
