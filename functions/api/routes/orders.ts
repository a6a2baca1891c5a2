import { newId, OrderIdSchema, type OrderId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import { Checkout, OrderView } from "@fashionistas/core/order/schema";
import { RefundList, RefundRequest, RefundView } from "@fashionistas/core/refund/schema";
import * as Stripe from "@fashionistas/integrations/stripe";
import type { Context } from "hono";
import * as z from "zod";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { IdempotencyKeyHeader, repeatable, requireKey } from "../middleware/idempotency.ts";

const tag = "Orders";
const params = z.object({ id: z.string().meta({ example: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const security = "bearer or order token" as const;
const idOf = (c: Context): OrderId => pathId(c, OrderIdSchema, Order.orderNotFound);

/** A checkout without its payment yet says when to ask for it. */
export function checkoutAnswer(c: Context, { retryAfterSeconds, ...checkout }: Stripe.Started, status: 200 | 201): Response {
  return c.json(checkout, status, retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) });
}

/** /orders/:id, for whoever holds its token or bought it signed in. */
export function orders(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/orders/:id",
      tag,
      summary: "Get an order and its tickets",
      params,
      security,
      success: { status: 200, description: "The order; tickets are there once it is fulfilled", schema: OrderView },
      errors: ["order.not_found"],
    },
    async (c) => c.json(await Order.get({ orderId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/cancel",
      tag,
      summary: "Cancel an unpaid order",
      params,
      security,
      description: "Its payment is cancelled at Stripe first, then its seats go back. When the money was faster, the order is fulfilled.",
      success: { status: 200, description: "The order as it ended", schema: OrderView },
      errors: ["order.not_found", "order.not_cancellable", "order.payment_processing", "payment.unavailable"],
    },
    async (c) => c.json(await Stripe.cancel(idOf(c))),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/pay",
      tag,
      summary: "Start or retry the payment of an order",
      params,
      security,
      success: { status: 200, description: "The order and its payment; null with Retry-After when too many are paying", schema: Checkout },
      errors: ["order.not_found", "order.not_payable", "order.expired"],
    },
    async (c) => checkoutAnswer(c, await Stripe.pay(idOf(c)), 200),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/extend",
      tag,
      summary: "Ask for more time, once",
      params,
      security,
      success: { status: 200, description: "The order with its new expiresAt", schema: OrderView },
      errors: ["order.not_found", "order.not_extendable", "order.expired"],
    },
    async (c) => c.json(await Order.extend({ orderId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/orders/:id/refunds",
      tag,
      summary: "Give money back",
      params,
      headers: IdempotencyKeyHeader.required(),
      body: RefundRequest,
      security,
      description:
        "All that may go back, an `amount`, or the price of `ticketIds`, which are revoked. Buyers and organizers are bound by the event's refund policy, admins by what is left. The refund is `pending` until Stripe has made it, and can still fail days later.",
      success: { status: 201, description: "The refund", schema: RefundView },
      errors: [
        "order.not_found",
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
      tag,
      summary: "The refunds of an order",
      params,
      security,
      success: { status: 200, description: "Oldest first, and what is left of the money; a failed one is shown as such", schema: RefundList },
      errors: ["order.not_found"],
    },
    async (c) => c.json(await Order.listRefunds({ orderId: idOf(c) })),
  );
}
