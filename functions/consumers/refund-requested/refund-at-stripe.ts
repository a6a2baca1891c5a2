import { RefundRequested } from "@fashionistas/core/refund/domain-events";
import * as Stripe from "@fashionistas/integrations/stripe";
import { onDomainEvent } from "../../edge.ts";

/** Gives the money back. */
export const handler = onDomainEvent("refund-at-stripe", (envelope) => {
  const { orderId, refundId } = RefundRequested.of(envelope);
  return Stripe.makeRefund(orderId, refundId);
});
