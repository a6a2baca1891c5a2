import * as Cancellation from "@fashionistas/core/cancellation";
import { nameOf } from "@fashionistas/core/error";
import { inTurns } from "@fashionistas/core/in-turns";
import { log } from "@fashionistas/core/log";
import * as Order from "@fashionistas/core/order";
import * as Refund from "@fashionistas/core/refund";
import { end } from "./payments.ts";

const AT_ONCE = 8;
const ORDERS_PER_SLICE = 48;

/**
 * Does the next slice of an event's cancellation. Several may do it at once: one of them moves the job on. `step`: the slice
 * that was asked for; a message that comes again, when that is done, asks for nothing. Without it: whichever is next.
 */
export async function continueCancellation(eventId: string, step?: number): Promise<void> {
  const job = await Cancellation.find(eventId);
  if (!job || (step !== undefined && job.step !== step)) return;
  const slice = { ending, refunding, settling, done: recheck }[job.phase];
  await slice(job);
  // Whoever watches sees at once how many refunds are on their way.
  const next = job.phase === "refunding" ? await Cancellation.find(eventId) : undefined;
  if (next?.phase === "settling") await settling(next);
}

async function ending({ eventId, step, cursor = "0", counts }: Cancellation.CancellationRow): Promise<void> {
  let at = Number(cursor);
  let [met, ended] = [0, 0];
  for (; at < Order.DUE_SHARDS.length && met < ORDERS_PER_SLICE; at++) {
    const unfinished = await Order.listUnfinished(Order.DUE_SHARDS[at]!, eventId);
    ended += await countIn(unfinished, async ({ orderId }) => (await end(orderId, "cancelled")).status === "cancelled");
    met += unfinished.length;
  }
  const next = at === Order.DUE_SHARDS.length ? { phase: "refunding" as const } : { phase: "ending" as const, cursor: String(at) };
  await Cancellation.advance({ eventId, step, ...next, counts: { ended: counts.ended + ended } });
}

async function refunding({ eventId, step, cursor, counts }: Cancellation.CancellationRow): Promise<void> {
  const page = await Order.pageOfSales(eventId, ORDERS_PER_SLICE, cursor);
  const voided = await countIn(page.orders, async ({ orderId }) => (await Order.voidOrder({ orderId })).status === "voided");
  const next = page.cursor === null ? { phase: "settling" as const } : { phase: "refunding" as const, cursor: page.cursor };
  await Cancellation.advance({ eventId, step, ...next, counts: { sold: counts.sold + page.orders.length, voided: counts.voided + voided } });
}

async function settling({ eventId, step }: Cancellation.CancellationRow): Promise<void> {
  const counts = { pending: 0, succeeded: 0, failed: 0, amount: 0 };
  for await (const refunds of Refund.listByEvent(eventId)) {
    for (const { reason, status, amount } of refunds) {
      if (reason !== "event_cancelled") continue;
      counts[status] += 1;
      if (status !== "failed") counts.amount += amount;
    }
  }
  await Cancellation.advance({ eventId, step, phase: counts.pending === 0 ? "done" : "settling", counts });
}

function recheck({ eventId, step }: Cancellation.CancellationRow): Promise<void> {
  return Cancellation.recheck({ eventId, step });
}

/** @returns of how many orders `work` said true. One that fails keeps nobody waiting: the job looks at it again within the hour */
async function countIn(orders: readonly Order.OrderRow[], work: (order: Order.OrderRow) => Promise<boolean>): Promise<number> {
  const outcomes = await inTurns(orders, AT_ONCE, (order) =>
    work(order).catch((error: unknown) => {
      log.warn("order of a cancelled event not ended", { orderId: order.orderId, error: nameOf(error) });
      return false;
    }),
  );
  return outcomes.filter(Boolean).length;
}
