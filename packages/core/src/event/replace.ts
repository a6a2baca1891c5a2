import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { defined } from "../defined.ts";
import { takeOut } from "../pool/index.ts";
import { ignoreBusy, staleVersion } from "../error.ts";
import { isoOf, secondsOf } from "../time.ts";
import { EventReplaced } from "./domain-events.ts";
import type { EventRow } from "./entity.ts";
import { belowSold, capacityTooSmall, currencyInUse, notEditable } from "./errors.ts";
import { fitCapacities } from "./fit-capacities.ts";
import { factsOf, managedBy, viewOf } from "./read.ts";
import { capacityBinds, seatsOffered } from "./rules/capacity.ts";
import { statusAt } from "./rules/status.ts";
import { ReplaceEvent, type EventDocument } from "./schema.ts";
import { changesOf, roomOf, subjectOf } from "./write.ts";

/**
 * Replaces the editable document. A room that is a pool grows at once and shrinks as far as its seats are neither sold nor held.
 * @throws event.not_found, request.precondition_failed, event.not_editable, event.currency_in_use, event.capacity_too_small,
 * event.below_sold
 */
export const replace = capability(
  "event.replace",
  { input: ReplaceEvent, allow: TEAM, needs: "events:write" },
  async ({ eventId, ifVersions, ...document }, { actor, now }) => {
    const event = await managedBy(actor, eventId);
    if (ifVersions && !ifVersions.includes(event.version)) throw staleVersion("Read the event again and repeat your change.");
    decide(event, document, isoOf(now));
    await takeSeats(event, document.capacity, now);
    const gone = (["description", "registrationDeadline", "attendeesUntil", "refundPolicy", "seo"] as const).filter(
      (name) => document[name] === undefined && event[name] !== undefined,
    );
    try {
      await transact(subjectOf(event), [EventReplaced({ eventId })], (head) =>
        changesOf(event, head, { ...defined(document), visibility: event.visibility, organizerId: event.organizerId }, gone),
      );
    } finally {
      // More seats come with the new document; after a refusal those that were taken come back.
      await fitCapacities({ eventId }).catch(ignoreBusy);
    }
    return viewOf(await managedBy(actor, eventId), isoOf(now));
  },
);

function decide(event: EventRow, document: EventDocument, at: string): void {
  const status = statusAt(factsOf(event), at);
  if (status === "completed" || status === "cancelled") throw notEditable(`The event is ${status}: it stays as it is.`);
  if (document.currency !== event.currency && event.offers.length > 0) {
    throw currencyInUse("Delete its ticket types first, or keep the currency.", { fields: [{ path: "currency", message: `Must stay ${event.currency}.` }] });
  }
  // Whether the room is a pool is decided at publication: orders sold before would not have claimed from it.
  if (event.stage !== "published" || event.capacityBinds || !capacityBinds(document.capacity, event.offers)) return;
  const offered = seatsOffered(event.offers);
  throw capacityTooSmall(`Its types offer ${offered} seats together.`, { fields: [{ path: "capacity", message: `Must be at least ${offered}.` }] });
}

// Fewer seats are taken out of the room before the document says so, or the document stays as it is.
async function takeSeats(event: EventRow, capacity: number, now: number): Promise<void> {
  const taken = event.capacityBinds ? await takeOut(roomOf(event), capacity, secondsOf(now)) : undefined;
  if (taken === undefined) return;
  throw belowSold(`${taken} seats are sold or held.`, { fields: [{ path: "capacity", message: `Must be at least ${taken}.` }], facts: { taken } });
}
