import { DAY_MS, isoOf } from "../time.ts";
import { Events, type EventRow } from "./entity.ts";

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
