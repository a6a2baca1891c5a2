import * as Event from "@fashionistas/core/event";
import { inTurns } from "@fashionistas/core/in-turns";
import * as Ledger from "@fashionistas/core/ledger";
import * as Order from "@fashionistas/core/order";
import type { ReconciliationRow } from "@fashionistas/core/reconciliation";
import { msOf } from "@fashionistas/core/time";
import { AT_ONCE, isYoung, report, type Slice, type Tally } from "./slice.ts";

const PAGES_PER_SLICE = 10;
const ORDERS_PER_PAGE = 100;

/** Where the phase has come to: an event, and within it a page of what it sold. */
type Place = Event.EventPlace & { sales?: string };

/** Every order that has tickets and a price must have its charge: of all events, page by page of what each of them sold. */
export async function compareOrders(job: ReconciliationRow, tally: Tally): Promise<Slice> {
  let place: Place = job.cursor ? (JSON.parse(job.cursor) as Place) : Event.placeBefore(msOf(job.since));
  for (let pages = 0; pages < PAGES_PER_SLICE; pages++) {
    if (place.sales === undefined) {
      const next = await Event.nextByDate(place);
      if (!next) return null;
      place = next;
    }
    const { orders, cursor } = await Order.pageOfSales(place.eventId, ORDERS_PER_PAGE, place.sales);
    await inTurns(
      orders.filter((order) => concerns(job, order)),
      AT_ONCE,
      (order) => compareOrder(tally, order),
    );
    const { startsAt, eventId } = place;
    place = { startsAt, eventId, ...(cursor === null ? {} : { sales: cursor }) };
  }
  // How much there is to come nobody knows.
  return { cursor: JSON.stringify(place), share: 0.5 };
}

function concerns(job: ReconciliationRow, { amount, createdAt, updatedAt }: Order.OrderRow): boolean {
  return amount > 0 && createdAt >= job.since && createdAt < job.until && !isYoung(job, msOf(updatedAt));
}

async function compareOrder(tally: Tally, { orderId, amount, currency, updatedAt }: Order.OrderRow): Promise<void> {
  if ((await Ledger.listByOrder(orderId)).some(({ kind }) => kind === "charge")) return;
  report(tally, { code: "no_charge", kind: "charge", reference: orderId, orderId, at: updatedAt, ledger: { amount, currency } });
}
