/**
 * When the room itself is a pool. Its capacity binds when the ticket types together offer more seats than it has;
 * then every order claims from the room as well as from its types. An unlimited type always makes it bind.
 *
 * Worked example: capacity 400, types of 300 and 80 → 380 ≤ 400, the room never binds; a third type of 50 → 430, it does.
 */
import type { Offer } from "./status.ts";

/** Seats over all limited types. */
export function seatsOffered(offers: readonly Pick<Offer, "quantityTotal">[]): number {
  return offers.reduce((seats, offer) => seats + (offer.quantityTotal ?? 0), 0);
}

/** Can the types together sell more than the room takes? */
export function capacityBinds(capacity: number, offers: readonly Pick<Offer, "quantityTotal">[]): boolean {
  return offers.some((offer) => offer.quantityTotal === null) || seatsOffered(offers) > capacity;
}
