import { DAY_MS, isoOf } from "../time.ts";
import { Events, type EventRow } from "./entity.ts";

/** Nothing is sold after an event's end, and no event is longer than that. */
const LONGEST_EVENT_DAYS = 30;

/** Every published event whose status can still change by itself: for schedules, page by page. */
export async function* runningFrom(now: number): AsyncGenerator<EventRow> {
  let cursor: string | null = null;
  do {
    const from = { startsAt: isoOf(now - LONGEST_EVENT_DAYS * DAY_MS) };
    const page: { data: EventRow[]; cursor: string | null } = await Events.query.byVisibility({ visibility: "public" }).gte(from).go({ cursor, limit: 100 });
    yield* page.data.filter((event) => event.stage === "published" && event.recordedStatus !== "completed");
    cursor = page.cursor;
  } while (cursor !== null);
}

/** A place in the list of all events by date. */
export type EventPlace = { startsAt: string; eventId: string };

/** The event after a place in the list of all events by date; undefined after the last one. */
export async function nextByDate(place: EventPlace): Promise<EventPlace | undefined> {
  const { data } = await Events.query.byDate({}).gt(place).go({ limit: 1 });
  return data[0] && { startsAt: data[0].startsAt, eventId: data[0].eventId };
}

/** Before the first event that may have sold anything at this instant or later. */
export function placeBefore(at: number): EventPlace {
  return { startsAt: isoOf(at - LONGEST_EVENT_DAYS * DAY_MS), eventId: "" };
}
