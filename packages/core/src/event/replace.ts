import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { defined } from "../defined.ts";
import { isoOf } from "../time.ts";
import { EventReplaced } from "./domain-events.ts";
import type { EventRow } from "./entity.ts";
import { capacityTooSmall, currencyInUse, notEditable, staleVersion } from "./errors.ts";
import { factsOf, managedBy, viewOf } from "./read.ts";
import { seatsOffered } from "./rules/capacity.ts";
import { statusAt } from "./rules/status.ts";
import { ReplaceEvent, type EventDocument } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

/**
 * Replaces the editable document.
 * @throws event.not_found, request.precondition_failed, event.not_editable, event.currency_in_use, event.capacity_too_small
 */
export const replace = capability(
  "event.replace",
  { input: ReplaceEvent, allow: ["organizer", "admin"] },
  async ({ eventId, ifVersions, ...document }, { actor, now }) => {
    const event = await managedBy(actor, eventId);
    if (ifVersions && !ifVersions.includes(event.version)) throw staleVersion("Read the event again and repeat your change.");
    decide(event, document, isoOf(now));
    const gone = (["description", "registrationDeadline", "attendeesUntil", "seo"] as const).filter(
      (name) => document[name] === undefined && event[name] !== undefined,
    );
    const head = await transact(subjectOf(event), [EventReplaced({ eventId })], (head) => [
      write(changeOf(event, head, { ...defined(document), visibility: event.visibility, organizerId: event.organizerId }, gone)),
    ]);
    const { description: _, registrationDeadline: __, attendeesUntil: ___, seo: ____, ...standing } = event;
    return viewOf({ ...standing, ...defined(document), ...head }, isoOf(now));
  },
);

function decide(event: EventRow, document: EventDocument, at: string): void {
  const status = statusAt(factsOf(event), at);
  if (status === "completed" || status === "cancelled") throw notEditable(`The event is ${status}: it stays as it is.`);
  if (document.currency !== event.currency && event.offers.length > 0) {
    throw currencyInUse("Delete its ticket types first, or keep the currency.", { fields: [{ path: "currency", message: `Must stay ${event.currency}.` }] });
  }
  if (event.stage !== "published" || document.capacity === event.capacity) return;
  if (event.capacityBinds || seatsOffered(event.offers) > document.capacity) {
    throw capacityTooSmall(`A published event keeps its capacity while ${seatsOffered(event.offers)} seats are offered.`, {
      fields: [{ path: "capacity", message: event.capacityBinds ? `Must stay ${event.capacity}.` : `Must be at least ${seatsOffered(event.offers)}.` }],
    });
  }
}
