import { capability } from "../capability.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { derivedId } from "../id.ts";
import { isoOf } from "../time.ts";
import { CancellationStarted } from "./domain-events.ts";
import { Cancellations, NONE } from "./entity.ts";
import { find } from "./read.ts";
import { OfEvent } from "./schema.ts";
import { dueIn, STALLED_MINUTES } from "./write.ts";

/** Begins to end and refund the orders of an event that was cancelled; done once, however often it is repeated. */
export const start = capability("cancellation.start", { input: OfEvent, allow: ["system", "schedule"] }, async ({ eventId }, { now }): Promise<void> => {
  const event = await Event.find(eventId);
  if (event?.stage !== "cancelled" || (await find(eventId))) return;
  const cancellationId = derivedId("can", [eventId]);
  const job = { eventId, cancellationId, phase: "ending" as const, step: 1, counts: NONE, currency: event.currency, startedAt: isoOf(now) };
  await transact(created("cancellation", cancellationId), [CancellationStarted({ eventId, step: 1 })], (head) => [
    write(Cancellations.create({ ...job, ...dueIn(now, STALLED_MINUTES), ...head })),
  ]);
});
