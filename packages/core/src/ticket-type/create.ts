import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { created } from "../db/journal.ts";
import { transact } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { newId } from "../id.ts";
import * as PriceChange from "../price-change/index.ts";
import { fit } from "../pool/index.ts";
import { defined } from "../defined.ts";
import { isoOf, secondsOf } from "../time.ts";
import { TicketTypeCreated } from "./domain-events.ts";
import { poolOf } from "./entity.ts";
import { tooManyTypes } from "./errors.ts";
import { fitQuotas } from "./fit-stock.ts";
import { faceOf, find } from "./read.ts";
import { CreateTicketType } from "./schema.ts";
import { checkAgainst, creationOf, groupsOf, offerOf, phasesOfDocument } from "./write.ts";

const MAX_TYPES = 40;

/**
 * Offers a new ticket type and lays out its stock. A crash in between is made good by the consumer of ticket_type.created.
 * @throws event.not_found, ticket_type.currency_mismatch, .price_too_small, .exceeds_capacity, .too_many, .event_closed
 */
export const create = capability(
  "ticket_type.create",
  { input: CreateTicketType, allow: TEAM, needs: "ticket_types:write" },
  async ({ ticketTypeId = newId("tt"), ...document }, { actor, now }) => {
    const event = await Event.managedBy(actor, document.eventId);
    const standing = await find(ticketTypeId);
    const type = standing ?? (await put(event, ticketTypeId, document, isoOf(now)));
    const pool = poolOf(type);
    if (pool) await fit(pool, pool.seats, secondsOf(now));
    await fitQuotas(type, now);
    return faceOf(type, event, now);
  },
);

async function put(event: Event.EventRow, ticketTypeId: string, document: Omit<CreateTicketType, "ticketTypeId">, at: string) {
  const { quantityTotal, phases, ...rest } = document;
  const groups = groupsOf(document, event);
  const offers = [...(event.offers as Event.Offer[]), offerOf({ ...document, ticketTypeId, groups })];
  if (offers.length > MAX_TYPES) throw tooManyTypes("Delete or change one of the types it has.");
  checkAgainst(event, { ...document, ticketTypeId }, offers, at);
  const row = {
    ...defined(rest),
    ...phasesOfDocument(phases, [], document.highDemand),
    ...(quantityTotal === null ? {} : { quantityTotal }),
    ticketTypeId,
    groups,
    createdAt: at,
  };
  const head = await transact(created("ticket_type", ticketTypeId), [TicketTypeCreated({ ticketTypeId, eventId: event.eventId })], (head) => [
    ...creationOf({ ...row, ...head }),
    PriceChange.adding({ ticketTypeId, eventId: event.eventId, to: document.basePrice, reason: "created" }, head),
    ...Event.offering(event, offers),
  ]);
  return { ...row, ...head };
}
