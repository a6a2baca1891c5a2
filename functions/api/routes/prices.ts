import { TicketTypeIdSchema, type TicketTypeId } from "@fashionistas/core/id";
import { PageQuery } from "@fashionistas/core/page";
import { PriceChangeView } from "@fashionistas/core/price-change/schema";
import * as TicketType from "@fashionistas/core/ticket-type";
import type { Context } from "hono";
import * as z from "zod";
import { TEAM } from "../access.ts";
import { endpoint, pathId, type Api } from "../endpoint.ts";

const tag = "Prices";
const params = z.object({ id: z.string().meta({ example: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const PageOnly = z.object(PageQuery);
const idOf = (c: Context): TicketTypeId => pathId(c, TicketTypeIdSchema, TicketType.ticketTypeNotFound);

/** What becomes of the price of a ticket type. */
export function prices(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/tickets/:id/price-history",
      access: TEAM.of("ticket_type"),
      tag,
      summary: "How a ticket type's price came about",
      params,
      query: PageOnly,
      success: {
        status: 200,
        description: "A page, newest first",
        schema: z.object({ items: z.array(PriceChangeView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await TicketType.priceHistory({ ...(c.req.query() as z.input<typeof PageOnly>), ticketTypeId: idOf(c) })),
  );
}
