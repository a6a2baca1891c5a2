import * as Stripe from "@fashionistas/integrations/stripe";
import { onDomainEvent } from "../../edge.ts";

/** One slice of the orders of a cancelled event. */
export const handler = onDomainEvent("void-orders", (envelope) => Stripe.continueCancellation(String(envelope.data["eventId"])));
