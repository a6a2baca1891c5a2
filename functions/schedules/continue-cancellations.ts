import * as Cancellation from "@fashionistas/core/cancellation";
import { now } from "@fashionistas/core/context";
import { log } from "@fashionistas/core/log";
import { isoOf } from "@fashionistas/core/time";
import * as Stripe from "@fashionistas/integrations/stripe";
import { errorFields, onSchedule } from "../edge.ts";

const AT_MOST = 20;

/** Counts refunds that are on their way, takes up slices whose worker died, and looks again for late payers. */
export const handler = onSchedule("continue-cancellations", async () => {
  for (const { eventId } of await Cancellation.listDue(isoOf(now()), AT_MOST)) {
    await Stripe.continueCancellation(eventId).catch((error: unknown) => log.warn("cancellation not continued", { eventId, ...errorFields(error) }));
  }
});
