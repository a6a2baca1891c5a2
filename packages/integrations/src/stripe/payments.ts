import { paymentStartsPerSecond } from "@fashionistas/core/config";
import { context, now, withContext } from "@fashionistas/core/context";
import { VisibleError } from "@fashionistas/core/error";
import type { OrderId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import type { Checkout, OrderView, PaymentView } from "@fashionistas/core/order/schema";
import * as RateLimit from "@fashionistas/core/rate-limit";
import { DAY_MS, msOf } from "@fashionistas/core/time";
import type Stripe from "stripe";
import { asking, intentInError, isRefusal, stripe } from "./client.ts";
import { attemptKey, attemptOf, intentParams, outcomeOf } from "./map.ts";

/** A checkout, and after how many seconds the payment should be asked for when it could not be started now. */
export type Started = Checkout & { retryAfterSeconds?: number };

const BUSY_RETRY_SECONDS = 2;

/**
 * Places an order and starts its payment. When no payment can be started now (our budget of provider calls is used up, or
 * the provider does not answer) the seats are held all the same and the buyer pays with `pay` when asked to.
 */
export async function purchase(input: Omit<Parameters<typeof Order.place>[0], "mayStartPayment">): Promise<Started> {
  const order = await Order.place({ ...input, mayStartPayment: mayAskStripe });
  if (order.status !== "held") return checkout(await Order.viewWithTickets(order), null);
  return order.attempts.length > 0 ? startedOrHeld(order) : busy(order);
}

/** Rebuilds the answer of a purchase made before, going on where it ended; undefined when there is no such order. */
export async function repeatPurchase(orderId: string): Promise<Started | undefined> {
  const order = await Order.find(orderId);
  if (!order) return undefined;
  const waits = (order.status === "held" || order.status === "awaiting_payment") && msOf(order.expiresAt) > now();
  if (!waits) return checkout(await Order.viewWithTickets(order), null);
  // The key and the body are the first call's: so is the caller.
  const { actor, ...rest } = context();
  return withContext({ ...rest, actor: { ...actor, holds: order.orderId as OrderId } as typeof actor }, () => goOnBuying(order));
}

async function goOnBuying({ orderId, amount }: Order.OrderRow): Promise<Started> {
  if (amount > 0) return pay(orderId as OrderId);
  return checkout(await Order.viewWithTickets(await Order.completeFree({ orderId })), null);
}

/** Starts or retries the payment of an order. @throws order.not_found, order.not_payable, order.expired, order.event_cancelled */
export async function pay(orderId: OrderId): Promise<Started> {
  const order = await Order.getPayable({ orderId });
  if (!(await mayAskStripe())) return busy(order);
  return startedOrHeld(await Order.startPayment({ orderId }));
}

/**
 * Ends an unpaid order: every attempt is cancelled at Stripe before its seats go back. When the money was faster the order is
 * fulfilled instead; while a payment is processing the order waits.
 * @throws order.not_found, order.not_cancellable, payment.unavailable
 */
export async function end(orderId: string, reason: "cancelled" | "expired"): Promise<Order.OrderRow> {
  const order = await Order.end({ orderId, reason });
  if (order.status !== "expiring") return order;
  for (const attempt of order.attempts) {
    if (attempt.status === "cancelled") continue;
    const intent = await cancelled(order, attempt);
    const settled = intent ? await settle(intent) : await Order.recordAttemptCancelled({ orderId, attempt: attempt.n });
    if (settled?.status === "fulfilled") return settled;
    if (settled?.attempts.find(({ n }) => n === attempt.n)?.status !== "cancelled") return settled ?? order;
  }
  return Order.release({ orderId });
}

/** Goes on with an order that is due, wherever its last worker left it. */
export async function goOn(order: Order.OrderRow): Promise<void> {
  const { orderId, status } = order;
  if (status === "unfulfillable") await Order.finishGivingUp({ orderId });
  else if (status !== "reclaiming") await end(orderId, "expired");
  else for (const { intentId } of order.attempts) if (intentId) await processPayment(intentId);
}

/** Cancels an order for its owner. @throws order.payment_processing while a payment is under way, and what `end` throws */
export async function cancel(orderId: string): Promise<OrderView> {
  const order = await end(orderId, "cancelled");
  if (order.status === "expiring")
    throw Order.paymentRunning("Your payment is being processed: it is cancelled, or your tickets are there, as soon as that is known.");
  return Order.viewWithTickets(order);
}

/**
 * Brings an order up to what Stripe says of one of its payments now. Duplicates and any order of events are harmless: the
 * payment is read again, and an order only moves forward. @returns false when the payment is none of ours
 */
export async function processPayment(intentId: string): Promise<boolean> {
  const intent = await asking(() => stripe().paymentIntents.retrieve(intentId));
  return (await settle(intent)) !== undefined;
}

async function settle(intent: Stripe.PaymentIntent): Promise<Order.OrderRow | undefined> {
  const ours = attemptOf(intent);
  if (!ours) return undefined;
  const outcome = outcomeOf(intent);
  switch (outcome.is) {
    case "succeeded": {
      const { amount, currency } = outcome;
      return Order.markPaid({ ...ours, intentId: intent.id, amount, currency });
    }
    case "declined":
      return Order.recordDecline({ ...ours, code: outcome.code });
    case "processing":
      return Order.recordProcessing(ours);
    case "cancelled":
      return Order.recordAttemptCancelled(ours);
    case "open":
      return Order.find(ours.orderId);
  }
}

async function startedOrHeld(order: Order.OrderRow): Promise<Started> {
  try {
    return await withIntent(order);
  } catch (error) {
    if (error instanceof VisibleError && error.kind === "unavailable") return busy(order);
    throw error;
  }
}

async function withIntent(order: Order.OrderRow): Promise<Started> {
  const attempt = Order.currentAttempt(order)!;
  if (!attempt.intentId) {
    const intent = await createIntent(order, attempt.n);
    return checkout(await Order.viewWithTickets(await Order.recordIntent({ order, attempt: attempt.n, intentId: intent.id })), intent);
  }
  const intent = await asking(() => stripe().paymentIntents.retrieve(attempt.intentId!));
  const settled = (await settle(intent)) ?? order;
  if (intent.status === "canceled") return withIntent(await Order.startPayment({ orderId: order.orderId }));
  return checkout(await Order.viewWithTickets(settled), settled.status === "fulfilled" ? null : intent);
}

// No idempotency key: Stripe would replay a refusal for a day, long after the payment has come into another state. Cancelling
// twice is harmless, the second call is told that it is cancelled.
async function cancelled(order: Order.OrderRow, attempt: Order.Attempt): Promise<Stripe.PaymentIntent | undefined> {
  const intentId = attempt.intentId ?? (await lostIntent(order, attempt.n))?.id;
  if (!intentId) return undefined;
  const cancellation_reason = order.ending === "cancelled" ? "requested_by_customer" : "abandoned";
  return asking(() =>
    stripe()
      .paymentIntents.cancel(intentId, { cancellation_reason })
      .catch(async (error: unknown) => {
        if (!intentInError(error)) throw error;
        return stripe().paymentIntents.retrieve(intentId);
      }),
  );
}

// A payment whose answer we lost: the same key brings the same payment for a day; after that only a search can find it.
// A definite refusal to make it says that there is none: had there been one, the key would have brought it.
async function lostIntent(order: Order.OrderRow, n: number): Promise<Stripe.PaymentIntent | undefined> {
  if (now() - msOf(order.createdAt) > DAY_MS) {
    const query = `metadata['order_id']:'${order.orderId}' AND metadata['attempt']:'${n}'`;
    const { data } = await asking(() => stripe().paymentIntents.search({ query }));
    return data[0];
  }
  return createIntent(order, n).catch((error: unknown) => {
    if (isRefusal(error)) return undefined;
    throw error;
  });
}

function createIntent(order: Order.OrderRow, n: number): Promise<Stripe.PaymentIntent> {
  return asking(() => stripe().paymentIntents.create(intentParams(order, n), { idempotencyKey: attemptKey(order.orderId, n) }));
}

async function mayAskStripe(): Promise<boolean> {
  const limit = paymentStartsPerSecond();
  return (await RateLimit.take("stripe", { limit, seconds: 1, batch: Math.min(10, Math.floor(limit / 20)) })).taken;
}

async function busy(order: Order.OrderRow): Promise<Started> {
  return { ...checkout(await Order.viewWithTickets(order), null), retryAfterSeconds: BUSY_RETRY_SECONDS };
}

function checkout(order: OrderView, intent: Stripe.PaymentIntent | null): Checkout {
  const payment: PaymentView | null = intent && { provider: "stripe", paymentIntentId: intent.id, clientSecret: intent.client_secret ?? "" };
  return { order, payment, orderToken: Order.tokenOf(order.id) };
}
