import { randomUUID } from "node:crypto";

const DAY_MS = 86_400_000;

/** An event document that can be published: in 30 days, in Milano, for 400 people. */
export function eventDocument(change: Record<string, unknown> = {}) {
  const startsAt = new Date(Date.now() + 30 * DAY_MS);
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
  return { quantity: 1, buyer: { name: "Anna Rossi", email: `anna-${randomUUID()}@example.com` }, ...change };
}
