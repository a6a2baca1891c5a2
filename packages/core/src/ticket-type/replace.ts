import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, type Write } from "../db/transact.ts";
import type { Head } from "../db/journal.ts";
import { ignoreBusy, staleVersion } from "../error.ts";
import * as Event from "../event/index.ts";
import type { Money } from "../money.ts";
import * as PriceChange from "../price-change/index.ts";
import { takeOut } from "../pool/index.ts";
import { defined } from "../defined.ts";
import { isoOf, secondsOf } from "../time.ts";
import { TicketTypeReplaced } from "./domain-events.ts";
import { phasesOf, poolOf, type TicketTypeRow } from "./entity.ts";
import { belowSold, fixedField, ticketTypeNotFound } from "./errors.ts";
import { fitStock } from "./fit-stock.ts";
import { faceOf, find, managedBy } from "./read.ts";
import { ReplaceTicketType } from "./schema.ts";
import { changesOf, checkAgainst, offerOf, OPTIONAL, phasesOfDocument, subjectOf } from "./write.ts";

/**
 * Replaces the document. More seats are there at once, fewer as far as they are neither sold nor held.
 * @throws ticket_type.not_found, .below_sold, .fixed_field, and what creating throws
 */
export const replace = capability(
  "ticket_type.replace",
  { input: ReplaceTicketType, allow: TEAM, needs: "ticket_types:write" },
  async ({ ticketTypeId, ifVersions, eventId, ...document }, { actor, now }) => {
    const { type, event } = await managedBy(actor, ticketTypeId);
    if (ifVersions && !ifVersions.includes(type.version)) throw staleVersion("Read the ticket type again and repeat your change.");
    checkFixed(type, { ...document, eventId });
    const offers = (event.offers as Event.Offer[]).map((offer) =>
      offer.ticketTypeId === ticketTypeId ? offerOf({ ...document, ticketTypeId, groups: type.groups }, offer.soldOutAt) : offer,
    );
    checkAgainst(event, { ...document, ticketTypeId }, offers, isoOf(now));
    await takeSeats(type, document.quantityTotal, now);

    const { quantityTotal, phases, ...rest } = document;
    const gone = OPTIONAL.filter((name) => document[name] === undefined && type[name] !== undefined);
    const change = { ...defined(rest), ...phasesOfDocument(phases, phasesOf(type), type.highDemand), ...(quantityTotal === null ? {} : { quantityTotal }) };
    try {
      await transact(subjectOf(type), [TicketTypeReplaced({ ticketTypeId, eventId: event.eventId })], (head) => [
        ...changesOf(type, head, change, gone),
        ...newPriceOf(type, document.basePrice, head),
        ...Event.offering(event, offers),
      ]);
    } finally {
      // More seats come with the new document; after a refusal those that were taken come back. When others are at it, they or
      // the consumer of ticket_type.replaced make it fit.
      await fitStock({ ticketTypeId }).catch(ignoreBusy);
    }
    const fitted = await find(ticketTypeId);
    if (!fitted) throw ticketTypeNotFound();
    return faceOf(fitted, { ...event, offers }, now);
  },
);

// The groups of a pool and the counting of a type are decided once: orders in flight know them.
function checkFixed(type: TicketTypeRow, document: { eventId?: string | undefined; highDemand: boolean; quantityTotal: number | null; kind: string }): void {
  const refuse = (path: string, message: string) => fixedField(`${path} is decided when the type is created.`, { fields: [{ path, message }] });
  if (document.eventId !== undefined && document.eventId !== type.eventId) throw refuse("eventId", `Must stay ${type.eventId}.`);
  if (document.highDemand !== type.highDemand) throw refuse("highDemand", `Must stay ${type.highDemand}.`);
  if ((document.quantityTotal === null) !== (type.quantityTotal === undefined))
    throw refuse("quantityTotal", "A limited type stays limited, an unlimited one unlimited.");
  if (document.kind !== type.kind) throw refuse("kind", `Must stay ${type.kind}.`);
}

function newPriceOf({ ticketTypeId, eventId, basePrice }: TicketTypeRow, to: Money, head: Head): Write[] {
  const from = basePrice as Money;
  return from.amount === to.amount ? [] : [PriceChange.adding({ ticketTypeId, eventId, from, to, reason: "edited" }, head)];
}

// Fewer seats: they are taken out of the pool before the document says so, or the document stays as it is.
async function takeSeats(type: TicketTypeRow, wanted: number | null, now: number): Promise<void> {
  const pool = poolOf(type);
  if (!pool || wanted === null) return;
  const taken = await takeOut(pool, wanted, secondsOf(now));
  if (taken === undefined) return;
  throw belowSold(`${taken} seats are sold or held.`, { fields: [{ path: "quantityTotal", message: `Must be at least ${taken}.` }], facts: { taken } });
}
