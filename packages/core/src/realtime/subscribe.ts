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

/** Counts one message of a connection. @returns its channel @throws realtime.too_many_messages */
export const countMessage = capability("realtime.count_message", { input: OfConnection, allow: ["public"] }, async ({ connectionId }, { now }): Promise<{ channel: string }> => {
  const minute = Math.floor(now / MINUTE_MS);
  const connection = Connections.patch({ connectionId });
  const counted = await connection
    .add({ messages: 1 })
    .where((row, { eq, lt }) => `${eq(row.minute, minute)} AND ${lt(row.messages, MESSAGES_PER_MINUTE)}`)
    .go({ response: "all_new", params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } })
    .catch(async (error: unknown) => {
      const refused = refusedItem(error);
      if (!refused) throw error;
      if (!refused.standing) throw ticketInvalid("The connection is closed: connect again.");
      if (refused.standing["minute"] === minute) throw tooManyMessages(`At most ${MESSAGES_PER_MINUTE} messages a minute.`, { retryAfterSeconds: 60 });
      return Connections.patch({ connectionId }).set({ minute, messages: 1 }).go({ response: "all_new" });
    });
  return { channel: counted.data.channel ?? "" };
});

/** Watches an event from now on. @returns the snapshot to start from @throws event.not_found */
export const subscribe = capability("realtime.subscribe", { input: Watch, allow: ["public"] }, async ({ connectionId, eventId }, { actor, now }): Promise<Availability> => {
  const event = await Event.visibleTo(actor, eventId);
  const { data } = await Connections.patch({ connectionId })
    .add({ eventIds: [eventId] })
    .go({ response: "all_new" });
  await Subscriptions.put({ eventId, shard: watcherShard(connectionId), connectionId, channel: data.channel ?? "tickets", ttl: secondsOf(now) + CONNECTION_SECONDS }).go();
  return snapshotOf(event, now);
});

/** Watches it no longer. */
export const unsubscribe = capability("realtime.unsubscribe", { input: Watch, allow: ["public"] }, async ({ connectionId, eventId }) => {
  await Subscriptions.delete({ eventId, shard: watcherShard(connectionId), connectionId }).go();
  await Connections.patch({ connectionId }).delete({ eventIds: [eventId] }).go();
});
