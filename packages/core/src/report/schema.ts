import * as z from "zod";
import { EventIdSchema } from "../id.ts";
import { Currency } from "../money.ts";
import { Text } from "../text.ts";
import { Instant, isInstant } from "../time.ts";

/** Orders, facts of the ledger and refunds that one report reads, of each at most so many: its answer stays below 6 MB. */
export const MAX_READ = 10_000;

const period = {
  from: Instant.optional().meta({ description: "From this instant on; from the first sale on, when left out" }),
  to: Instant.optional().meta({ description: "Until before this instant; until now, when left out" }),
};

export const CapacityReportRequest = z.strictObject({ eventId: EventIdSchema });
export const SalesPeriod = z.strictObject(period);
export const SalesReportRequest = z
  .strictObject({ eventId: EventIdSchema, ...period })
  .refine(({ from, to }) => !isInstant(from) || !isInstant(to) || from < to, { path: ["to"], error: "Must be after from." });

const seats = z.int().nullable();

/** How full an event is. */
export const CapacityReport = z
  .object({
    eventId: z.string(),
    timeZone: z.string(),
    asOf: z.string(),
    items: z.array(
      z.object({
        kind: z.enum(["ticket_type", "capacity", "room"]),
        id: z.string(),
        name: Text(200),
        quantityTotal: seats.meta({ description: "null: unlimited, and then nothing else is known" }),
        sold: seats,
        held: seats.meta({ description: "In the hands of people who are buying" }),
        available: seats,
        returned: seats.meta({ description: "Came back and wait for those on the waitlist" }),
        soldPerMille: seats.meta({ description: "Share sold in thousandths, rounded down" }),
      }),
    ),
  })
  .meta({
    id: "CapacityReport",
    example: { eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", timeZone: "Europe/Rome", asOf: "2026-11-02T09:00:00.000Z", items: [] },
  });
export type CapacityReport = z.output<typeof CapacityReport>;

const figures = {
  orders: z.int(),
  tickets: z.int().meta({ description: "Issued, those that were taken back since included" }),
  gross: z.int(),
  refunded: z.int(),
  disputed: z.int(),
  fees: z.int(),
  net: z.int(),
};

/** What an event sold, and what money moved. Amounts in minor units. */
export const SalesReport = z
  .object({
    eventId: z.string(),
    timeZone: z.string(),
    currency: Currency,
    from: z.string().nullable(),
    to: z.string().nullable(),
    asOf: z.string(),
    items: z.array(z.object({ day: z.string(), ticketTypeId: z.string(), name: Text(120), ...figures })),
    totals: z.object(figures),
  })
  .meta({
    id: "SalesReport",
    example: {
      ...{ eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", timeZone: "Europe/Rome", currency: "EUR", from: null, to: null, asOf: "2026-11-02T09:00:00.000Z" },
      ...{ items: [], totals: { orders: 0, tickets: 0, gross: 0, refunded: 0, disputed: 0, fees: 0, net: 0 } },
    },
  });
export type SalesReport = z.output<typeof SalesReport>;
