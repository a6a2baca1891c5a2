import { personIn } from "@fashionistas/core/actor";
import * as Event from "@fashionistas/core/event";
import type { Checkout } from "@fashionistas/core/order/schema";
import * as TicketType from "@fashionistas/core/ticket-type";
import { eventDocument, secretKey, typeDocument } from "../documents.ts";
import type { Answer, Process, Simulation } from "./index.ts";

export const organizer = personIn("organizer", "organizer-1");
export const admin = personIn("admin", "admin-1");

const DAY_MS = 86_400_000;

/** A published event, in 30 days, with one type on sale. */
export async function onSale(
  simulation: Simulation,
  type: Record<string, unknown> = {},
  event: Record<string, unknown> = {},
): Promise<{ eventId: string; typeId: string }> {
  const startsAtMs = simulation.now() + 30 * DAY_MS;
  const times = { startsAt: new Date(startsAtMs).toISOString(), endsAt: new Date(startsAtMs + DAY_MS / 12).toISOString() };
  const { id: eventId } = await simulation.as(organizer, () => Event.create(eventDocument({ ...times, ...event }) as never));
  const { id: typeId } = await simulation.as(organizer, () => TicketType.create(typeDocument(eventId, type) as never));
  await simulation.as(organizer, () => Event.changeStatus({ eventId, status: "review" }));
  await simulation.as(admin, () => Event.changeStatus({ eventId, status: "published" }));
  return { eventId, typeId };
}

/** A purchase by a buyer of this name, as the browser makes it. */
export function purchase(
  simulation: Simulation,
  typeId: string,
  buyer: string,
  { quantity = 1, key, process, ...more }: { quantity?: number; key?: string; process?: Process } & Record<string, unknown> = {},
): Promise<Answer<Checkout & { code?: string }>> {
  return simulation.request("POST", `/tickets/${typeId}/purchase`, {
    body: { quantity, buyer: { name: "Anna Rossi", email: `${buyer}@example.com` }, ...more },
    ...(key ? { headers: { "idempotency-key": secretKey(key) } } : {}),
    ...(process ? { process } : {}),
  });
}
