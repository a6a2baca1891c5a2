import * as z from "zod";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { EventIdSchema } from "../id.ts";
import { isoOf } from "../time.ts";
import { EventStatusChanged } from "./domain-events.ts";
import { ROWS_PER_VERSION, StatusHistory } from "./entity.ts";
import { find, pendingTransitions } from "./read.ts";
import { changesOf, subjectOf } from "./write.ts";

/** Writes what the clock and the stock have changed into the history, each with the instant of its fact. */
export const recordStatus = capability(
  "event.record_status",
  { input: z.strictObject({ eventId: EventIdSchema }), allow: ["schedule", "system"] },
  async ({ eventId }, { now }) => {
    const event = await find(eventId);
    const changes = event ? pendingTransitions(event, isoOf(now)) : [];
    if (!event || changes.length === 0) return 0;
    await transact(
      subjectOf(event),
      changes.map((change) => EventStatusChanged({ eventId, ...change })),
      (head) => [
        ...changesOf(event, head, { recordedStatus: changes.at(-1)!.to, recordedAt: changes.at(-1)!.at }),
        ...changes.map((change, i) =>
          write(StatusHistory.put({ eventId, ...change, n: event.version * ROWS_PER_VERSION + i, by: { kind: "system", id: "clock" } })),
        ),
      ],
    );
    return changes.length;
  },
);
