import { now } from "@fashionistas/core/context";
import { log } from "@fashionistas/core/log";
import * as Order from "@fashionistas/core/order";
import { isoOf } from "@fashionistas/core/time";
import * as Stripe from "@fashionistas/integrations/stripe";
import { errorFields, onSchedule } from "../edge.ts";

const PER_SHARD = 50;
const AT_ONCE = 8;

/** Ends orders whose time is over, and finishes what a crash interrupted. Buyers wait for the seats; correctness does not. */
export const handler = onSchedule("expire-orders", async () => {
  for (let shard = 0; shard < Order.DUE_SHARDS; shard++) {
    const due = await Order.listDue(String(shard).padStart(2, "0"), isoOf(now()), PER_SHARD);
    for (let i = 0; i < due.length; i += AT_ONCE) await Promise.all(due.slice(i, i + AT_ONCE).map((order) => goOn(order)));
  }
});

// One order that cannot go on now must not keep the others waiting; it stays due.
async function goOn(order: Order.OrderRow): Promise<void> {
  await Stripe.goOn(order).catch((error: unknown) => log.warn("order not ended", { orderId: order.orderId, ...errorFields(error) }));
}
