import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { ignoreBusy, type FieldError, staleVersion } from "../error.ts";
import { newId } from "../id.ts";
import { takeOut } from "../pool/index.ts";
import { isoOf, secondsOf } from "../time.ts";
import { capacitiesView } from "./capacities.ts";
import { EventCapacitiesReplaced } from "./domain-events.ts";
import type { EventRow } from "./entity.ts";
import { belowSold, capacitiesFixed, capacitiesInvalid, capacityTooSmall, notEditable } from "./errors.ts";
import { fitCapacities } from "./fit-capacities.ts";
import { factsOf, managedBy } from "./read.ts";
import { outgrown } from "./rules/capacity.ts";
import { statusAt, type Offer } from "./rules/status.ts";
import { ReplaceCapacities, type CapacitiesDocument, type SharedCapacity } from "./schema.ts";
import { capacitiesOf, changesOf, sharedPoolOf, subjectOf, ticketTypeIdsOf } from "./write.ts";

/**
 * Replaces what the event's types share. Once it is published, who shares what stays; names may change, and seats grow at once
 * and shrink as far as they are neither sold nor held.
 * @throws event.not_found, request.precondition_failed, event.not_editable, event.capacities_invalid, .capacities_fixed,
 * .capacity_too_small, .below_sold
 */
export const replaceCapacities = capability(
  "event.replace_capacities",
  { input: ReplaceCapacities, allow: TEAM, needs: "events:write" },
  async ({ eventId, ifVersions, capacities: wanted }, { actor, now }) => {
    const event = await managedBy(actor, eventId);
    if (ifVersions && !ifVersions.includes(event.version)) throw staleVersion("Read the capacities again and repeat your change.");
    const status = statusAt(factsOf(event), isoOf(now));
    if (status === "completed" || status === "cancelled") throw notEditable(`The event is ${status}: it stays as it is.`);
    const capacities = inside(event, wanted);
    if (event.stage === "published") checkPublished(event, capacities);
    await takeSeats(event, capacities, now);
    const capacityIds = capacities.map(({ capacityId }) => capacityId);
    try {
      await transact(subjectOf(event), [EventCapacitiesReplaced({ eventId, capacityIds })], (head) => changesOf(event, head, { capacities }));
    } finally {
      // More seats come with the new document; after a refusal those that were taken come back.
      await fitCapacities({ eventId }).catch(ignoreBusy);
    }
    return capacitiesView(await managedBy(actor, eventId), now);
  },
);

/** The list as the event will keep it. @throws event.capacities_invalid */
function inside(event: EventRow, wanted: CapacitiesDocument["capacities"]): SharedCapacity[] {
  const standing = new Map(capacitiesOf(event).map((shared) => [shared.capacityId, shared]));
  const types = new Set<string>(ticketTypeIdsOf(event));
  const fields: FieldError[] = wanted.flatMap(({ id, ticketTypeIds }, i) => [
    ...(id !== undefined && !standing.has(id) ? [{ path: `capacities.${i}.id`, message: "The event has no such capacity: leave it out for a new one." }] : []),
    ...(id !== undefined && wanted.findIndex((other) => other.id === id) < i ? [{ path: `capacities.${i}.id`, message: "Name each capacity once." }] : []),
    ...ticketTypeIds.flatMap((ticketTypeId, n) =>
      types.has(ticketTypeId) ? [] : [{ path: `capacities.${i}.ticketTypeIds.${n}`, message: "The event has no such ticket type." }],
    ),
  ]);
  if (fields.length > 0) throw capacitiesInvalid(`Check ${fields.map(({ path }) => path).join(", ")}.`, { fields });
  return wanted.map(({ id, ...capacity }) => {
    const { binds = false, groups = 1 } = (id && standing.get(id)) || {};
    return { ...capacity, capacityId: id ?? newId("cap"), binds, groups };
  });
}

/** @throws event.capacities_fixed, event.capacity_too_small */
function checkPublished(event: EventRow, capacities: readonly SharedCapacity[]): void {
  const standing = capacitiesOf(event);
  const missing = standing.filter(({ capacityId }) => !capacities.some((shared) => shared.capacityId === capacityId));
  const fields = [
    ...capacities.flatMap((shared, i) => {
      const before = standing.find(({ capacityId }) => capacityId === shared.capacityId);
      if (!before) return [{ path: `capacities.${i}`, message: "No capacity can be added any more." }];
      const same = before.ticketTypeIds.length === shared.ticketTypeIds.length && before.ticketTypeIds.every((id) => shared.ticketTypeIds.includes(id));
      return same ? [] : [{ path: `capacities.${i}.ticketTypeIds`, message: `Must stay ${before.ticketTypeIds.join(", ")}.` }];
    }),
    ...missing.map(({ capacityId }) => ({ path: "capacities", message: `Must keep ${capacityId}.` })),
  ];
  if (fields.length > 0) throw capacitiesFixed("Orders claim by what was decided then: change names and seats only.", { fields });
  const small = outgrown({ capacity: event.capacity, capacityBinds: true, capacities }, event.offers as Offer[]);
  if (!small) return;
  const path = `capacities.${capacities.findIndex(({ capacityId }) => capacityId === small.capacityId)}.seats`;
  throw capacityTooSmall(`Its types offer ${small.offered} seats together.`, { fields: [{ path, message: `Must be at least ${small.offered}.` }] });
}

/** Fewer seats are taken out of the pools before the document says so. @throws event.below_sold, and then none is taken */
async function takeSeats(event: EventRow, capacities: readonly SharedCapacity[], now: number): Promise<void> {
  for (const [i, { capacityId, seats }] of capacities.entries()) {
    const before = capacitiesOf(event).find((shared) => shared.capacityId === capacityId);
    const taken = before?.binds ? await takeOut(sharedPoolOf(event, before), seats, secondsOf(now)) : undefined;
    if (taken === undefined) continue;
    await fitCapacities({ eventId: event.eventId });
    throw belowSold(`${taken} seats are sold or held.`, {
      fields: [{ path: `capacities.${i}.seats`, message: `Must be at least ${taken}.` }],
      facts: { taken },
    });
  }
}
