import { balanceOf, type LedgerRow } from "@fashionistas/core/ledger";
import type { RefundRow } from "@fashionistas/core/refund";
import type { Books } from "./invariants.ts";

/** What Stripe holds, as its stand-in stores it. */
type Intent = { id: string; status: string; amount_received: number; metadata: Record<string, string> };
type StripeRefund = { id: string; status: string; amount: number };
type StripeDispute = { balance_transactions: { id: string; amount: number }[] };
type Paid = { orderId: string; status: string; attempts: { intentId?: string; status: string }[] };

const OVER = ["expired", "cancelled", "fulfilled", "voided", "unfulfillable"];

/** Every fact at Stripe stands in the ledger once, with its amount, and nothing else does; whoever paid has tickets or their money. */
export async function brokenMoney(world: Books, orders: readonly Paid[], ledger: readonly LedgerRow[], refunds: readonly RefundRow[]): Promise<string[]> {
  const [intents, refundsThere, disputes] = await Promise.all([
    world.store.list<{ intent: Intent }>("stripe_payment_intents"),
    world.store.list<{ refund: StripeRefund }>("stripe_refunds"),
    world.store.list<StripeDispute>("stripe_disputes"),
  ]);
  const known = new Map(orders.map((order) => [order.orderId, order]));
  const paid = intents.map(({ value }) => value.intent).filter(({ status }) => status === "succeeded");
  const facts = [
    ...paid.map(({ id, amount_received }) => `charge ${id} ${amount_received}`),
    ...refundsThere.flatMap(({ value: { refund } }) => [
      `refund ${refund.id} ${refund.amount}`,
      ...(refund.status === "failed" || refund.status === "canceled" ? [`refund_failure ${refund.id} ${refund.amount}`] : []),
    ]),
    ...disputes.flatMap(({ value }) =>
      value.balance_transactions.map(({ id, amount }) => `${amount < 0 ? "dispute" : "dispute_reversal"} ${id} ${Math.abs(amount)}`),
    ),
  ];
  const booked = ledger.filter(({ kind }) => kind !== "fee").map(({ kind, reference, amount }) => `${kind} ${reference} ${amount}`);
  const open = intents
    .map(({ value }) => value.intent)
    .filter(({ status, metadata }) => status !== "succeeded" && status !== "canceled" && OVER.includes(known.get(metadata["order_id"] ?? "")?.status ?? ""))
    .map(({ id, metadata }) => `${id} can still be paid although ${metadata["order_id"]} has ended`);
  return [
    ...facts.filter((fact) => !booked.includes(fact)).map((fact) => `${fact} is not booked`),
    ...booked.filter((row) => !facts.includes(row)).map((row) => `${row} is booked but never happened`),
    ...(new Set(booked).size === booked.length ? [] : ["a fact is booked twice"]),
    ...open,
    ...paid.flatMap(({ id, metadata }) => paidForNothing(id, known.get(metadata["order_id"] ?? ""), ledger, refunds)),
    ...[...known.keys()].flatMap((orderId) => tooMuchBack(orderId, ledger, refunds)),
    ...refunds.filter(({ status, providerRefundId }) => status === "pending" && !providerRefundId).map(({ refundId }) => `${refundId} never reached Stripe`),
    ...refundsThere.flatMap(({ value: { refund } }) => otherThanThere(refund, refunds)),
  ];
}

function otherThanThere({ id, status }: StripeRefund, refunds: readonly RefundRow[]): string[] {
  const wanted = status === "canceled" ? "failed" : status;
  return refunds.filter((row) => row.providerRefundId === id && row.status !== wanted).map((row) => `${row.refundId} is ${row.status}, at Stripe ${status}`);
}

function paidForNothing(intentId: string, order: Paid | undefined, ledger: readonly LedgerRow[], refunds: readonly RefundRow[]): string[] {
  if (!order) return [`${intentId} is paid but its order is missing`];
  const bought = order.attempts.some((attempt) => attempt.intentId === intentId && attempt.status === "succeeded") && order.status !== "unfulfillable";
  if (bought) return order.status === "fulfilled" || order.status === "voided" ? [] : [`${intentId} is paid but its order is ${order.status}`];
  const captured = ledger.filter(({ kind, reference }) => kind === "charge" && reference === intentId).reduce((sum, { amount }) => sum + amount, 0);
  const back = refunds.filter((refund) => refund.intentId === intentId);
  const returned = back.filter(({ status }) => status !== "failed").reduce((sum, { amount }) => sum + amount, 0);
  return returned === captured || back.some(({ status }) => status === "failed") ? [] : [`${intentId} bought nothing and is not given back`];
}

function tooMuchBack(orderId: string, ledger: readonly LedgerRow[], refunds: readonly RefundRow[]): string[] {
  const { captured } = balanceOf(ledger.filter((row) => row.orderId === orderId));
  const back = refunds.filter((refund) => refund.orderId === orderId && refund.status !== "failed").reduce((sum, { amount }) => sum + amount, 0);
  return back > captured ? [`${orderId} gives ${back} back of ${captured}`] : [];
}
