/**
 * When a capacity is a pool. The room takes so many people, the balcony it has so many of them; each binds when the ticket
 * types that share it offer more seats together than it has. Then every order of such a type claims from it as well as from
 * the type's own stock. A type without a limit always makes it bind. All types share the room; which share anything else is
 * the organizer's to say. What binds is decided at publication, before anything is sold, and stays: earlier orders would not
 * have claimed. So what does not bind then must never come to.
 *
 * As a pool it is cut like its busiest type, so that it is no hotter than that.
 *
 * Worked example: capacity 400, types of 300 and 80 → 380 ≤ 400, the room never binds; a third type of 50 → 430, it does.
 * A balcony of 100 for the types of 80 and 50 → 130, it binds whatever the room does.
 */
import { groupsOfShared } from "../../pool/rules/groups.ts";
import type { SharedCapacity } from "../schema.ts";
import type { Offer } from "./status.ts";

/** Seats over all limited types. */
export function seatsOffered(offers: readonly Pick<Offer, "quantityTotal">[]): number {
  return offers.reduce((seats, offer) => seats + (offer.quantityTotal ?? 0), 0);
}

/** Can the types together sell more than so many seats? */
export function capacityBinds(seats: number, offers: readonly Pick<Offer, "quantityTotal">[]): boolean {
  return offers.some((offer) => offer.quantityTotal === null) || seatsOffered(offers) > seats;
}

/** The offers of the types that share a capacity. Types that were deleted since share nothing. */
export function offersIn<O extends Pick<Offer, "ticketTypeId">>({ ticketTypeIds }: Pick<SharedCapacity, "ticketTypeIds">, offers: readonly O[]): O[] {
  return offers.filter(({ ticketTypeId }) => ticketTypeIds.includes(ticketTypeId));
}

/** What publication makes of so many seats shared by these types: are they a pool, and of how many groups. */
export function poolDecision(seats: number, offers: readonly Pick<Offer, "quantityTotal" | "groups">[]): { binds: boolean; groups: number } {
  const busiest = offers.reduce((most, { groups }) => Math.max(most, groups), 1);
  return { binds: capacityBinds(seats, offers), groups: groupsOfShared({ seats, busiest }) };
}

/** A capacity that is no pool and would have to be one with these offers and seats; the room has no id. */
export type Outgrown = { capacityId?: string; seats: number; offered: number };

/** The first capacity of a published event that did not bind and now would. */
export function outgrown(
  event: { capacity: number; capacityBinds: boolean; capacities: readonly SharedCapacity[] },
  offers: readonly Offer[],
): Outgrown | undefined {
  const all = [
    { seats: event.capacity, binds: event.capacityBinds, of: offers },
    ...event.capacities.map((shared) => ({ ...shared, of: offersIn(shared, offers) })),
  ];
  const found = all.find(({ seats, binds, of }) => !binds && capacityBinds(seats, of));
  return found && { ...("capacityId" in found ? { capacityId: found.capacityId } : {}), seats: found.seats, offered: seatsOffered(found.of) };
}
