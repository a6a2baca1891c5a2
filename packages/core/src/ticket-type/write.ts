import { copying, uncopying } from "../copy/index.ts";
import { standing, type Head, type Subject } from "../db/journal.ts";
import { write, type Write } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { defined } from "../defined.ts";
import { newId } from "../id.ts";
import { CURRENCIES, inWords, isChargeable, type Money } from "../money.ts";
import { groupsFor } from "../pool/index.ts";
import { TicketTypes, type TicketTypeRow } from "./entity.ts";
import { currencyMismatch, eventClosed, exceedsCapacity, phaseUnknown, priceTooSmall } from "./errors.ts";
import type { Phase } from "./rules/phase.ts";
import type { PhaseDocument } from "./schema.ts";

/** What a document may leave out, and then the type has it no more. */
export const OPTIONAL = ["description", "salesStartAt", "salesEndAt", "maxPerBuyer", "phases", "groupDiscount", "minimumPrice", "maximumPrice"] as const;

/** The type as its journal sees it. */
export function subjectOf(type: TicketTypeRow): Subject {
  return standing("ticket_type", type.ticketTypeId, type);
}

/** What the event remembers of a type. */
export function offerOf(
  type: {
    ticketTypeId: string;
    groups: number;
    quantityTotal?: number | null | undefined;
    isActive: boolean;
    salesStartAt?: string | undefined;
    salesEndAt?: string | undefined;
  },
  soldOutAt?: string | undefined,
): Event.Offer {
  const { ticketTypeId, groups, isActive, salesStartAt, salesEndAt } = type;
  return {
    ticketTypeId,
    groups,
    isActive,
    quantityTotal: type.quantityTotal ?? null,
    ...(salesStartAt ? { salesStartAt } : {}),
    ...(salesEndAt ? { salesEndAt } : {}),
    ...(soldOutAt ? { soldOutAt } : {}),
  };
}

/** What every document of a type must agree with. @throws ticket_type.currency_mismatch, .price_too_small, .event_closed, .exceeds_capacity */
export function checkAgainst(
  event: Event.EventRow,
  document: { ticketTypeId: string; basePrice: Money; phases?: readonly { price: Money }[] | undefined; minimumPrice?: Money | undefined },
  offers: readonly Event.Offer[],
  at: string,
): void {
  const status = Event.statusAt(Event.factsOf(event), at);
  if (status === "cancelled" || status === "completed") throw eventClosed(`The event is ${status}.`);
  const { basePrice } = document;
  if (basePrice.currency !== event.currency) {
    throw currencyMismatch(`Use ${event.currency}, the currency of the event.`, {
      fields: [{ path: "basePrice.currency", message: `Must be ${event.currency}.` }],
    });
  }
  const prices = [["basePrice", basePrice] as const, ["minimumPrice", document.minimumPrice] as const];
  const phases = (document.phases ?? []).map(({ price }, i) => [`phases.${i}.price`, price] as const);
  for (const [path, price] of [...prices, ...phases]) {
    if (!price || price.amount === 0 || isChargeable(price)) continue;
    const least = { amount: CURRENCIES[price.currency].minimumCharge, currency: price.currency };
    throw priceTooSmall(`Ask for at least ${inWords(least)}.`, { fields: [{ path: `${path}.amount`, message: `Must be 0 or at least ${least.amount}.` }] });
  }
  if (event.stage === "published") checkRoom(event, document.ticketTypeId, offers);
}

// What of the room is a pool is decided at publication: orders sold before would not have claimed from it.
function checkRoom(event: Event.EventRow, ticketTypeId: string, offers: readonly Event.Offer[]): void {
  const small = Event.outgrown({ ...event, capacities: Event.capacitiesOf(event) }, offers);
  if (!small) return;
  const own = offers.find((offer) => offer.ticketTypeId === ticketTypeId)?.quantityTotal ?? 0;
  const free = Math.max(0, small.seats - (small.offered - own));
  throw exceedsCapacity(
    small.capacityId
      ? "On a published event the types that share a capacity may not offer more seats than it has."
      : "On a published event the types together may not offer more seats than the room takes.",
    {
      fields: [{ path: "quantityTotal", message: `${small.capacityId ?? "The room"} of ${small.seats} has ${free} seats for this type.` }],
      ...(small.capacityId ? { facts: { capacityId: small.capacityId } } : {}),
    },
  );
}

/**
 * The phases of a document as the type keeps them: one that names a standing phase goes on with its quota.
 * @throws ticket_type.phase_unknown
 */
export function phasesOfDocument(phases: readonly PhaseDocument[] | undefined, standing: readonly Phase[], highDemand: boolean): { phases?: Phase[] } {
  if (phases === undefined) return {};
  const unknown = phases.flatMap(({ id }, i) => (id !== undefined && !standing.some(({ phaseId }) => phaseId === id) ? [i] : []));
  if (unknown.length > 0)
    throw phaseUnknown("Leave the id out for a new phase.", {
      fields: unknown.map((i) => ({ path: `phases.${i}.id`, message: "The type has no such phase." })),
    });
  const kept = phases.map(({ id, name, price, endsAt, quantity }): Phase => {
    const before = standing.find(({ phaseId }) => phaseId === id);
    const groups = before?.groups ?? groupsFor({ seats: quantity ?? 0, highDemand });
    return { phaseId: id ?? newId("ph"), name, price, ...defined({ endsAt, quantity }), groups };
  });
  return { phases: kept };
}

/** Number of groups of a new type's pool, or, when it has none, of the room it will be claimed from. */
export function groupsOf({ quantityTotal, highDemand }: { quantityTotal: number | null; highDemand: boolean }, event: Event.EventRow): number {
  return groupsFor({ seats: quantityTotal ?? event.capacity, highDemand });
}

/** The writes that make a new type. */
export function creationOf(type: TicketTypeRow): Write[] {
  return [write(TicketTypes.create(type)), ...copiesOf(type)];
}

/** The writes that delete a type, on condition that nobody changed it since it was read. */
export function deletionOf(type: TicketTypeRow): Write[] {
  const deletion = TicketTypes.delete({ ticketTypeId: type.ticketTypeId }).where(({ version }, { eq }) => eq(version, type.version));
  return [write(deletion), ...(isCrowded(type) ? uncopying(copiedAs(type.ticketTypeId)) : [])];
}

/** Is it in high demand? Then its row is read by as many as buy (`copy/entity.ts`). */
export function isCrowded({ groups }: Pick<TicketTypeRow, "groups">): boolean {
  return groups > 1;
}

/** The name of the type's row among those that are copied. */
export function copiedAs(ticketTypeId: string): string {
  return `TYPE#${ticketTypeId}`;
}

function copiesOf(type: TicketTypeRow): Write[] {
  return isCrowded(type) ? copying(copiedAs(type.ticketTypeId), type) : [];
}

/** The writes of a change of the type, on condition that nobody changed it since it was read. */
export function changesOf(
  type: TicketTypeRow,
  head: Head,
  change: Partial<Omit<TicketTypeRow, "ticketTypeId">>,
  gone: readonly (typeof OPTIONAL)[number][] = [],
): Write[] {
  const patch = TicketTypes.patch({ ticketTypeId: type.ticketTypeId })
    .set({ ...change, ...head })
    .remove([...gone])
    .where(({ version }, { eq }) => eq(version, type.version));
  const after = { ...type, ...change, ...head };
  for (const name of gone) delete after[name];
  return [write(patch), ...copiesOf(after)];
}
