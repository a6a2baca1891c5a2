import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { countSeats, readPool } from "../pool/index.ts";
import { secondsOf } from "../time.ts";
import type { EventRow } from "./entity.ts";
import { managedBy } from "./read.ts";
import { GetEvent, type CapacitiesView } from "./schema.ts";
import { capacitiesOf, sharedPoolOf } from "./write.ts";

/** What an event's types share, and what is left of it. @throws event.not_found, for a foreign one too */
export const capacities = capability("event.capacities", { input: GetEvent, allow: TEAM, needs: "events:read" }, async ({ eventId }, { actor, now }) =>
  capacitiesView(await managedBy(actor, eventId), now),
);

/** The face of an event's shared capacities to those who manage it. */
export async function capacitiesView(event: EventRow, now: number): Promise<CapacitiesView> {
  const views = capacitiesOf(event).map(async (shared) => ({
    id: shared.capacityId,
    name: shared.name,
    seats: shared.seats,
    ticketTypeIds: shared.ticketTypeIds,
    binds: shared.binds,
    availableQuantity: shared.binds ? countSeats(await readPool(sharedPoolOf(event, shared)), secondsOf(now)).available : null,
  }));
  return { eventId: event.eventId, capacities: await Promise.all(views), version: event.version };
}
