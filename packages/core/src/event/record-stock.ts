import * as z from "zod";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { EventStatusChanged, EventStockRecorded } from "./domain-events.ts";
import { ROWS_PER_VERSION, StatusHistory, type EventRow } from "./entity.ts";
import { factsOf, pendingTransitions } from "./read.ts";
import { statusAt, type Offer } from "./rules/status.ts";
import { changesOf, subjectOf } from "./write.ts";

const RecordStock = z.strictObject({ event: z.custom<EventRow>(), soldOut: z.array(z.string()) });

/**
 * Remembers which types have no stock, since when, and what that made of the status. Nothing is written when it is known
 * already. @returns the event as it is now
 */
export const recordStock = capability(
  "event.record_stock",
  { input: RecordStock, allow: ["system", "schedule"] },
  async ({ event, soldOut }, { now }): Promise<EventRow> => {
    const { eventId } = event;
    const at = isoOf(now);
    const standing = event.offers as Offer[];
    const offers = standing.map(({ soldOutAt, ...offer }): Offer => (soldOut.includes(offer.ticketTypeId) ? { ...offer, soldOutAt: soldOutAt ?? at } : offer));
    if (standing.every((offer, i) => (offer.soldOutAt === undefined) === (offers[i]!.soldOutAt === undefined))) return event;

    // What the clock changed before this is told first, by the stock as it was then.
    const missed = pendingTransitions(event, at);
    const from = statusAt(factsOf(event), at);
    const to = statusAt(factsOf({ ...event, offers }), at);
    const changes = [...missed, ...(from === to ? [] : [{ from, to, at }])];
    const recorded = changes.length > 0 ? { recordedStatus: to, recordedAt: at } : {};
    const events = [EventStockRecorded({ eventId, soldOut }), ...changes.map((change) => EventStatusChanged({ eventId, ...change }))];
    const head = await transact(subjectOf(event), events, (head) => [
      ...changesOf(event, head, { offers, ...recorded }),
      ...changes.map((change, i) =>
        write(StatusHistory.put({ eventId, ...change, n: event.version * ROWS_PER_VERSION + i, by: { kind: "system", id: "stock" } })),
      ),
    ]);
    return { ...event, ...recorded, ...head, offers };
  },
);
