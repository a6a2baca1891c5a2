import type { Actor } from "../actor.ts";
import type { VisibleError } from "../error.ts";
import * as Event from "../event/index.ts";
import { basisPointsOf, type Currency, type Money } from "../money.ts";
import * as TicketType from "../ticket-type/index.ts";
import { isoOf } from "../time.ts";
import { amountInvalid, overLimit } from "./errors.ts";
import { priceOf, unpayable, type GroupDiscount, type PriceableLine, type PricedLine } from "./rules/price.ts";
import { notOnSale, overLimit as overOrderLimit, ownPrice, type Refusal, type Sellable } from "./rules/purchase.ts";
import type { OrderRequestLine } from "./schema.ts";

/** A line of a request with the type it asks for. `index`: its place in the request, by which errors name it. */
export type AskedLine = { index: number; type: TicketType.TicketTypeRow; wanted: OrderRequestLine };
export type Asked = { event: Event.EventRow; lines: AskedLine[] };

/** The event and the types that a request asks for. @throws event.not_found, ticket_type.not_found */
export async function askedFor(actor: Actor, { eventId, lines }: { eventId?: string | undefined; lines: readonly OrderRequestLine[] }): Promise<Asked> {
  const ids = lines.map(({ ticketTypeId }) => ticketTypeId);
  const { event, types } = await TicketType.offeredTo(actor, ids, eventId);
  if (!event && eventId !== undefined) throw Event.eventNotFound([{ path: "eventId", message: "There is no such event." }]);
  const asked = lines.map((wanted, index) => ({ index, type: types[index], wanted }));
  const missing = asked.filter(({ type }) => type === undefined);
  if (!event || missing.length > 0) {
    const message = "Not a ticket type of this event: an order is for one event.";
    throw TicketType.ticketTypeNotFound(missing.map(({ index }) => ({ path: `lines.${index}.ticketTypeId`, message })));
  }
  return { event, lines: asked.flatMap(({ type, ...line }) => (type ? [{ ...line, type }] : [])) };
}

/** A line as it was priced, and the error it would be refused with now. */
export type DecidedLine = { asked: AskedLine; line: PricedLine; refusal: VisibleError | undefined };

/**
 * Every line with its price, whether it may be bought at this instant or not, and the total. `offered`: the price phase that each
 * line pays, in the order of the lines. @throws order.amount_invalid for what has no price
 */
export function decided(asked: Asked, offered: readonly TicketType.Offered[], now: number): { lines: DecidedLine[]; total: Money } {
  const { lines, total } = pricesOf(asked, offered);
  return { lines: asked.lines.map((line, i) => ({ asked: line, line: lines[i]!, refusal: refusalOf(asked.event, line, now) })), total };
}

/** The first line that may not be bought at this instant is what is told. @throws ticket_type.not_on_sale, order.over_limit */
export function checkOnSale({ event, lines }: Asked, now: number): void {
  for (const line of lines) {
    const refusal = refusalOf(event, line, now);
    if (refusal) throw refusal;
  }
}

/** What the lines cost, each in its phase. @throws order.amount_invalid */
export function pricesOf({ event, lines: asked }: Asked, offered: readonly TicketType.Offered[]): { lines: PricedLine[]; total: Money } {
  const priceable = asked.map(({ index, type, wanted }, i): PriceableLine => {
    const result = ownPrice(sellable(type), wanted, offered[i]!);
    if ("error" in result) throw amountInvalid(result.error.message, { fields: [{ ...result.error, path: `lines.${index}.${result.error.path}` }] });
    const { ticketTypeId, name, kind } = type;
    return { ticketTypeId, name, kind, quantity: wanted.quantity, listPrice: type.basePrice as Money, own: result.own };
  });
  const priced = priceOf(priceable, { groupDiscounts: asked.flatMap(groupDiscountOf), fees: [], taxes: [], rounding: "half_up" }, event.currency as Currency);
  const error = unpayable(priced.total, false);
  if (error) throw amountInvalid(error.message, { fields: [error] });
  return priced;
}

function groupDiscountOf({ type }: AskedLine): GroupDiscount[] {
  const { ticketTypeId, groupDiscount } = type;
  return groupDiscount ? [{ threshold: groupDiscount.threshold, basisPoints: basisPointsOf(groupDiscount.percent), ticketTypeIds: [ticketTypeId] }] : [];
}

function refusalOf(event: Event.EventRow, { index, type, wanted }: AskedLine, now: number): VisibleError | undefined {
  const show = { ...Event.factsOf(event), timeZone: event.timeZone };
  const refusal: Refusal | undefined = notOnSale(show, sellable(type), isoOf(now)) ?? overOrderLimit(sellable(type), wanted.quantity);
  if (!refusal) return undefined;
  const fields = refusal.fields?.map(({ path, message }) => ({ path: `lines.${index}.${path}`, message }));
  const extras = { facts: { ticketTypeId: type.ticketTypeId, ...refusal.facts }, ...(fields ? { fields } : {}) };
  return (refusal.because === "not_on_sale" ? TicketType.notOnSale : overLimit)(refusal.detail, extras);
}

function sellable(type: TicketType.TicketTypeRow): Sellable {
  return { ...type, basePrice: type.basePrice as Money };
}
