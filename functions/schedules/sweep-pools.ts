import { now } from "@fashionistas/core/context";
import * as Event from "@fashionistas/core/event";
import { log } from "@fashionistas/core/log";
import * as Pool from "@fashionistas/core/pool";
import * as TicketType from "@fashionistas/core/ticket-type";
import { secondsOf } from "@fashionistas/core/time";
import { errorFields, onSchedule } from "../edge.ts";

/**
 * Gives held seats back whose time is over, orphans of a crash included, so that open pages see them; and makes every stock,
 * room and shared capacity what its document says, where a crash left it half changed.
 */
export const handler = onSchedule("sweep-pools", async () => {
  for await (const event of Event.runningFrom(now())) {
    for (const pool of Event.poolsOf(event)) await Pool.sweep(pool, secondsOf(now()));
    const { eventId } = event;
    await Event.fitCapacities({ eventId }).catch((error: unknown) => log.warn("capacities not fitted", { eventId, ...errorFields(error) }));
    for (const ticketTypeId of Event.ticketTypeIdsOf(event)) {
      await TicketType.fitStock({ ticketTypeId }).catch((error: unknown) => log.warn("stock not fitted", { ticketTypeId, ...errorFields(error) }));
    }
  }
});
