import { isoOfSeconds } from "@fashionistas/core/time";
import type Stripe from "stripe";
import { idOf } from "../map.ts";

type Kind = "charge" | "refund" | "refund_failure" | "dispute" | "dispute_reversal";

/** Money that moved at Stripe, in our words. `ids`: under which it may be booked, the most specific first. */
export type StripeMovement = {
  kind: Kind;
  transactionId: string;
  /** The charge, refund or dispute. */
  objectId: string;
  ids: string[];
  intentId: string | undefined;
  /** From the charge's metadata; refunds and disputes do not carry it. */
  orderId: string | undefined;
  /** In the currency the buyer paid in. */
  amount: number;
  currency: string;
  at: string;
  /** What Stripe kept, in the currency it settles in. */
  fee: { amount: number; currency: string } | undefined;
  /** How a dispute stands now: a verdict may move no money. */
  disputeStatus?: string;
};

// Bank debits are `payment`s; everything of an order but these four is unusual, and of the account the rest.
const USUAL = new Set(["charge", "payment", "refund", "payment_refund", "refund_failure"]);
const UNUSUAL = new Set(["payment_failure_refund", "payment_reversal", "payment_unreconciled"]);

/** A balance transaction as a movement of an order's money; `unknown` when we book no such thing; undefined: of the account's. */
export function movementOf(transaction: Stripe.BalanceTransaction): StripeMovement | "unknown" | undefined {
  const { type, source } = transaction;
  if (UNUSUAL.has(type)) return "unknown";
  const isDispute = type === "adjustment" && typeof source === "object" && source?.object === "dispute";
  if (!USUAL.has(type) && !isDispute) return undefined;
  if (source === null || typeof source === "string") return "unknown";
  switch (source.object) {
    case "charge":
      return movement(transaction, "charge", source, idOf(source.payment_intent), {
        orderId: source.metadata["order_id"],
        moved: source.amount_captured,
        also: [idOf(source.payment_intent) ?? source.id],
      });
    case "refund":
      return movement(transaction, type === "refund_failure" ? "refund_failure" : "refund", source, idOf(source.payment_intent), {
        moved: source.amount,
        also: [source.metadata?.["refund_id"] ?? source.id],
      });
    case "dispute":
      return {
        ...movement(transaction, transaction.amount < 0 ? "dispute" : "dispute_reversal", source, idOf(source.payment_intent), {
          moved: source.amount,
          also: [],
        }),
        disputeStatus: source.status,
      };
    default:
      return "unknown";
  }
}

function movement(
  transaction: Stripe.BalanceTransaction,
  kind: Kind,
  source: { id: string; currency: string },
  intentId: string | undefined,
  { orderId, moved, also }: { orderId?: string | undefined; moved: number; also: string[] },
): StripeMovement {
  const { id, amount, currency, created, fee } = transaction;
  return {
    kind,
    transactionId: id,
    objectId: source.id,
    ids: [id, source.id, ...also],
    intentId,
    orderId,
    // Settled in another currency, the transaction tells the converted amount.
    amount: currency === source.currency ? Math.abs(amount) : moved,
    currency: source.currency.toUpperCase(),
    at: isoOfSeconds(created),
    fee: fee > 0 ? { amount: fee, currency: currency.toUpperCase() } : undefined,
  };
}
