import * as z from "zod";
import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { EventIdSchema } from "../id.ts";
import { fit } from "../pool/index.ts";
import { secondsOf } from "../time.ts";
import type { EventRow } from "./entity.ts";
import { find } from "./read.ts";
import type { SharedCapacity } from "./schema.ts";
import { capacitiesOf, changesOf, roomOf, sharedPoolOf, subjectOf } from "./write.ts";

/**
 * Makes the room and the shared capacities that are pools hold what the document says. Seats that were sold while one shrank
 * cannot go: then the document is set to what the pool holds. Repeating it is harmless; it finishes what a crash left half done.
 */
export const fitCapacities = capability(
  "event.fit_capacities",
  { input: z.strictObject({ eventId: EventIdSchema }), allow: [...TEAM, "system", "schedule"], needs: "events:write" },
  async ({ eventId }, { now }): Promise<EventRow | undefined> => {
    const event = await find(eventId);
    if (!event) return undefined;
    const capacity = event.capacityBinds ? await fit(roomOf(event), event.capacity, secondsOf(now)) : event.capacity;
    const standing = capacitiesOf(event);
    const capacities: SharedCapacity[] = [];
    for (const shared of standing) {
      const seats = shared.binds ? await fit(sharedPoolOf(event, shared), shared.seats, secondsOf(now)) : shared.seats;
      capacities.push({ ...shared, seats });
    }
    if (capacity === event.capacity && capacities.every(({ seats }, i) => seats === standing[i]!.seats)) return event;
    const head = await transact(subjectOf(event), [], (head) => changesOf(event, head, { capacity, capacities }));
    return { ...event, ...head, capacity, capacities };
  },
);
