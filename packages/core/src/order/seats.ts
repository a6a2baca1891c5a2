import * as Limit from "../limit/index.ts";
import * as Pool from "../pool/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import { secondsOf } from "../time.ts";
import type { OrderRow } from "./entity.ts";
import { orderExpired } from "./errors.ts";

export { poolsOf } from "../ticket-type/index.ts";

/** Claims the party's seats in every pool, or in none. @throws ticket_type.sold_out, .all_held, .not_enough_left */
export async function claimSeats(pools: readonly Pool.Pool[], party: Pool.Party): Promise<Pool.Claim[]> {
  const claims: Pool.Claim[] = [];
  for (const pool of pools) {
    const result = await Pool.reserve(pool, party);
    if ("shortage" in result) {
      await Promise.all(claims.map((claim) => Pool.release(claim, party.orderId)));
      throw shortageError(result.shortage, party);
    }
    claims.push(...result.claims);
  }
  return claims;
}

function shortageError({ available, inHands, nextExpiryS }: Pool.Shortage, { quantity, nowS }: Pool.Party) {
  const retryAfterSeconds = Math.max(1, (nextExpiryS ?? nowS + 60) - nowS);
  if (available > 0) {
    return TicketType.notEnough(
      `${available} ${available === 1 ? "seat is" : "seats are"} left: ask for ${available === 1 ? "one" : `at most ${available}`} instead of ${quantity}.`,
      { facts: { availableQuantity: available } },
    );
  }
  if (inHands > 0) return TicketType.allHeld("Somebody may give seats back: try again later.", { retryAfterSeconds });
  return TicketType.soldOut("Nothing is left.");
}

/** held → paying for every claim. @throws order.expired when one of them has ended */
export async function startPayingSeats({ claims, orderId }: OrderRow, now: number): Promise<void> {
  const outcomes = await Promise.all(claims.map((claim) => Pool.startPayment(claim, orderId, secondsOf(now))));
  if (outcomes.some(({ outcome }) => outcome === "refused")) throw orderExpired("Its seats went back on sale: order again.");
}

/** Every claim becomes sold. @throws Error when a seat is gone: a paid order must never lose one silently */
export async function confirmSeats({ claims, orderId }: OrderRow): Promise<void> {
  const outcomes = await Promise.all(claims.map((claim) => Pool.confirm(claim, orderId)));
  if (outcomes.some(({ outcome }) => outcome === "refused")) throw new Error(`order ${orderId} is paid but a claim is gone`);
}

/** Gives everything an order holds elsewhere back. Repeating it changes nothing. */
export async function giveBackEverything({ orderId, claims, limits }: Pick<OrderRow, "orderId" | "claims" | "limits">): Promise<void> {
  await Promise.all([...claims.map((claim) => Pool.release(claim, orderId)), ...limits.map((share) => Limit.giveBack(share, orderId))]);
}
