import { now } from "@fashionistas/core/context";
import * as Event from "@fashionistas/core/event";
import { log } from "@fashionistas/core/log";
import { errorFields, onSchedule } from "../edge.ts";

/** Writes into the history what the clock has changed. */
export const handler = onSchedule("record-event-status", async () => {
  for await (const { eventId } of Event.runningFrom(now())) {
    await Event.recordStatus({ eventId }).catch((error: unknown) => log.warn("status not recorded", { eventId, ...errorFields(error) }));
  }
});
