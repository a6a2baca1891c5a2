import * as Dispute from "@fashionistas/core/dispute";
import { isChangedMeanwhile, nameOf, VisibleError } from "@fashionistas/core/error";
import { inTurns } from "@fashionistas/core/in-turns";
import * as Ledger from "@fashionistas/core/ledger";
import { log } from "@fashionistas/core/log";
import * as Order from "@fashionistas/core/order";
import { compare, type ReconciliationRow } from "@fashionistas/core/reconciliation";
import { isoOfSeconds, msOf, SECOND_MS } from "@fashionistas/core/time";
import { asking, stripe } from "../client.ts";
import { attemptOf } from "../map.ts";
import { processDispute, processPayment, processRefund } from "../verbs.ts";
import { movementOf, type StripeMovement } from "./movement.ts";
import { AT_ONCE, isYoung, report, type Slice, type Tally } from "./slice.ts";

const TRANSACTIONS_PER_SLICE = 100;
const ROUNDS = 3;

/** What the webhook of a movement would have done: doing it again is harmless, and the only way anything is repaired. */
const REPAIRS: Record<StripeMovement["kind"], (movement: StripeMovement) => Promise<unknown>> = {
  charge: ({ intentId }) => processPayment(intentId!),
  refund: ({ objectId }) => processRefund(objectId),
  refund_failure: ({ objectId }) => processRefund(objectId),
  dispute: ({ objectId }) => processDispute(objectId),
  dispute_reversal: ({ objectId }) => processDispute(objectId),
};

/** Every movement of a page of Stripe's balance transactions, newest first, must be in the ledger of its order. */
export async function compareProvider(job: ReconciliationRow, tally: Tally): Promise<Slice> {
  const page = await asking(() =>
    stripe().balanceTransactions.list({
      created: { gte: secondsFrom(job.since), lt: Math.ceil(msOf(job.until) / SECOND_MS) },
      limit: TRANSACTIONS_PER_SLICE,
      expand: ["data.source"],
      ...(job.cursor ? { starting_after: job.cursor } : {}),
    }),
  );
  const movements: StripeMovement[] = [];
  for (const transaction of page.data) {
    const movement = movementOf(transaction);
    if (movement === undefined) continue;
    tally.counts.compared += 1;
    if (movement !== "unknown") movements.push(movement);
    else report(tally, { code: "unknown_movement", kind: null, reference: transaction.id, at: isoOfSeconds(transaction.created) });
  }
  await inTurns([...byPayment(movements).values()], AT_ONCE, (some) => comparePayment(job, tally, some));
  const last = page.data.at(-1);
  if (!page.has_more || !last) return null;
  return { cursor: last.id, share: (msOf(job.until) - last.created * SECOND_MS) / (msOf(job.until) - msOf(job.since)) };
}

function secondsFrom(iso: string): number {
  return Math.floor(msOf(iso) / SECOND_MS);
}

/** Movements of one payment, oldest first: what is repaired is repaired in the order in which it happened. */
function byPayment(movements: readonly StripeMovement[]): Map<string, StripeMovement[]> {
  const groups = new Map<string, StripeMovement[]>();
  for (const movement of movements.toReversed()) {
    const key = movement.intentId ?? movement.objectId;
    groups.set(key, [...(groups.get(key) ?? []), movement]);
  }
  return groups;
}

async function comparePayment(job: ReconciliationRow, tally: Tally, movements: readonly StripeMovement[]): Promise<void> {
  const orderId = await orderIdOf(movements);
  const order = orderId === undefined ? undefined : await Order.find(orderId);
  if (!order) return movements.forEach((movement) => report(tally, { code: "unknown_payment", ...about(movement), orderId: orderId ?? null }));
  let rows = await Ledger.listByOrder(order.orderId);
  for (const movement of movements) {
    let verdict = compare(movement, rows);
    if (verdict.is === "missing" && isYoung(job, msOf(movement.at))) {
      tally.counts.waiting += 1;
      continue;
    }
    const isBehind = verdict.is === "missing" || (await isOutdated(movement));
    for (let round = 1; isBehind && round <= ROUNDS; round++) {
      const error = await repair(movement);
      rows = await Ledger.listByOrder(order.orderId);
      verdict = compare(movement, rows);
      if (isUnavailable(error)) throw error;
      // Somebody is at it at this moment, its webhook for example.
      if (!isChangedMeanwhile(error)) break;
    }
    if (verdict.is === "equal") {
      tally.counts[isBehind ? "repaired" : "equal"] += 1;
      if (verdict.row.transactionId === undefined) await Ledger.confirm({ ...keyOf(verdict.row), transactionId: movement.transactionId });
    } else {
      const ledger = verdict.is === "missing" ? null : { amount: verdict.row.amount, currency: verdict.row.currency };
      report(tally, { code: verdict.is === "missing" ? "not_booked" : "amount_differs", ...about(movement), orderId: order.orderId, ledger });
    }
    if (movement.fee && !rows.some(({ kind, reference }) => kind === "fee" && reference === movement.transactionId)) {
      const isNew = await Ledger.bookFee({ ...feeOf(movement, movement.fee), orderId: order.orderId, eventId: order.eventId });
      if (isNew) tally.counts.fees += 1;
    }
  }
  const charge = movements.find(({ kind }) => kind === "charge");
  if (charge && rows.some(({ kind }) => kind === "charge") && !(await hasItsDue(order)))
    report(tally, { code: "order_not_fulfilled", ...about(charge), orderId: order.orderId, ledger: { amount: charge.amount, currency: charge.currency } });
}

/** Whoever paid has tickets, or an order that gave the money back. An order that was repaired since it was read is read again. */
async function hasItsDue(order: Order.OrderRow): Promise<boolean> {
  if (Order.isSettled(order.status)) return true;
  const standing = await Order.find(order.orderId);
  return standing !== undefined && Order.isSettled(standing.status);
}

/** Does a dispute whose money is booked stand elsewhere than we know? */
async function isOutdated({ objectId, disputeStatus }: StripeMovement): Promise<boolean> {
  return disputeStatus !== undefined && (await Dispute.find(Dispute.idOf(objectId)))?.status !== disputeStatus;
}

async function orderIdOf(movements: readonly StripeMovement[]): Promise<string | undefined> {
  const told = movements.find(({ orderId }) => orderId !== undefined)?.orderId;
  const { intentId } = movements[0]!;
  if (told !== undefined || intentId === undefined) return told;
  return attemptOf(await asking(() => stripe().paymentIntents.retrieve(intentId)))?.orderId;
}

async function repair(movement: StripeMovement): Promise<unknown> {
  const { kind, objectId } = movement;
  try {
    await REPAIRS[kind](movement);
    return undefined;
  } catch (error) {
    log.warn("money not repaired", { kind, reference: objectId, error: nameOf(error) });
    return error;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof VisibleError && error.kind === "unavailable";
}

function about({ kind, objectId, transactionId, amount, currency, at }: StripeMovement) {
  return { kind, reference: objectId, transactionId, provider: { amount, currency }, at };
}

function feeOf({ transactionId, at }: StripeMovement, { amount, currency }: { amount: number; currency: string }) {
  return { transactionId, amount, currency, at };
}

function keyOf({ orderId, kind, reference }: Ledger.LedgerRow) {
  return { orderId, kind, reference };
}
