import { inTurns } from "@fashionistas/core/in-turns";
import * as Ledger from "@fashionistas/core/ledger";
import type { ReconciliationRow } from "@fashionistas/core/reconciliation";
import { DAY_MS, dayOf, isoOf, msOf } from "@fashionistas/core/time";
import { asking, isMissing, stripe } from "../client.ts";
import { idOf } from "../map.ts";
import { AT_ONCE, isYoung, report, type Slice, type Tally } from "./slice.ts";

const PAGES_PER_SLICE = 40;
const LOOK_UPS_PER_SLICE = 100;

/**
 * Every row of our ledger must be money that moved at Stripe. Those whose transaction was met before carry it and cost nothing;
 * the others, which are few, are looked up one by one. Day by day: a slice is some pages, and no more than a hundred look-ups.
 */
export async function compareLedger(job: ReconciliationRow, tally: Tally): Promise<Slice> {
  let day = job.day ?? dayOf(job.since);
  let cursor = job.cursor ?? null;
  for (let pages = 0, lookUps = 0; pages < PAGES_PER_SLICE && lookUps < LOOK_UPS_PER_SLICE; pages++) {
    const page = await Ledger.pageByDay(day, cursor);
    const unconfirmed = page.rows.filter((row) => row.transactionId === undefined && concerns(job, row));
    await inTurns(unconfirmed, AT_ONCE, (row) => lookUp(tally, row));
    lookUps += unconfirmed.length;
    cursor = page.cursor;
    if (cursor === null) day = dayOf(isoOf(msOf(day) + DAY_MS));
    if (cursor === null && day >= job.until) return null;
  }
  return { day, ...(cursor === null ? {} : { cursor }), share: shareAt(job, day) };
}

function concerns(job: ReconciliationRow, { at }: Ledger.LedgerRow): boolean {
  return at >= job.since && at < job.until && !isYoung(job, msOf(at));
}

function shareAt({ since, until }: ReconciliationRow, day: string): number {
  return (msOf(day) - msOf(since)) / (msOf(until) - msOf(since));
}

async function lookUp(tally: Tally, row: Ledger.LedgerRow): Promise<void> {
  const { orderId, kind, reference, amount, currency, at } = row;
  const found = await atStripe(row);
  const difference = { kind, reference, orderId, ledger: { amount, currency }, at };
  tally.counts.compared += 1;
  if (!found) return report(tally, { code: "not_at_provider", ...difference });
  if (found.amount !== amount || found.currency !== currency)
    return report(tally, { code: "amount_differs", ...difference, provider: { amount: found.amount, currency: found.currency } });
  tally.counts.equal += 1;
  if (found.transactionId !== undefined) await Ledger.confirm({ orderId, kind, reference, transactionId: found.transactionId });
}

type Found = { amount: number; currency: string; transactionId: string | undefined };

async function atStripe(row: Ledger.LedgerRow): Promise<Found | undefined> {
  const [prefix = ""] = row.reference.split("_");
  const ask = LOOK_UPS[prefix];
  if (!ask) return undefined;
  return asking(() => ask(row)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/** By the beginning of the reference: the object that a row names, and the transaction that moved its money. */
const LOOK_UPS: Record<string, (row: Ledger.LedgerRow) => Promise<Found | undefined>> = {
  pi: async ({ reference }) => {
    const { status, amount_received, currency, latest_charge } = await stripe().paymentIntents.retrieve(reference, { expand: ["latest_charge"] });
    // The transaction of a charge follows a little later than the charge.
    const charge = typeof latest_charge === "object" ? latest_charge : null;
    return status === "succeeded" ? found(amount_received, currency, charge?.balance_transaction) : undefined;
  },
  re: refund,
  pyr: refund,
  du: dispute,
  dp: dispute,
  txn: async ({ reference, kind }) => {
    const { amount, fee, currency } = await stripe().balanceTransactions.retrieve(reference);
    return found(kind === "fee" ? fee : Math.abs(amount), currency, reference);
  },
};

async function refund({ reference, kind }: Ledger.LedgerRow): Promise<Found | undefined> {
  const { amount, currency, balance_transaction, failure_balance_transaction } = await stripe().refunds.retrieve(reference);
  if (kind === "refund") return found(amount, currency, balance_transaction);
  return failure_balance_transaction ? found(amount, currency, failure_balance_transaction) : undefined;
}

async function dispute({ reference, kind }: Ledger.LedgerRow): Promise<Found | undefined> {
  const { amount, currency, balance_transactions } = await stripe().disputes.retrieve(reference);
  const transaction = balance_transactions.find((one) => one.amount < 0 === (kind === "dispute"));
  return transaction && found(amount, currency, transaction.id);
}

function found(amount: number, currency: string, transaction: string | { id: string } | null | undefined): Found {
  return { amount, currency: currency.toUpperCase(), transactionId: idOf(transaction) };
}
