import * as Ledger from "@fashionistas/core/ledger";
import * as Order from "@fashionistas/core/order";
import type { ReconciliationRow } from "@fashionistas/core/reconciliation";
import { msOf } from "@fashionistas/core/time";
import { inTurns, isYoung, report, type Slice, type Tally } from "./slice.ts";

const PAGES_PER_SLICE = 5;

/** Every order of the time that has tickets and a price must have its charge, and every charged one its tickets or its end. */
export async function compareOrders(job: ReconciliationRow, tally: Tally): Promise<Slice> {
  let cursor: string | null = job.cursor ?? null;
  for (let pages = 0; pages < PAGES_PER_SLICE; pages++) {
    const page = await Order.pageOfAll(cursor);
    await inTurns(
      page.orders.filter((order) => concerns(job, order)),
      (order) => compareOrder(tally, order),
    );
    cursor = page.cursor;
    if (cursor === null) return null;
  }
  // How much there is to come nobody knows.
  return { cursor: cursor!, share: 0.5 };
}

function concerns(job: ReconciliationRow, { amount, createdAt, updatedAt }: Order.OrderRow): boolean {
  return amount > 0 && createdAt >= job.since && createdAt < job.until && !isYoung(job, msOf(updatedAt));
}

async function compareOrder(tally: Tally, { orderId, status, amount, currency, updatedAt }: Order.OrderRow): Promise<void> {
  const hasTickets = status === "fulfilled" || status === "voided";
  const charge = (await Ledger.listByOrder(orderId)).find(({ kind }) => kind === "charge");
  if (hasTickets === (charge !== undefined) || status === "unfulfillable") return;
  const difference = { kind: "charge" as const, reference: orderId, orderId, at: updatedAt };
  if (hasTickets) report(tally, { code: "no_charge", ...difference, ledger: { amount, currency } });
  else report(tally, { code: "order_not_fulfilled", ...difference, ledger: { amount: charge!.amount, currency: charge!.currency } });
}
