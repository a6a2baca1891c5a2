import { capability } from "../capability.ts";
import { readOneOf } from "../copy/index.ts";
import { readAll } from "../db/read-all.ts";
import * as Event from "../event/index.ts";
import { memory } from "../memory.ts";
import type { Money } from "../money.ts";
import { pageOf } from "../page.ts";
import { countSeats, readPool, type Pool } from "../pool/index.ts";
import { secondsOf } from "../time.ts";
import { poolOf, TicketTypes, type TicketTypeRow } from "./entity.ts";
import { priceFaceOf, type PriceFace } from "./prices.ts";
import { ticketTypeNotFound } from "./errors.ts";
import { GetTicketType, ListTicketTypes, type TicketTypeView } from "./schema.ts";
import { copiedAs, isCrowded } from "./write.ts";
import { type Actor, READERS } from "../actor.ts";

/** The row of a ticket type, or undefined. Strongly consistent. */
export async function find(ticketTypeId: string): Promise<TicketTypeRow | undefined> {
  return readOneOf(copiedAs(ticketTypeId), isCrowded, async () => (await TicketTypes.get({ ticketTypeId }).go({ consistent: true })).data ?? undefined);
}

// Which event a type belongs to never changes: who knows it asks for both at the same time.
const eventIds = memory(() => new Map<string, string>());
const MOST_REMEMBERED = 1_000;

function remember({ ticketTypeId, eventId }: TicketTypeRow): void {
  if (eventIds().size === MOST_REMEMBERED) eventIds().clear();
  eventIds().set(ticketTypeId, eventId);
}

/** A type and its event, as seen by this actor: inactive types and unpublished events exist for those who manage them. */
export async function visibleTo(actor: Actor, ticketTypeId: string): Promise<{ type: TicketTypeRow; event: Event.EventRow }> {
  const known = eventIds().get(ticketTypeId);
  const [type, early] = await Promise.all([find(ticketTypeId), known === undefined ? undefined : Event.find(known)]);
  const event = early ?? (await Event.findOf(type));
  if (!type || !event) throw ticketTypeNotFound();
  const visible = Event.manages(actor, event) || (Event.isPublic(event) && type.isActive);
  if (!visible) throw ticketTypeNotFound();
  remember(type);
  return { type, event };
}

/**
 * Several types of one event, in the order asked for; undefined stands for what this actor may not see and for types of
 * another event, which are as good as missing. Without an event's id it is the event of the first one. One call for the
 * types, one for the event, however many types there are.
 */
export async function offeredTo(
  actor: Actor,
  ticketTypeIds: readonly string[],
  eventId?: string,
): Promise<{ event: Event.EventRow | undefined; types: (TicketTypeRow | undefined)[] }> {
  const known = eventId ?? eventIds().get(ticketTypeIds[0] ?? "");
  const early = known === undefined ? undefined : Event.find(known);
  const [rows, named] = await Promise.all([findAll(ticketTypeIds), early]);
  const found = new Map(rows.map((row) => [row.ticketTypeId, row]));
  const first = found.get(ticketTypeIds[0] ?? "");
  const event = known === undefined ? await Event.findOf(first) : named;
  if (first) remember(first);
  const managed = event !== undefined && Event.manages(actor, event);
  if (!event || !(managed || Event.isPublic(event))) return { event: undefined, types: ticketTypeIds.map(() => undefined) };
  const types = ticketTypeIds.map((id) => found.get(id)).map((type) => (type?.eventId === event.eventId && (managed || type.isActive) ? type : undefined));
  return { event, types };
}

async function findAll(ticketTypeIds: readonly string[]): Promise<TicketTypeRow[]> {
  const [only] = ticketTypeIds;
  if (only !== undefined && ticketTypeIds.length === 1) return [await find(only)].filter((type) => type !== undefined);
  return readAll(
    ticketTypeIds.map((ticketTypeId) => ({ ticketTypeId })),
    (keys) => TicketTypes.get(keys).go({ consistent: true }),
  );
}

/** A type and its event, for somebody who manages it. @throws ticket_type.not_found, for a foreign one too */
export async function managedBy(actor: Actor, ticketTypeId: string): Promise<{ type: TicketTypeRow; event: Event.EventRow }> {
  const { type, event } = await visibleTo(actor, ticketTypeId);
  if (!Event.manages(actor, event)) throw ticketTypeNotFound();
  return { type, event };
}

