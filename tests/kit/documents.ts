import { randomUUID } from "node:crypto";
import { DAYS } from "./clock.ts";

/** An Idempotency-Key that tells what it is for, and that a guest may use: nobody would guess it. */
export const secretKey = (name: string) => `${name}-7q2m9xk4tz8w3b6v1n5c`;

/** What makes a ticket type cost nothing. */
export const FREE = { kind: "free", basePrice: { amount: 0, currency: "EUR" } };

/** An event document that can be published: in 30 days, in Milano, for 400 people. */
export function eventDocument(change: Record<string, unknown> = {}) {
  const startsAt = new Date(Date.now() + 30 * DAYS);
  return {
    title: "Atelier Notturno",
    startsAt: startsAt.toISOString(),
    endsAt: new Date(startsAt.getTime() + 2 * 3_600_000).toISOString(),
    timeZone: "Europe/Rome",
    venue: { name: "Palazzo delle Stelline", city: "Milano", country: "IT" },
    capacity: 400,
    currency: "EUR",
    ...change,
  };
}

/** A paid ticket type of 10 seats. */
export function typeDocument(eventId: string, change: Record<string, unknown> = {}) {
  return { eventId, name: "Standing", kind: "paid", basePrice: { amount: 4_500, currency: "EUR" }, quantityTotal: 10, ...change };
}

/** A purchase by somebody who was never here before. */
export function purchaseBody(change: Record<string, unknown> = {}) {
  return { quantity: 1, buyer: somebody(), ...change };
}

export type Line = { ticketTypeId: string; quantity: number } & Record<string, unknown>;

/** A line of an order. */
export function orderLine(type: { id: string }, quantity = 1, change: Record<string, unknown> = {}): Line {
  return { ticketTypeId: type.id, quantity, ...change };
}

/** Somebody who was never here before. */
export function somebody() {
  return { name: "Anna Rossi", email: `anna-${randomUUID()}@example.com` };
}
