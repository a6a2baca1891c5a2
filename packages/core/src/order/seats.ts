import * as Limit from "../limit/index.ts";
import * as Event from "../event/index.ts";
import * as Pool from "../pool/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import { secondsOf } from "../time.ts";
import type { OrderRow } from "./entity.ts";
import { orderExpired } from "./errors.ts";

/** The pools a purchase of this type claims from, in the order of their ids, so that no two orders wait for each other. */
export function poolsOf(type: TicketType.TicketTypeRow, event: Event.EventRow): Pool.Pool[] {
  const stock = TicketType.poolOf(type);
  const pools = [...(stock ? [stock] : []), ...(event.capacityBinds ? [Event.roomOf(event)] : [])];
  return pools.sort((a, b) => (a.poolId < b.poolId ? -1 : 1));
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
