import { VisibleError } from "@fashionistas/core/error";
import { newId, TicketTypeIdSchema, type OrderId, type TicketTypeId } from "@fashionistas/core/id";
import { Checkout, Purchase } from "@fashionistas/core/order/schema";
import * as TicketType from "@fashionistas/core/ticket-type";
import { ListTicketTypes, TicketTypeDocument, TicketTypeReplacement, TicketTypeView } from "@fashionistas/core/ticket-type/schema";
import * as Stripe from "@fashionistas/integrations/stripe";
import type { Context } from "hono";
import * as z from "zod";
import { FOR_SALE, TEAM, VISIBLE } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { document, ifVersions } from "../middleware/conditional.ts";
import { IdempotencyKeyHeader, repeatable } from "../middleware/idempotency.ts";
import { checkoutAnswer, HOLDS_AND_STARTS, REFUSED_LINES } from "./orders.ts";

const tag = "Tickets";
const params = z.object({ id: z.string().meta({ example: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const IfMatch = z.object({ "If-Match": z.string().optional().meta({ description: "The ETag you read: when it is stale the change is refused with 412." }) });
const idOf = (c: Context): TicketTypeId => pathId(c, TicketTypeIdSchema, TicketType.ticketTypeNotFound);
const REFUSED_DOCUMENT = [
  "ticket_type.currency_mismatch",
  "ticket_type.price_too_small",
  "ticket_type.phase_unknown",
  "ticket_type.exceeds_capacity",
  "ticket_type.event_closed",
];

/** /tickets: ticket types, and buying them. */
export function tickets(app: Api): void {
  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/tickets",
      access: TEAM.of("event"),
      tag,
      summary: "Offer a ticket type",
      headers: IdempotencyKeyHeader,
      body: TicketTypeDocument,
      success: { status: 201, description: "The ticket type, its stock laid out", schema: TicketTypeView },
      errors: ["ticket_type.not_found", ...REFUSED_DOCUMENT, "ticket_type.too_many"],
    },
    async (c) => {
      const body = await jsonBody(c, TicketTypeDocument);
      const run = (ticketTypeId: string) => TicketType.create({ ...body, ticketTypeId });
      const repeat = async (ticketTypeId: string) => ((await TicketType.wasCreated(ticketTypeId)) ? TicketType.get({ ticketTypeId }) : undefined);
      const type = await repeatable(c, { body, newResourceId: newId("tt"), run, repeat });
      return c.json(type, 201, { location: `/tickets/${type.id}` });
    },
  );

  endpoint(
    app,
    {
      method: "get",
      etag: true,
      path: "/tickets",
      access: VISIBLE.of("event"),
      tag,
      summary: "List the ticket types of an event",
      query: ListTicketTypes,
      success: {
        status: 200,
        description: "A page, oldest first",
        schema: z.object({ items: z.array(TicketTypeView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => document(c, await TicketType.list(c.req.query() as unknown as z.input<typeof ListTicketTypes>)),
  );

  endpoint(
    app,
    {
      method: "get",
      etag: true,
      path: "/tickets/:id",
      access: VISIBLE.of("ticket_type"),
      tag,
      summary: "Get a ticket type",
      params,
      success: { status: 200, description: "The ticket type with what is left", schema: TicketTypeView },
    },
    async (c) => document(c, await TicketType.get({ ticketTypeId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/tickets/:id",
      access: TEAM.of("ticket_type"),
      tag,
      summary: "Replace a ticket type's document",
      params,
      headers: IfMatch,
      body: TicketTypeReplacement,
      success: { status: 200, description: "The ticket type as it is now", schema: TicketTypeView },
      errors: [...REFUSED_DOCUMENT, "ticket_type.below_sold", "ticket_type.fixed_field", "request.precondition_failed"],
    },
    async (c) => document(c, await TicketType.replace({ ...(await jsonBody(c, TicketTypeReplacement)), ticketTypeId: idOf(c), ifVersions: ifVersions(c) })),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/tickets/:id",
      access: TEAM.of("ticket_type"),
      tag,
      summary: "Delete a ticket type that was never on sale",
      params,
      headers: IfMatch,
      success: { status: 204, description: "Deleted" },
      errors: ["ticket_type.has_orders", "request.precondition_failed"],
    },
    async (c) => {
      await TicketType.remove({ ticketTypeId: idOf(c), ifVersions: ifVersions(c) });
      return c.body(null, 204);
    },
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/tickets/:id/purchase",
      access: FOR_SALE.of("ticket_type"),
      limit: "purchase",
      tag,
      summary: "Buy tickets of one type",
      params,
      headers: IdempotencyKeyHeader,
      body: Purchase,
      description: `${HOLDS_AND_STARTS} The same as POST /orders with one line.`,
      success: { status: 201, description: "The order, its payment and its secret token", schema: Checkout },
      errors: REFUSED_LINES,
    },
    async (c) => {
      const ticketTypeId = idOf(c);
      const body = await jsonBody(c, Purchase);
      const { buyer, whatsappOptIn, expectedTotal, ...line } = body;
      const run = (orderId: string) =>
        Stripe.purchase({ lines: [{ ticketTypeId, ...line }], buyer, whatsappOptIn, expectedTotal, orderId: orderId as OrderId });
      const call = { body, newResourceId: newId("ord"), run, repeat: Stripe.repeatPurchase };
      return checkoutAnswer(c, await repeatable(c, call).catch(ofTheOnlyLine), 201);
    },
  );
}

/** What is wrong with the only line of an order is wrong with the purchase: its fields are the body's, its type is the path's. */
function ofTheOnlyLine(error: unknown): never {
  if (!(error instanceof VisibleError) || !error.extras.fields) throw error;
  if (error.code === "ticket_type.not_found") throw TicketType.ticketTypeNotFound();
  const fields = error.extras.fields.map(({ path, message }) => ({ path: path.replace(/^lines\.0\./, ""), message }));
  throw new VisibleError(error, error.message, { ...error.extras, fields });
}
