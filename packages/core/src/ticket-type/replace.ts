import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { countSeats, readPool } from "../pool/index.ts";
import { defined } from "../defined.ts";
import { isoOf, secondsOf } from "../time.ts";
import { TicketTypeReplaced } from "./domain-events.ts";
import { poolOf, type TicketTypeRow } from "./entity.ts";
import { belowSold, fixedField } from "./errors.ts";
import { fitStock } from "./fit-stock.ts";
import { availableOf, managedBy, viewOf } from "./read.ts";
import { ReplaceTicketType } from "./schema.ts";
import { changeOf, checkAgainst, offerOf, offersOf, subjectOf } from "./write.ts";

/**
 * Replaces the document. More seats are there at once, fewer as far as they are neither sold nor held.
 * @throws ticket_type.not_found, .below_sold, .fixed_field, and what creating throws
 */
export const replace = capability(
  "ticket_type.replace",
  { input: ReplaceTicketType, allow: ["organizer", "admin"] },
  async ({ ticketTypeId, ifVersion, eventId, ...document }, { actor, now }) => {
    const { type, event } = await managedBy(actor, ticketTypeId);
    if (ifVersion !== undefined && ifVersion !== type.version) throw Event.staleVersion("Read the ticket type again and repeat your change.");
    checkFixed(type, { ...document, eventId });
    const offers = (event.offers as Event.Offer[]).map((offer) =>
      offer.ticketTypeId === ticketTypeId ? offerOf({ ...document, ticketTypeId, groups: type.groups }, offer.soldOutAt) : offer,
    );
    checkAgainst(event, { ...document, ticketTypeId }, offers, isoOf(now));
    await checkTaken(type, document.quantityTotal, now);

    const { quantityTotal, ...rest } = document;
    const gone = (["description", "salesStartAt", "salesEndAt", "maxPerBuyer"] as const).filter(
      (name) => document[name] === undefined && type[name] !== undefined,
    );
    await transact(subjectOf(type), [TicketTypeReplaced({ ticketTypeId, eventId: event.eventId })], (head) => [
      write(changeOf(type, head, { ...defined(rest), ...(quantityTotal === null ? {} : { quantityTotal }) }, gone)),
      offersOf(event, offers),
    ]);
    const fitted = await fitStock({ ticketTypeId });
    if (quantityTotal !== null && fitted.quantityTotal !== quantityTotal) throw tooFew(fitted.quantityTotal ?? 0);
    return viewOf(fitted, await availableOf(fitted, { ...event, offers }, now));
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

async function checkTaken(type: TicketTypeRow, wanted: number | null, now: number): Promise<void> {
  const pool = poolOf(type);
  if (!pool || wanted === null || wanted >= pool.seats) return;
  const { sold, held } = countSeats(await readPool(pool), secondsOf(now));
  if (wanted < sold + held) throw tooFew(sold + held);
}

function tooFew(taken: number) {
  return belowSold(`${taken} seats are sold or held.`, { fields: [{ path: "quantityTotal", message: `Must be at least ${taken}.` }] });
}
