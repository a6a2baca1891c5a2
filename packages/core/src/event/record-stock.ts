import * as z from "zod";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import { EventStockRecorded } from "./domain-events.ts";
import { Events, type EventRow } from "./entity.ts";
import type { Offer } from "./rules/status.ts";
import { subjectOf } from "./write.ts";

const RecordStock = z.strictObject({ event: z.custom<EventRow>(), soldOut: z.array(z.string()) });

/** Remembers which types have no stock, since when. Nothing is written when that is known already. */
export const recordStock = capability("event.record_stock", { input: RecordStock, allow: ["system", "schedule"] }, async ({ event, soldOut }, { now }) => {
  const { eventId } = event;
  const standing = event.offers as Offer[];
  const offers = standing.map(({ soldOutAt, ...offer }): Offer =>
    soldOut.includes(offer.ticketTypeId) ? { ...offer, soldOutAt: soldOutAt ?? isoOf(now) } : offer,
  );
  if (standing.every((offer, i) => (offer.soldOutAt === undefined) === (offers[i]!.soldOutAt === undefined))) return;
  await transact(subjectOf(event), [EventStockRecorded({ eventId, soldOut })], (head) => [
    write(
      Events.patch({ eventId })
        .set({ offers, ...head })
        .where((row, { eq }) => `${eq(row.version, event.version)} AND ${eq(row.offers, event.offers)}`),
    ),
  ]);
});
