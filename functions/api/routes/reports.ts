import { parse } from "@fashionistas/core/capability";
import * as Event from "@fashionistas/core/event";
import { EventIdSchema, type EventId } from "@fashionistas/core/id";
import * as Report from "@fashionistas/core/report";
import { CapacityReport, SalesPeriod, SalesReport } from "@fashionistas/core/report/schema";
import type { Context } from "hono";
import * as z from "zod";
import { TEAM } from "../access.ts";
import { endpoint, pathId, type Api } from "../endpoint.ts";

const tag = "Reports";
const params = z.object({ id: z.string().meta({ example: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const idOf = (c: Context): EventId => pathId(c, EventIdSchema, Event.eventNotFound);

const Format = z.strictObject({ format: z.enum(["json", "csv"]).optional().meta({ description: "Left out: csv for whoever accepts text/csv, else json" }) });
const AS_CSV =
  "With `?format=csv`, or `Accept: text/csv`, it is a CSV file: UTF-8 with a byte order mark, one row an item, amounts as decimals with their currency, instants in the event's time zone. A text that a spreadsheet would take for a formula begins with an apostrophe.";

/** /events/:id/reports: figures for the team. */
export function reports(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/reports/capacity",
      access: TEAM.of("event"),
      tag,
      summary: "How full is it?",
      description: `Each ticket type, shared capacity and the room, counted now in the stock itself. ${AS_CSV}`,
      params,
      query: Format,
      success: { status: 200, description: "Types first, then what they share, then the room", schema: CapacityReport },
    },
    async (c) => {
      const eventId = idOf(c);
      const { format, ...rest } = c.req.query();
      const report = await Report.capacity({ ...rest, eventId });
      return isCsv(c, format) ? csvFile(c, `capacity-${eventId}`, Report.capacityCsv(report)) : c.json(report);
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/events/:id/reports/sales",
      access: TEAM.of("event"),
      tag,
      summary: "What was sold, and what money moved",
      description: `By day in the event's time zone and by ticket type. The rows add up to the event's ledger of the period, in its currency; what the provider kept in another one is not in it. One report reads at most 10,000 orders, movements and refunds each. ${AS_CSV}`,
      params,
      query: Format.extend(SalesPeriod.shape),
      success: { status: 200, description: "By day, then by ticket type; totals count an order of several types once", schema: SalesReport },
      errors: ["report.too_large"],
    },
    async (c) => {
      const eventId = idOf(c);
      const { format, ...period } = c.req.query();
      const report = await Report.sales({ eventId, ...period });
      return isCsv(c, format) ? csvFile(c, `sales-${eventId}`, Report.salesCsv(report)) : c.json(report);
    },
  );
}

// Asked after the verb: only whoever is let in is told of a mistake in the query.
function isCsv(c: Context, asked: string | undefined): boolean {
  const { format } = parse(Format, asked === undefined ? {} : { format: asked });
  return format === undefined ? /(^|,)\s*text\/csv\b/.test(c.req.header("accept") ?? "") : format === "csv";
}

function csvFile(c: Context, name: string, text: string): Response {
  return c.body(text, 200, {
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="${name}.csv"`,
    vary: "Origin, Accept",
  });
}
