import * as Event from "../event/index.ts";
import * as Limit from "../limit/index.ts";
import * as Pool from "../pool/index.ts";
import { linesByTicket } from "../ticket/index.ts";
import { secondsOf } from "../time.ts";
import type { OrderRow } from "./entity.ts";
import { orderExpired } from "./errors.ts";

/** Numbers of the order's tickets that sit in this pool: those of its type, of the types that share it, or all when it is the room. */
export function ticketsIn(poolId: string, { lines, eventId }: Pick<OrderRow, "lines" | "eventId">, event: Event.EventRow): number[] {
  const sharing = Event.capacitiesOf(event).find(({ capacityId }) => capacityId === poolId)?.ticketTypeIds ?? [poolId];
  return linesByTicket(lines).flatMap(({ ticketTypeId }, i) => (poolId === eventId || (sharing as readonly string[]).includes(ticketTypeId) ? [i + 1] : []));
}

/** held → paying for every claim. @throws order.expired when one of them has ended */
export async function startPayingSeats({ claims, orderId }: OrderRow, now: number): Promise<void> {
  const outcomes = await Promise.all(claims.map((claim) => Pool.startPayment(claim, orderId, secondsOf(now))));
  if (outcomes.some(({ outcome }) => outcome === "refused")) throw orderExpired("Its seats went back on sale: order again.");
}

/** Every claim becomes sold. @returns false when one of them is gone: the order must claim it again before it has tickets */
export async function confirmSeats({ claims, orderId }: OrderRow): Promise<boolean> {
  const outcomes = await Promise.all(claims.map((claim) => Pool.confirm(claim, orderId)));
  return outcomes.every(({ outcome }) => outcome === "done");
}

type Holding = Pick<OrderRow, "orderId" | "amount" | "claims" | "limits">;

/** Gives everything an order holds elsewhere back. Repeating it changes nothing. */
export async function giveBackEverything({ orderId, amount, claims, limits }: Holding): Promise<void> {
  await Promise.all([...claims.map((claim) => giveBack(claim, orderId, amount === 0)), ...limits.map((share) => Limit.giveBack(share, orderId))]);
}

// Seats that are sold wait for the tickets their money has bought. No money will come for a free order: whoever sold its seats
// died before the tickets were made.
async function giveBack(claim: Pool.Claim, orderId: string, isFree: boolean): Promise<void> {
  const { outcome } = await Pool.release(claim, orderId);
  if (outcome === "refused" && isFree) await Pool.takeBack(claim, orderId);
}
