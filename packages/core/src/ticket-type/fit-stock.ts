import * as z from "zod";
import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { TicketTypeIdSchema } from "../id.ts";
import { fit } from "../pool/index.ts";
import { secondsOf } from "../time.ts";
import { phasesOf, poolOf, quotaOf, type TicketTypeRow } from "./entity.ts";
import { find } from "./read.ts";
import { changesOf, offerOf, subjectOf } from "./write.ts";

/**
 * Makes the pool hold what the document says. Seats that were sold while it shrank cannot go: then the document is set to
 * what the pool holds. Repeating it is harmless; it finishes what a crash left half done. A type that is gone needs nothing.
 */
export const fitStock = capability(
  "ticket_type.fit_stock",
  { input: z.strictObject({ ticketTypeId: TicketTypeIdSchema }), allow: [...TEAM, "system", "schedule"], needs: "ticket_types:write" },
  async ({ ticketTypeId }, { now }): Promise<TicketTypeRow | undefined> => {
    const type = await find(ticketTypeId);
    if (type) await fitQuotas(type, now);
    const pool = type && poolOf(type);
    if (!type || !pool) return type;
    const seats = await fit(pool, pool.seats, secondsOf(now));
    if (seats === pool.seats) return type;
    const event = await Event.find(type.eventId);
    if (!event) return undefined;
    const fitted = { ...type, quantityTotal: seats };
    const offers = (event.offers as Event.Offer[]).map((offer) => (offer.ticketTypeId === ticketTypeId ? offerOf(fitted, offer.soldOutAt) : offer));
    const head = await transact(subjectOf(type), [], (head) => [...changesOf(type, head, { quantityTotal: seats }), ...Event.offering(event, offers)]);
    return { ...fitted, ...head };
  },
);

/** Makes the quotas of the type's price phases what its document says, as far as no more is taken: a phase whose quota is smaller than that is used up. */
export async function fitQuotas(type: TicketTypeRow, now: number): Promise<void> {
  for (const phase of phasesOf(type)) {
    const pool = quotaOf(phase, type.eventId);
    if (pool) await fit(pool, pool.seats, secondsOf(now));
  }
}
