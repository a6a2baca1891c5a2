import * as z from "zod";
import { capability } from "../capability.ts";
import { refusedItem } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { EventIdSchema } from "../id.ts";
import { MINUTE_MS, secondsOf } from "../time.ts";
import { snapshotOf } from "./availability.ts";
import { CONNECTION_SECONDS, watcherShard } from "./connect.ts";
import { Connections, Subscriptions } from "./entity.ts";
import { ticketInvalid, tooManyMessages } from "./errors.ts";
import type { Availability } from "./schema.ts";

export const MESSAGES_PER_MINUTE = 100;

const OfConnection = z.strictObject({ connectionId: z.string() });
const Watch = z.strictObject({ connectionId: z.string(), eventId: EventIdSchema });

/** Counts one message of a connection. @returns its channel @throws realtime.too_many_messages, realtime.ticket_invalid */
export const countMessage = capability(
  "realtime.count_message",
  { input: OfConnection, allow: ["public"] },
  async ({ connectionId }, { now }): Promise<{ channel: string }> => {
    const minute = Math.floor(now / MINUTE_MS);
    for (;;) {
      const standing = await counted(
        Connections.patch({ connectionId })
          .add({ messages: 1 })
          .where((row, { eq, lt }) => `${eq(row.minute, minute)} AND ${lt(row.messages, MESSAGES_PER_MINUTE)}`),
      );
      if (standing.counted) return { channel: standing.channel };
      if (standing.minute === undefined) throw ticketInvalid("The connection is closed: connect again.");
      if (standing.minute === minute) throw tooManyMessages(`At most ${MESSAGES_PER_MINUTE} messages a minute.`, { retryAfterSeconds: 60 });
      // The first message of a new minute: whoever is refused here was second, and is counted above.
      const first = await counted(
        Connections.patch({ connectionId })
          .set({ minute, messages: 1 })
          .where((row, { ne }) => ne(row.minute, minute)),
      );
      if (first.counted) return { channel: first.channel };
    }
  },
);

type Counting = { go(options: object): Promise<{ data: unknown }> };

async function counted(counting: Counting): Promise<{ counted: true; channel: string } | { counted: false; minute: number | undefined }> {
  try {
    const { data } = await counting.go({ response: "all_new", params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } });
    return { counted: true, channel: (data as { channel: string }).channel };
  } catch (error) {
    const refused = refusedItem(error);
    if (!refused) throw error;
    return { counted: false, minute: refused.standing?.["minute"] as number | undefined };
  }
}

/** Watches an event from now on. @returns the snapshot to start from @throws event.not_found */
export const subscribe = capability(
  "realtime.subscribe",
  { input: Watch, allow: ["public"] },
  async ({ connectionId, eventId }, { actor, now }): Promise<Availability> => {
    const event = await Event.visibleTo(actor, eventId);
    const { data } = await Connections.patch({ connectionId })
      .add({ eventIds: [eventId] })
      .go({ response: "all_new" });
    const { channel = "tickets" } = data;
    await Subscriptions.put({ eventId, shard: watcherShard(connectionId), connectionId, channel, ttl: secondsOf(now) + CONNECTION_SECONDS }).go();
    return snapshotOf(event, now, channel);
  },
);

/** Watches it no longer. */
export const unsubscribe = capability("realtime.unsubscribe", { input: Watch, allow: ["public"] }, async ({ connectionId, eventId }) => {
  await Subscriptions.delete({ eventId, shard: watcherShard(connectionId), connectionId }).go();
  await Connections.patch({ connectionId })
    .delete({ eventIds: [eventId] })
    .go();
});
