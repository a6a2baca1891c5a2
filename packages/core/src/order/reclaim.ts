import * as Event from "../event/index.ts";
import { storageBusy } from "../error.ts";
import * as Pool from "../pool/index.ts";
import { transact, write } from "../db/transact.ts";
import { isoOf, MINUTE_MS, secondsOf } from "../time.ts";
import { OrderReclaimed, OrderReclaiming } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import type { PaymentFact } from "./fulfil.ts";
import { giveUp } from "./give-up.ts";
import { keepShares } from "./limits.ts";
import { isQuota, quotasOf } from "./phases.ts";
import { startPayingSeats } from "./seats.ts";
import { changeOf, due, subjectOf, withAttempt } from "./write.ts";

const ROUNDS = 8;
const HOLD_MINUTES = 10;

/**
 * Money came for an order whose seats have gone back: they are claimed again. The buckets are written into the order before
 * they are claimed, and replaced there when one refuses, so that all who rescue the same payment take the same seats. Once all
 * are claimed the order awaits its payment as it did before; when there are not enough, the money goes back.
 * @returns the order: awaiting_payment, its seats locked, or unfulfillable
 * @throws request.conflict when somebody else rescues it at this moment: read it again and go on
 */
export async function reclaim(order: OrderRow, payment: PaymentFact, now: number): Promise<OrderRow> {
  const event = await Event.find(order.eventId);
  if (!event || event.stage === "cancelled") return giveUp(order, payment, "event_cancelled", now);
  let current = order;
  for (let round = 0; round < ROUNDS; round++) {
    if (current.status === "reclaiming" && (await claimAsRecorded(current, now))) return resume(current, payment, now);
    const claims = await planned(current, [...Event.poolsOf(event), ...(await quotasOf(current))], now);
    if (!claims) return giveUp(current, payment, "sold_out", now);
    current = await recordPlan(current, payment, claims, now);
  }
  throw storageBusy("The seats go too fast to be claimed again: try again in a moment.", { retryAfterSeconds: 1 });
}

async function claimAsRecorded({ claims, orderId }: OrderRow, now: number): Promise<boolean> {
  const until = secondsOf(now + HOLD_MINUTES * MINUTE_MS);
  const outcomes = await Promise.all(claims.map((claim) => Pool.claim(claim, orderId, until)));
  return outcomes.every(({ outcome }) => outcome === "done");
}

async function planned(order: OrderRow, pools: readonly Pool.Pool[], now: number): Promise<Pool.Claim[] | undefined> {
  const plans = await Promise.all(
    [...new Set(order.claims.map(({ poolId }) => poolId))].map(async (poolId) => {
      const pool = pools.find((one) => one.poolId === poolId);
      const quantity = order.claims.filter((claim) => claim.poolId === poolId).reduce((seats, { q }) => seats + q, 0);
      const plan = await (pool && Pool.plan(pool, { orderId: order.orderId, quantity, nowS: secondsOf(now) }));
      // A price was promised: when its phase has no room any more, the seats are what counts.
      return plan ?? (isQuota(poolId) ? [] : undefined);
    }),
  );
  return plans.every((plan) => plan !== undefined) ? plans.flat() : undefined;
}

// Due at once: whoever dies on the way is followed by the sweeper.
async function recordPlan(order: OrderRow, { attempt, intentId }: PaymentFact, claims: Pool.Claim[], now: number): Promise<OrderRow> {
  const attempts = withAttempt(order, attempt, { status: "processing", intentId });
  const after = { status: "reclaiming" as const, claims, attempts, ...due(order.orderId, isoOf(now)) };
  const begins = order.status === "reclaiming" ? [] : [OrderReclaiming({ orderId: order.orderId, eventId: order.eventId, attempt })];
  const head = await transact(subjectOf(order), begins, (head) => [write(changeOf(order, head, after))]);
  return { ...order, ...after, ...head };
}

// The limit per person was met when the order was placed; what was bought since then only counts for what comes next.
async function resume(order: OrderRow, { attempt }: PaymentFact, now: number): Promise<OrderRow> {
  const expiresAt = isoOf(now + HOLD_MINUTES * MINUTE_MS);
  await keepShares(order);
  const after = { status: "awaiting_payment" as const, expiresAt, ...due(order.orderId, expiresAt) };
  const reclaimed = OrderReclaimed({ orderId: order.orderId, eventId: order.eventId, attempt });
  const head = await transact(subjectOf(order), [reclaimed], (head) => [write(changeOf(order, head, after))]);
  const resumed = { ...order, ...after, ...head };
  await startPayingSeats(resumed, now);
  return resumed;
}
