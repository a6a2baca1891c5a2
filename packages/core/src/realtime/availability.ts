import { READERS } from "../actor.ts";
import { capability } from "../capability.ts";
import * as Event from "../event/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import { isoOf } from "../time.ts";
import { Ticks } from "./entity.ts";
import { type Availability } from "./schema.ts";
import * as z from "zod";
import { EventIdSchema } from "../id.ts";

/** What is left of an event's active types now, read from the stock itself. */
export async function seatsLeft(event: Event.EventRow, now: number): Promise<{ ticketTypeId: string; availableQuantity: number | null }[]> {
  const offers = (event.offers as Event.Offer[]).filter((offer) => offer.isActive);
  const types = offers.map(({ ticketTypeId, groups, quantityTotal }) => ({
    ticketTypeId,
    eventId: event.eventId,
    groups,
    ...(quantityTotal === null ? {} : { quantityTotal }),
  }));
  const left = await TicketType.availability(event, types, now);
  return offers.map(({ ticketTypeId }) => ({ ticketTypeId, availableQuantity: left.get(ticketTypeId) ?? null }));
}

/** The snapshot for a channel, whose changes have numbers of their own: the number first, then the seats, so that what is read is never older than its number. */
export async function snapshotOf(event: Event.EventRow, now: number, channel = "tickets"): Promise<Availability> {
  const { data: tick } = await Ticks.get({ eventId: event.eventId }).go({ consistent: true });
  const ticketTypes = await seatsLeft(event, now);
  return {
    eventId: event.eventId,
    status: Event.statusAt(Event.factsOf(event), isoOf(now)),
    sequence: (channel === "events" ? tick?.statusSequence : tick?.sequence) ?? 0,
    ticketTypes,
    lastUpdated: isoOf(now),
  };
}

/** Live availability of an event. @throws event.not_found */
export const availability = capability(
  "realtime.availability",
  { input: z.strictObject({ eventId: EventIdSchema }), allow: READERS, needs: "events:read" },
  async ({ eventId }, { actor, now }) => snapshotOf(await Event.visibleTo(actor, eventId), now),
);
