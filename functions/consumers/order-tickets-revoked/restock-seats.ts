import * as Order from "@fashionistas/core/order";
import { OrderTicketsRevoked } from "@fashionistas/core/order/domain-events";
import { onDomainEvent } from "../../edge.ts";

/** Puts the seats of revoked tickets on sale again, when whoever took them back said so. */
export const handler = onDomainEvent("restock-seats", async (envelope) => {
  const { orderId, ticketIds, restock } = OrderTicketsRevoked.of(envelope);
  if (restock) await Order.restock({ orderId, ticketIds });
});
