/** What must hold in the end of a history beyond `violations`: what takes hours to become true, or what only a simulation knows. */
import { SUBSCRIBED_EVENTS } from "@fashionistas/integrations/stripe/webhook";
import { everything, type Item } from "../../kit/invariants.ts";
import type { History } from "./shop.ts";

export async function brokenPromises(history: History): Promise<string[]> {
  const items = await everything(history.simulation.world);
  return [...notInInbox(await history.simulation.stripe.events(), items), ...notTaken(history, items), ...notVoided(items), ...deadLetters(history)];
}

/** Whatever Stripe told and we acknowledged, or recovered, is in the inbox. */
function notInInbox(events: readonly { id: string; type: string; pending_webhooks: number }[], items: Map<string, Item[]>): string[] {
  const known = new Set((items.get("webhook") ?? []).map(({ externalId }) => externalId));
  return events
    .filter(({ id, type }) => (SUBSCRIBED_EVENTS as readonly string[]).includes(type) && !known.has(id))
    .map(({ id, type, pending_webhooks: pending }) => `${type} ${id} ${pending ? "was never taken" : "was acknowledged and is not in the inbox"}`);
}

/** Every domain event of the journal reached the bus. */
function notTaken({ witness }: History, items: Map<string, Item[]>): string[] {
  const entries = items.get("journal-entry") ?? [];
  return entries.flatMap(({ pk, events }) =>
    (events as { id: string; type: string }[]).filter(({ id }) => !witness.taken.has(id)).map(({ type }) => `${type} of ${pk} never reached the bus`),
  );
}

/** Nobody has a ticket, or a hold, of an event that will not be. */
function notVoided(items: Map<string, Item[]>): string[] {
  const cancelled = new Set((items.get("event") ?? []).filter(({ stage }) => stage === "cancelled").map(({ eventId }) => eventId));
  return (items.get("order") ?? [])
    .filter(({ eventId, status }) => cancelled.has(eventId) && !["voided", "expired", "cancelled", "unfulfillable"].includes(String(status)))
    .map(({ orderId, status }) => `${String(orderId)} is ${String(status)} although its event is cancelled`);
}

function deadLetters({ simulation }: History): string[] {
  return simulation.deliveries.dead.map(({ consumer, body }) => {
    const { type, data } = (JSON.parse(body) as { detail: { type: string; data: object } }).detail;
    return `${consumer} gave up on ${type} ${JSON.stringify(data)}`;
  });
}
