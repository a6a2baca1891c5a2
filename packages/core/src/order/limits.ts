import * as Limit from "../limit/index.ts";
import * as Person from "../person/index.ts";
import type { Party } from "../pool/index.ts";
import type { TicketTypeRow } from "../ticket-type/index.ts";
import { overLimit } from "./errors.ts";
import { find } from "./read.ts";

/** What this purchase counts under the type's limit per person: once by e-mail, once by phone. */
export function sharesOf(type: TicketTypeRow, buyer: Person.Contact, quantity: number): Limit.LimitClaim[] {
  if (type.maxPerBuyer === undefined) return [];
  return Person.countingKeysOf(buyer).map((key) => ({ scope: type.ticketTypeId, key, q: quantity }));
}

/** Counts all shares or none. @throws order.over_limit */
export async function takeShares(shares: readonly Limit.LimitClaim[], limit: number | undefined, party: Party): Promise<void> {
  for (const [i, share] of shares.entries()) {
    const error = await takeShare(share, limit ?? Infinity, party);
    if (!error) continue;
    await Promise.all(shares.slice(0, i).map((taken) => Limit.giveBack(taken, party.orderId)));
    throw error;
  }
}

async function takeShare(share: Limit.LimitClaim, limit: number, { orderId, expiresAtS, nowS }: Party) {
  for (let round = 1; ; round++) {
    const taking = await Limit.take(share, orderId, limit, expiresAtS);
    if (taking.outcome === "done") return undefined;
    if (round > 1 || !(await clearAbandoned(share, taking.shares, nowS))) {
      return overLimit(`One person may have ${limit}, counted over all orders; ${taking.taken} are taken.`, {
        fields: [{ path: "quantity", message: `At most ${Math.max(0, limit - taking.taken)} more.` }],
        facts: { maxPerBuyer: limit, taken: taking.taken },
      });
    }
  }
}

// A share without an order behind it is what a crash left; its time tells when nobody can still be working on it.
async function clearAbandoned(share: Limit.LimitClaim, shares: Record<string, Limit.StandingShare>, nowS: number): Promise<boolean> {
  let cleared = false;
  for (const [orderId, { q, e }] of Object.entries(shares)) {
    if (e > nowS) continue;
    const order = await find(orderId);
    if (order && order.status !== "expired" && order.status !== "cancelled") continue;
    await Limit.giveBack({ ...share, q }, orderId);
    cleared = true;
  }
  return cleared;
}
