import * as z from "zod";
import { capability } from "../capability.ts";
import { refusedItem } from "../db/transact.ts";
import { isoOf, secondsOf } from "../time.ts";
import { Connections, RealtimeTickets, Subscriptions, SUBSCRIPTION_SHARDS } from "./entity.ts";
import { ticketInvalid } from "./errors.ts";
import { hashOf } from "./issue-ticket.ts";
import { shardOf } from "../db/journal.ts";

/** API Gateway ends a connection after two hours. */
export const CONNECTION_SECONDS = 2 * 60 * 60;

const Connect = z.strictObject({ connectionId: z.string(), channel: z.string(), ticket: z.string().max(100) });

/** Opens a connection with a ticket, which is used up. @throws realtime.ticket_invalid */
export const connect = capability("realtime.connect", { input: Connect, allow: ["public"] }, async ({ connectionId, channel, ticket }, { now }) => {
  const used = await RealtimeTickets.remove({ ticketHash: hashOf(ticket) })
    .where((row, { eq, gt }) => `${eq(row.channel, channel)} AND ${gt(row.expiresAt, isoOf(now))}`)
    .go({ response: "all_old" })
    .catch((error: unknown) => {
      throw refusedItem(error) ? ticketInvalid("Ask for a new one: it works once, for 30 seconds.") : error;
    });
  const userId = used.data?.userId;
  await Connections.put({ connectionId, channel, ...(userId ? { userId } : {}), minute: 0, messages: 0, ttl: secondsOf(now) + CONNECTION_SECONDS }).go();
});

/** Forgets a connection and everything it watched. Repeating it finds nothing. */
export const disconnect = capability(
  "realtime.disconnect",
  { input: z.strictObject({ connectionId: z.string() }), allow: ["public", "system"] },
  async ({ connectionId }) => {
    const { data: connection } = await Connections.delete({ connectionId }).go({ response: "all_old" });
    await Promise.all(
      [...(connection?.eventIds ?? [])].map((eventId) => Subscriptions.delete({ eventId, shard: watcherShard(connectionId), connectionId }).go()),
    );
  },
);

export function watcherShard(connectionId: string): string {
  return shardOf(connectionId, SUBSCRIPTION_SHARDS);
}
