import { newId, OrderIdSchema, type OrderId } from "@fashionistas/core/id";
import { OrderLedger } from "@fashionistas/core/ledger/schema";
import * as Order from "@fashionistas/core/order";
import { AttendeeChanges, Checkout, OrderRequest, ListMyOrders, OrderSummary, OrderView, QuoteRequest, QuoteView } from "@fashionistas/core/order/schema";
import { RefundList, RefundRequest, RefundView } from "@fashionistas/core/refund/schema";
import * as Stripe from "@fashionistas/integrations/stripe";
import type { Context } from "hono";
import * as z from "zod";
import { FOR_SALE, ORDER_BUYER, ORDER_OWNER, ORDER_OWNER_AND_TEAM, ORDER_READERS, ORDER_TEAM, SIGNED_IN, VISIBLE } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { IdempotencyKeyHeader, repeatable, requireKey } from "../middleware/idempotency.ts";

const tag = "Orders";
const params = z.object({ id: z.string().meta({ example: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const idOf = (c: Context): OrderId => pathId(c, OrderIdSchema, Order.orderNotFound);

/** What is wrong with a line, or with the moment: of an order, and of a purchase of one type. */
export const REFUSED_LINES = [
  "ticket_type.not_found",
  "ticket_type.not_on_sale",
  "ticket_type.sold_out",
  "ticket_type.all_held",
  "ticket_type.not_enough_left",
  "order.over_limit",
  "order.amount_invalid",
  "order.price_changed",
  "order.event_cancelled",
  "payment.amount_refused",
];

export const HOLDS_AND_STARTS =
  "Holds the seats and starts the payment. Confirm `payment.clientSecret` with Stripe.js; the order is fulfilled when Stripe tells us. Free tickets are there at once. `payment: null` on a held order means: the seats are yours until `expiresAt`, call POST /orders/{id}/pay after Retry-After.";

/** A checkout without its payment yet says when to ask for it. */
export function checkoutAnswer(c: Context, { retryAfterSeconds, ...checkout }: Stripe.Started, status: 200 | 201): Response {
  const headers = {
    ...(status === 201 ? { location: `/orders/${checkout.order.id}` } : {}),
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  };
  return c.json(checkout, status, headers);
}

/** /orders: placing them, for anybody; /orders/:id, for whoever holds its token or bought it signed in. */
export function orders(app: Api): void {
  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders",
      access: FOR_SALE.of("ticket_type"),
      limit: "purchase",
      tag,
      summary: "Order tickets of several types of one event",
      description: `${HOLDS_AND_STARTS} Every seat of every line is held, or none: a refusal names the line, as in \`lines.1.quantity\`.`,
      headers: IdempotencyKeyHeader,
      body: OrderRequest,
      success: { status: 201, description: "The order, its payment and its secret token", schema: Checkout },
      errors: ["event.not_found", ...REFUSED_LINES],
    },
    async (c) => {
      const body = await jsonBody(c, OrderRequest);
      const run = (orderId: string) => Stripe.purchase({ ...body, orderId: orderId as OrderId });
      return checkoutAnswer(c, await repeatable(c, { body, newResourceId: newId("ord"), run, repeat: Stripe.repeatPurchase }), 201);
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/orders",
      access: SIGNED_IN,
      tag,
      summary: "What did I buy?",
      description: "Signed in, or as a guest with an e-mail address or phone number that your issuer verified since: such orders become yours.",
      query: ListMyOrders,
      success: {
        status: 200,
        description: "A page of orders that were sold to you, newest first",
        schema: z.object({ items: z.array(OrderSummary), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Order.listMine(c.req.query())),
  );

  endpoint(
    app,
    {
      method: "post",
      path: "/orders/quote",
      access: VISIBLE.of("ticket_type"),
      repeating: "it only asks.",
      tag,
      summary: "Ask what an order would cost, and whether it could be placed now",
      description: "Holds nothing. Takes the body of POST /orders; the buyer may be left out, and then the limits per person are not looked at.",
      body: QuoteRequest,
      success: { status: 200, description: "Every line with its price and, if it cannot be bought now, why not and what to do", schema: QuoteView },
      errors: ["event.not_found", "order.amount_invalid"],
    },
    async (c) => c.json(await Order.quote(await jsonBody(c, QuoteRequest))),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/orders/:id",
      access: ORDER_READERS.of("order"),
      tag,
      summary: "Get an order and its tickets",
      params,
      success: { status: 200, description: "The order; tickets are there once it is fulfilled", schema: OrderView },
    },
    async (c) => c.json(await Order.get({ orderId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/cancel",
      access: ORDER_OWNER.of("order"),
      repeating: "an order that was cancelled stays so.",
      tag,
      summary: "Cancel an unpaid order",
      params,
      description: "Its payment is cancelled at Stripe first, then its seats go back. When the money was faster, the order is fulfilled.",
      success: { status: 200, description: "The order as it ended", schema: OrderView },
      errors: ["order.not_cancellable", "order.payment_processing", "payment.unavailable"],
    },
    async (c) => c.json(await Stripe.cancel(idOf(c))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/pay",
      access: ORDER_BUYER.of("order"),
      limit: "purchase",
      repeating: "an order has one open payment at a time, and every call gets that one.",
      tag,
      summary: "Start or retry the payment of an order",
      params,
      success: { status: 200, description: "The order and its payment; null with Retry-After when too many are paying", schema: Checkout },
      errors: ["order.not_payable", "order.expired", "order.event_cancelled"],
    },
    async (c) => checkoutAnswer(c, await Stripe.pay(idOf(c)), 200),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/extend",
      access: ORDER_OWNER.of("order"),
      repeating: "time is given once, whoever asks again is told so.",
      tag,
      summary: "Ask for more time, once",
      params,
      success: { status: 200, description: "The order with its new expiresAt", schema: OrderView },
      errors: ["order.not_extendable", "order.expired"],
    },
    async (c) => c.json(await Order.extend({ orderId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/refunds",
      access: ORDER_OWNER_AND_TEAM.of("order"),
      tag,
      summary: "Give money back",
      params,
      headers: IdempotencyKeyHeader.required(),
      body: RefundRequest,
      description:
        "All that may go back, an `amount`, or the price of `ticketIds`, which are revoked. Buyers and organizers are bound by the event's refund policy, admins by what is left. The refund is `pending` until Stripe has made it, and can still fail days later.",
      success: { status: 201, description: "The refund", schema: RefundView },
      errors: [
        "idempotency_key.required",
        "refund.not_refundable",
        "refund.nothing_left",
        "refund.exceeds_remaining",
        "refund.exceeds_policy",
        "refund.not_by_policy",
        "refund.ticket_not_refundable",
        "refund.staff_only",
      ],
    },
    async (c) => {
      const orderId = idOf(c);
      const body = await jsonBody(c, RefundRequest);
      const run = (refundId: string) => Order.refund({ ...body, orderId, refundId });
      const repeat = (refundId: string) => Order.findRefund({ orderId, refundId });
      requireKey(c);
      return c.json(await repeatable(c, { body, newResourceId: newId("rf"), run, repeat }), 201);
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/orders/:id/refunds",
      access: ORDER_OWNER_AND_TEAM.of("order"),
      tag,
      summary: "The refunds of an order",
      params,
      success: { status: 200, description: "Oldest first, and what is left of the money; a failed one is shown as such", schema: RefundList },
    },
    async (c) => c.json(await Order.listRefunds({ orderId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "put",
      commits: true,
      path: "/orders/:id/attendees",
      access: ORDER_OWNER_AND_TEAM.of("order"),
      tag,
      summary: "Say who comes with which ticket",
      description:
        "For whoever holds the order's token, its buyer, the event's organizer and admins, until the event's `attendeesUntil`. Tickets are numbered from 1 in the order of the lines; those left out stay as they are, null gives one back to the buyer.",
      params,
      body: AttendeeChanges,
      success: { status: 200, description: "The order with its attendees", schema: OrderView },
      errors: ["order.attendees_closed", "order.no_such_ticket", "order.ticket_not_valid"],
    },
    async (c) => {
      const orderId = idOf(c);
      return c.json(await Order.nameAttendees({ ...(await jsonBody(c, AttendeeChanges)), orderId }));
    },
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/orders/:id/ledger",
      access: ORDER_TEAM.of("order"),
      tag,
      summary: "All money of an order",
      params,
      success: { status: 200, description: "Every fact once, oldest first, and what they add up to", schema: OrderLedger },
    },
    async (c) => c.json(await Order.ledger({ orderId: idOf(c) })),
  );
}
