import { now } from "@fashionistas/core/context";
import { inTurns } from "@fashionistas/core/in-turns";
import { log } from "@fashionistas/core/log";
import * as Order from "@fashionistas/core/order";
import { isoOf } from "@fashionistas/core/time";
import * as Stripe from "@fashionistas/integrations/stripe";
import { errorFields, onSchedule } from "../edge.ts";

const PER_SHARD = 50;
const AT_ONCE = 8;

/** Ends orders whose time is over, and finishes what a crash interrupted. Buyers wait for the seats; correctness does not. */
export const handler = onSchedule("expire-orders", async () => {
  for (const shard of Order.DUE_SHARDS) await inTurns(await Order.listDue(shard, isoOf(now()), PER_SHARD), AT_ONCE, goOn);
});

// One order that cannot go on now must not keep the others waiting; it stays due.
async function goOn(order: Order.OrderRow): Promise<void> {
  await Stripe.goOn(order).catch((error: unknown) => log.warn("order not ended", { orderId: order.orderId, ...errorFields(error) }));
}
