import type { OrderId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import { OrderFulfilled } from "@fashionistas/core/order/domain-events";
import { onDomainEvent } from "../../edge.ts";

/** What a guest bought who is a user becomes theirs. */
export const handler = onDomainEvent("adopt-order", async (envelope) => {
  const { orderId } = OrderFulfilled.of(envelope);
  await Order.adoptByContact({ orderId: orderId as OrderId });
});
