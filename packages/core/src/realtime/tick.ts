/**
 * Availability reaches every open page at a cost of O(pages) per tick, not O(sales × pages).
 *
 *   1. The first change of an event opens a tick of 250 ms; whoever opened it waits for its end.
 *   2. A change that finds a tick open drops out: it is committed, the tick's holder has yet to read.
 *   3. The holder takes the next number, reads the seats, and posts what differs from the post before.
 *
 * A holder who dies is followed by the retry of its stream batch, which opens a new tick; so the last state always arrives.
 */
import * as z from "zod";
import { capability } from "../capability.ts";
import { refusedItem } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { EventIdSchema } from "../id.ts";
import { isoOf } from "../time.ts";
import { seatsLeft } from "./availability.ts";
import { Subscriptions, SUBSCRIPTION_SHARDS, Ticks } from "./entity.ts";
import type { ServerMessage } from "./schema.ts";

export const TICK_MS = 250;
const ROUNDS = 5;

const OfEvent = z.strictObject({ eventId: EventIdSchema });

/** Opens the event's tick. @returns when it ends (epoch ms), or undefined when one is open: its holder will read later */
export const openTick = capability("realtime.open_tick", { input: OfEvent, allow: ["system"] }, async ({ eventId }, { now }): Promise<number | undefined> => {
  const endsAt = now + TICK_MS;
  try {
    await Ticks.upsert({ eventId })
      .set({ endsAt })
      .where((tick, { notExists, lte }) => `(${notExists(tick.endsAt)} OR ${lte(tick.endsAt, now)})`)
      .go();
    return endsAt;
  } catch (error) {
    if (refusedItem(error)) return undefined;
    throw error;
  }
});

export type Post = { channel: string; messages: ServerMessage[] };

/** What changed since the last post, numbered, per channel. Called by the tick's holder, after its end. */
export const closeTick = capability("realtime.close_tick", { input: OfEvent, allow: ["system"] }, async ({ eventId }, { now }): Promise<Post[]> => {
  for (let round = 1; ; round++) {
    const posts = await nextPosts(eventId, now);
    if (posts) return posts;
    if (round === ROUNDS) throw new Error(`the tick of ${eventId} is closed by too many at once`);
  }
});

// undefined: another holder has posted since we read; what we read may be older than that.
async function nextPosts(eventId: string, now: number): Promise<Post[] | undefined> {
  const { data: before } = await Ticks.get({ eventId }).go({ consistent: true });
  const event = await Event.find(eventId);
  if (!event) return [];
  const seats = await seatsLeft(event, now);
  const status = await statusWith(event, seats, now);

  const posted = (before?.posted ?? {}) as Record<string, number | null>;
  const changed = seats.filter(({ ticketTypeId, availableQuantity }) => posted[ticketTypeId] !== availableQuantity);
  const turned = before?.status !== status;
  if (changed.length === 0 && !turned) return [];
  const sequence = (before?.sequence ?? 0) + changed.length;
  const statusSequence = (before?.statusSequence ?? 0) + (turned ? 1 : 0);
  const mine = await Ticks.upsert({ eventId })
    .set({
      sequence,
      statusSequence,
      status,
      posted: Object.fromEntries(seats.map(({ ticketTypeId, availableQuantity }) => [ticketTypeId, availableQuantity])),
    })
    .where((tick, { eq, notExists }) =>
      before?.sequence === undefined
        ? notExists(tick.sequence)
        : `${eq(tick.sequence, before.sequence)} AND ${eq(tick.statusSequence, before.statusSequence ?? 0)}`,
    )
    .go()
    .then(
      () => true,
      (error: unknown) => {
        if (refusedItem(error)) return false;
        throw error;
      },
    );
  if (!mine) return undefined;
  const at = isoOf(now);
  const first = sequence - changed.length + 1;
  return [
    {
      channel: "tickets",
      messages: changed.map((seat, i) => ({ type: "ticket_availability_changed", eventId, ...seat, lastUpdated: at, sequence: first + i })),
    },
    { channel: "events", messages: turned ? [{ type: "event_status_changed", eventId, newStatus: status, timestamp: at, sequence: statusSequence }] : [] },
  ];
}

// The stock we have just read is the fact that makes an event sold out, or on sale again.
async function statusWith(event: Event.EventRow, seats: readonly { ticketTypeId: string; availableQuantity: number | null }[], now: number) {
  const soldOut = seats.filter(({ availableQuantity }) => availableQuantity === 0).map(({ ticketTypeId }) => ticketTypeId);
  return Event.statusAt(Event.factsOf(await Event.recordStock({ event, soldOut })), isoOf(now));
}

/** Who watches the event, shard by shard: connection ids and their channel. */
export async function* watchersOf(eventId: string): AsyncGenerator<{ connectionId: string; channel: string }[]> {
  for (let shard = 0; shard < SUBSCRIPTION_SHARDS; shard++) {
    let cursor: string | null = null;
    do {
      const page: { data: { connectionId: string; channel: string }[]; cursor: string | null } = await Subscriptions.query
        .byEvent({ eventId, shard: String(shard).padStart(2, "0") })
        .go({ cursor, limit: 500 });
      if (page.data.length > 0) yield page.data;
      cursor = page.cursor;
    } while (cursor !== null);
  }
}
