import * as z from "zod";
import { capability } from "../capability.ts";
import { refusedItem } from "../db/transact.ts";
import { isoOf, secondsOf } from "../time.ts";
import { Connections, RealtimeTickets, Subscriptions, SUBSCRIPTION_SHARDS, UserConnections } from "./entity.ts";
import { ticketInvalid } from "./errors.ts";
import { areOver } from "./ended.ts";
import { hashOf } from "./issue-ticket.ts";
import { shardOf } from "../db/journal.ts";

/** API Gateway ends a connection after two hours. */
export const CONNECTION_SECONDS = 2 * 60 * 60;

const ASK_AGAIN = "Ask for a new one: it works once, for 30 seconds.";
const Connect = z.strictObject({ connectionId: z.string(), channel: z.string(), ticket: z.string().max(100) });

/**
 * Opens a connection with a ticket, which is used up. Whoever signed in for it is looked at again, after their connection can be
 * found: a session that ends meanwhile is either seen here, or its end finds the connection.
 * @throws realtime.ticket_invalid
 */
export const connect = capability("realtime.connect", { input: Connect, allow: ["public"] }, async ({ connectionId, channel, ticket }, { now }) => {
  const used = await RealtimeTickets.remove({ ticketHash: hashOf(ticket) })
    .where((row, { eq, gt }) => `${eq(row.channel, channel)} AND ${gt(row.expiresAt, isoOf(now))}`)
    .go({ response: "all_old" })
    .catch((error: unknown) => {
      throw refusedItem(error) ? ticketInvalid(ASK_AGAIN) : error;
    });
  const { userId, sessionId } = used.data ?? {};
  const ttl = secondsOf(now) + CONNECTION_SECONDS;
  await Connections.put({ connectionId, channel, ...(userId ? { userId } : {}), minute: 0, messages: 0, ttl }).go();
  if (!userId || !sessionId) return;
  await UserConnections.put({ userId, connectionId, sessionId, openedAt: isoOf(now), ttl }).go();
  if (!(await areOver(userId, [sessionId])).has(sessionId)) return;
  await forgotten(connectionId);
  throw ticketInvalid(ASK_AGAIN);
});

/** Forgets a connection and everything it watched. Repeating it finds nothing. */
export const disconnect = capability(
  "realtime.disconnect",
  { input: z.strictObject({ connectionId: z.string() }), allow: ["public", "system"] },
  ({ connectionId }) => forgotten(connectionId),
);

async function forgotten(connectionId: string): Promise<void> {
  const { data: connection } = await Connections.delete({ connectionId }).go({ response: "all_old" });
  const userId = connection?.userId;
  await Promise.all([
    ...[...(connection?.eventIds ?? [])].map((eventId) => Subscriptions.delete({ eventId, shard: watcherShard(connectionId), connectionId }).go()),
    ...(userId ? [UserConnections.delete({ userId, connectionId }).go()] : []),
  ]);
}

export function watcherShard(connectionId: string): string {
  return shardOf(connectionId, SUBSCRIPTION_SHARDS);
}
