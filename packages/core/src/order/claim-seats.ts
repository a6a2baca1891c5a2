import type { VisibleError } from "../error.ts";
import type * as Event from "../event/index.ts";
import * as Pool from "../pool/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import type { Hold } from "./limits.ts";
import type { AskedLine } from "./on-sale.ts";

/** Seats that an order needs of one pool, over all its lines that draw from it. */
export type Need = { pool: Pool.Pool; quantity: number; lines: AskedLine[] };

/** What the lines need of each pool: one need per pool, in the order of the pools' ids, so that no two orders wait for each other. */
export function needsOf({ event, lines }: { event: Event.EventRow; lines: readonly AskedLine[] }): Need[] {
  const needs = new Map<string, Need>();
  for (const line of lines) {
    for (const pool of TicketType.poolsOf(line.type, event)) {
      const { quantity, lines: others } = needs.get(pool.poolId) ?? { quantity: 0, lines: [] };
      needs.set(pool.poolId, { pool, quantity: quantity + line.wanted.quantity, lines: [...others, line] });
    }
  }
  return [...needs.values()].sort((a, b) => (a.pool.poolId < b.pool.poolId ? -1 : 1));
}

/** Claims what is needed of every pool, or of none. @throws ticket_type.sold_out, .all_held, .not_enough_left */
export async function claimSeats(needs: readonly Need[], hold: Hold): Promise<Pool.Claim[]> {
  const claims: Pool.Claim[] = [];
  for (const need of needs) {
    const result = await Pool.reserve(need.pool, { ...hold, quantity: need.quantity });
    if ("shortage" in result) {
      await Promise.all(claims.map((claim) => Pool.release(claim, hold.orderId)));
      throw shortageError(need, result.shortage, hold.nowS);
    }
    claims.push(...result.claims);
  }
  return claims;
}

const PLACES = { stock: "", room: " in the room", capacity: " where these tickets seat" };

/** The refusal of a need that its pool cannot meet: which lines it concerns, and whether their own stock or what they share is short. */
export function shortageError({ pool, quantity, lines }: Need, { available, inHands, nextExpiryS }: Pool.Shortage, nowS: number): VisibleError {
  const limitedBy = limitOf(pool);
  const ids = lines.map(({ type }) => type.ticketTypeId);
  const facts = { ...(ids.length === 1 ? { ticketTypeId: ids[0] } : { ticketTypeIds: ids }), limitedBy };
  const fields = (message: string) => lines.map(({ index }) => ({ path: `lines.${index}.quantity`, message }));
  const place = PLACES[limitedBy];
  if (available > 0) {
    const [seats, most] = available === 1 ? ["1 seat is", "one"] : [`${available} seats are`, `at most ${available}`];
    return TicketType.notEnough(`${seats} left${place}: ask for ${most} instead of ${quantity}.`, {
      fields: fields(lines.length > 1 ? `At most ${available} together.` : `At most ${available}.`),
      facts: { ...facts, availableQuantity: available },
    });
  }
  if (inHands > 0) {
    const retryAfterSeconds = Math.max(1, (nextExpiryS ?? nowS + 60) - nowS);
    return TicketType.allHeld("Somebody may give seats back: try again later.", { retryAfterSeconds, facts, fields: fields("None is free now.") });
  }
  return TicketType.soldOut(`Nothing is left${place}.`, { facts, fields: fields("None is left.") });
}

function limitOf({ poolId, eventId }: Pool.Pool): keyof typeof PLACES {
  if (poolId === eventId) return "room";
  return poolId.startsWith("tt_") ? "stock" : "capacity";
}
