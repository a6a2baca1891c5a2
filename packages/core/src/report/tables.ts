import { textFor } from "../text.ts";
import { calendarOf } from "./rules/calendar.ts";
import { csvOf, decimalOf } from "./rules/csv.ts";
import type { CapacityReport, SalesReport } from "./schema.ts";

/** The report as a table. */
export function capacityCsv({ timeZone, asOf, items }: CapacityReport): string {
  const as_of = calendarOf(timeZone).timeOf(asOf);
  const header = ["kind", "id", "name", "quantity_total", "sold", "held", "available", "returned", "sold_per_mille", "as_of"];
  const rows = items.map(({ kind, id, name, quantityTotal, sold, held, available, returned, soldPerMille }) => [
    ...[kind, id, textFor(name)],
    ...[quantityTotal, sold, held, available, returned, soldPerMille, as_of],
  ]);
  return csvOf(header, rows);
}

/** The report as a table; its totals are left to whoever reads it. */
export function salesCsv({ timeZone, asOf, currency, items }: SalesReport): string {
  const as_of = calendarOf(timeZone).timeOf(asOf);
  const header = ["day", "ticket_type_id", "name", "orders", "tickets", "gross", "refunded", "disputed", "fees", "net", "currency", "as_of"];
  const rows = items.map(({ day, ticketTypeId, name, orders, tickets, gross, refunded, disputed, fees, net }) => [
    ...[day, ticketTypeId, textFor(name), orders, tickets],
    ...[gross, refunded, disputed, fees, net].map((amount) => decimalOf(amount, currency)),
    ...[currency, as_of],
  ]);
  return csvOf(header, rows);
}
