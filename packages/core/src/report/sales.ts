import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import * as Event from "../event/index.ts";
import * as Ledger from "../ledger/index.ts";
import type { Currency } from "../money.ts";
import * as Order from "../order/index.ts";
import * as Refund from "../refund/index.ts";
import { isoOf } from "../time.ts";
import { tooLarge } from "./errors.ts";
import { calendarOf } from "./rules/calendar.ts";
import { salesOf, type Movement, type SalesRow } from "./rules/sales.ts";
import { MAX_READ, SalesReportRequest, type SalesReport } from "./schema.ts";

/**
 * What an event sold and what money moved in a period, by day in the event's time zone and by ticket type; the rows add up to the
 * ledger's balance of the period. Nobody's name is in it.
 * @throws event.not_found, for a foreign one too; report.too_large
 */
export const sales = capability(
  "report.sales",
  { input: SalesReportRequest, allow: TEAM, needs: "ledger:read" },
  async ({ eventId, from, to }, { actor, now }): Promise<SalesReport> => {
    const event = await Event.managedBy(actor, eventId);
    const asOf = isoOf(now);
    const period = { from: from ?? "0", to: to ?? "~" };
    const [sold, rows] = await Promise.all([
      gathered("orders", Order.salesBetween(eventId, period)),
      gathered("movements of money", Ledger.between(eventId, period)),
    ]);
    const money = rows.filter(({ currency }) => currency === event.currency);
    const [orders, named] = await Promise.all([ordersOf(money, sold), ticketsNamed(eventId, money)]);
    const movements = money.map(({ orderId, kind, amount, at, reference }): Movement => {
      return { kind, amount, at, order: orders.get(orderId)!, tickets: named.get(reference) };
    });
    const report = salesOf(
      sold.map((order) => ({ ...order, soldAt: order.soldAt! })),
      movements,
      calendarOf(event.timeZone).dayOf,
    );
    return {
      ...{ eventId, timeZone: event.timeZone, currency: event.currency as Currency, from: from ?? null, to: to ?? null, asOf },
      ...{ items: report.rows as (SalesRow & { name: SalesReport["items"][number]["name"] })[], totals: report.totals },
    };
  },
);

/** All of it, unless it is too much. @throws report.too_large */
async function gathered<Row>(what: string, pages: AsyncGenerator<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) {
    rows.push(...page);
    if (rows.length > MAX_READ)
      throw tooLarge(`Narrow from and to: the period has more than ${MAX_READ} ${what}.`, {
        fields: ["from", "to"].map((path) => ({ path, message: `Choose a period with at most ${MAX_READ} ${what}.` })),
      });
  }
  return rows;
}

/** The order of every movement: what was sold before the period, or never, is read by its id. */
async function ordersOf(money: readonly Ledger.LedgerRow[], sold: readonly Order.OrderRow[]): Promise<Map<string, Order.OrderRow>> {
  const known = new Map(sold.map((order) => [order.orderId, order]));
  const missing = [...new Set(money.map(({ orderId }) => orderId))].filter((orderId) => !known.has(orderId));
  for (const order of await Order.findAll(missing)) known.set(order.orderId, order);
  return known;
}

/** The provider's id of a refund, and of its failure, to the tickets that it names. Without refunds in the period nothing is read. */
async function ticketsNamed(eventId: string, money: readonly Ledger.LedgerRow[]): Promise<Map<string, readonly number[]>> {
  if (!money.some(({ kind }) => kind === "refund" || kind === "refund_failure")) return new Map();
  const refunds = await gathered("refunds", Refund.listByEvent(eventId));
  return new Map(refunds.flatMap(({ providerRefundId, ticketNumbers }) => (providerRefundId ? [[providerRefundId, ticketNumbers] as const] : [])));
}
