import { CancellationContinued, CancellationStarted } from "@fashionistas/core/cancellation/domain-events";
import * as Stripe from "@fashionistas/integrations/stripe";
import { onDomainEvent } from "../../edge.ts";

/** One slice of the orders of a cancelled event. */
export const handler = onDomainEvent("void-orders", (envelope) => {
  const { eventId, step } = (envelope.type === CancellationStarted.type ? CancellationStarted : CancellationContinued).of(envelope);
  return Stripe.continueCancellation(eventId, step);
});