/** One ticket type with what is left of it. @throws ticket_type.not_found */
export const get = capability(
  "ticket_type.get",
  { input: GetTicketType, allow: READERS, needs: "ticket_types:read" },
  async ({ ticketTypeId }, { actor, now }) => {
    const { type, event } = await visibleTo(actor, ticketTypeId);
    return faceOf(type, event, now);
  },
);

/** The types of one event, oldest first. @throws event.not_found */
export const list = capability("ticket_type.list", { input: ListTicketTypes, allow: READERS, needs: "ticket_types:read" }, async (input, { actor, now }) => {
  const event = await Event.visibleTo(actor, input.eventId);
  const all = Event.manages(actor, event);
  const query = TicketTypes.query
    .byEvent({ eventId: input.eventId })
    .where(({ isActive, kind, updatedAt }, { eq, gte }) =>
      [
        ...(all ? [] : [eq(isActive, true)]),
        ...(input.kind ? [eq(kind, input.kind)] : []),
        ...(input.updatedSince ? [gte(updatedAt, input.updatedSince)] : []),
      ].join(" AND "),
    );
  const page = await pageOf(query, input, ["ticket-types", input.eventId], (row) => row);
  const available = await availability(event, page.items, now);
  const items = page.items.map(async (row) => viewOf(row, available.get(row.ticketTypeId) ?? null, await priceFaceOf(row, now)));
  return { ...page, items: await Promise.all(items) };
});

/** The rows of all types of an event, oldest first: forty at most. The index is milliseconds behind. */
export async function listByEvent(eventId: string): Promise<TicketTypeRow[]> {
  const { data } = await TicketTypes.query.byEvent({ eventId }).go({ pages: "all" });
  return data;
}

/** What of a type its pools depend on. */
type Stock = Pick<TicketTypeRow, "ticketTypeId" | "eventId" | "groups" | "quantityTotal">;

/** The pools a purchase of this type claims from: its stock, and what binds of the room and of what it shares. */
export function poolsOf(type: Stock, event: Event.EventRow): Pool[] {
  const stock = poolOf(type);
  return [...(stock ? [stock] : []), ...Event.roomPoolsOf(event, type.ticketTypeId)];
}

/** Seats of each type that can be bought now, never more than what it shares has left; null when nothing limits them. */
export async function availability(event: Event.EventRow, types: readonly Stock[], now: number): Promise<Map<string, number | null>> {
  const pools = new Map(types.flatMap((type) => poolsOf(type, event)).map((pool) => [pool.poolId, pool]));
  const counts = [...pools].map(async ([poolId, pool]) => [poolId, countSeats(await readPool(pool), secondsOf(now)).available] as const);
  const left = new Map(await Promise.all(counts));
  return new Map(
    types.map((type) => {
      const seats = Math.min(Infinity, ...poolsOf(type, event).map(({ poolId }) => left.get(poolId) ?? 0));
      return [type.ticketTypeId, Number.isFinite(seats) ? seats : null];
    }),
  );
}

/** The public face of a type, with what is left of it and what it costs now. */
export async function faceOf(type: TicketTypeRow, event: Event.EventRow, now: number): Promise<TicketTypeView> {
  const [available, prices] = await Promise.all([availability(event, [type], now), priceFaceOf(type, now)]);
  return viewOf(type, available.get(type.ticketTypeId) ?? null, prices);
}

function viewOf(type: TicketTypeRow, availableQuantity: number | null, prices: PriceFace): TicketTypeView {
  return {
    id: type.ticketTypeId,
    eventId: type.eventId,
    name: type.name,
    description: type.description ?? null,
    kind: type.kind,
    basePrice: type.basePrice as Money,
    ...prices,
    groupDiscount: type.groupDiscount ?? null,
    minimumPrice: type.minimumPrice ?? null,
    maximumPrice: type.maximumPrice ?? null,
    quantityTotal: type.quantityTotal ?? null,
    availableQuantity,
    salesStartAt: type.salesStartAt ?? null,
    salesEndAt: type.salesEndAt ?? null,
    minPerOrder: type.minPerOrder,
    maxPerOrder: type.maxPerOrder,
    maxPerBuyer: type.maxPerBuyer ?? null,
    highDemand: type.highDemand,
    isActive: type.isActive,
    createdAt: type.createdAt,
    updatedAt: type.updatedAt,
    version: type.version,
  };
}
