import * as Cancellation from "@fashionistas/core/cancellation";
import { EventStatusChanged } from "@fashionistas/core/event/domain-events";
import { onDomainEvent } from "../../edge.ts";

/** A cancelled event gives everybody their money back. */
export const handler = onDomainEvent("start-cancellation", async (envelope) => {
  const { eventId, to } = EventStatusChanged.of(envelope);
  if (to === "cancelled") await Cancellation.start({ eventId });
});
