/**
 * What was sold and what money moved, by day and ticket type.
 *
 *   orders, tickets   of orders that were fulfilled, on the day on which they were
 *   money             every fact of the ledger in the event's currency, on the day on which it happened, as the balance of
 *                     `ledger/rules/balance.ts`: gross = captured, refunded = returned, disputed, fees, net
 *
 * A fact belongs to an order. It is dealt out to the order's lines by their totals (`dealt` in `money.ts`); a refund of named tickets to
 * the lines of those, by what each ticket cost; when all that is nothing, the first line has it. So the rows add up to the ledger's
 * balance to the last minor unit. A free order has tickets
 * and no money; one that was paid too late and refunded has money and no tickets. An order of two types counts in the rows of
 * both, and once in the totals.
 *
 * Worked example: 2 × 45.00 and 1 × 10.00 bought on Monday, one of the first refunded on Tuesday → Monday: 2 tickets 90.00,
 * 1 ticket 10.00; Tuesday: refunded 45.00 in the row of the first type, net −45.00.
 */
import { balanceOf, type Balance, type Fact } from "../../ledger/rules/balance.ts";
import { dealt } from "../../money.ts";
import { ticketPrices } from "../../order/rules/price.ts";

export type SoldLine = { ticketTypeId: string; name: unknown; quantity: number; total: { amount: number } };
export type SoldOrder = { orderId: string; lines: readonly SoldLine[] };
export type Sale = SoldOrder & { soldAt: string };
/** `tickets`: numbers of those that a refund names. */
export type Movement = Fact & { order: SoldOrder; at: string; tickets?: readonly number[] | undefined };

export type Figures = { orders: number; tickets: number } & Record<"gross" | "refunded" | "disputed" | "fees" | "net", number>;
export type SalesRow = { day: string; ticketTypeId: string; name: unknown } & Figures;

type Open = { day: string; ticketTypeId: string; name: unknown; orders: number; tickets: number; facts: Fact[] };

/** The rows, by day and then by type, and what they add up to. */
export function salesOf(sales: readonly Sale[], movements: readonly Movement[], dayOf: (iso: string) => string): { rows: SalesRow[]; totals: Figures } {
  const open = new Map<string, Open>();
  const rowOf = (at: string, { ticketTypeId, name }: SoldLine): Open => {
    const day = dayOf(at);
    const key = `${day} ${ticketTypeId}`;
    const row = open.get(key) ?? { day, ticketTypeId, name, orders: 0, tickets: 0, facts: [] };
    open.set(key, row);
    return row;
  };
  for (const { lines, soldAt } of sales)
    for (const line of lines) {
      const row = rowOf(soldAt, line);
      row.orders += 1;
      row.tickets += line.quantity;
    }
  for (const { order, at, kind, amount, tickets } of movements) {
    const parts = dealt(amount, weightsOf(order, tickets));
    for (const [i, line] of order.lines.entries()) if (parts[i]! > 0) rowOf(at, line).facts.push({ kind, amount: parts[i]! });
  }
  const rows = [...open.values()]
    .sort((a, b) => (a.day === b.day ? (a.ticketTypeId < b.ticketTypeId ? -1 : 1) : a.day < b.day ? -1 : 1))
    .map(({ facts, orders, tickets, ...row }) => ({ ...row, orders, tickets, ...moneyOf(balanceOf(facts)) }));
  const tickets = rows.reduce((sum, row) => sum + row.tickets, 0);
  return { rows, totals: { orders: sales.length, tickets, ...moneyOf(balanceOf(movements)) } };
}

function weightsOf({ lines }: SoldOrder, tickets: readonly number[] = []): number[] {
  let before = 0;
  const weights = lines.map(({ quantity, total }) => {
    const first = before + 1;
    before += quantity;
    const isNamed = (n: number) => tickets.length === 0 || tickets.includes(n);
    return ticketPrices(total.amount, quantity).reduce((sum, price, i) => sum + (isNamed(first + i) ? price : 0), 0);
  });
  return weights.some((weight) => weight > 0) ? weights : lines.map((_, i) => (i === 0 ? 1 : 0));
}

function moneyOf({ captured, returned, ...rest }: Balance): Omit<Figures, "orders" | "tickets"> {
  return { gross: captured, refunded: returned, ...rest };
}
