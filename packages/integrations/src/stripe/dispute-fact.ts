import type { DisputeFact, Movement } from "@fashionistas/core/dispute/schema";
import type { OrderId } from "@fashionistas/core/id";
import { isoOfSeconds } from "@fashionistas/core/time";
import type Stripe from "stripe";
import { attemptOf } from "./map.ts";

/** The payment that is disputed, when the dispute was read with it. */
export function disputedIntent({ payment_intent: intent }: Stripe.Dispute): Stripe.PaymentIntent | undefined {
  return intent !== null && typeof intent === "object" ? intent : undefined;
}

/** The order whose payment is disputed; undefined when it is none of ours. */
export function disputedOrder(dispute: Stripe.Dispute): OrderId | undefined {
  const intent = disputedIntent(dispute);
  return intent && (attemptOf(intent)?.orderId as OrderId | undefined);
}

/** A dispute of an order of ours, in our words. */
export function disputeFact(dispute: Stripe.Dispute, orderId: OrderId): DisputeFact {
  const { network_reason_code: code, evidence_details: details } = dispute;
  return {
    providerDisputeId: dispute.id,
    orderId,
    status: dispute.status,
    amount: dispute.amount,
    currency: dispute.currency.toUpperCase(),
    reason: dispute.reason,
    ...(code ? { networkReasonCode: code } : {}),
    // 0: the bank takes no answer.
    ...(details.due_by ? { evidenceDueAt: isoOfSeconds(details.due_by) } : {}),
    submissions: details.submission_count,
    movements: dispute.balance_transactions.map((transaction) => movementOf(transaction, dispute)),
    openedAt: isoOfSeconds(dispute.created),
  };
}

// Our books are in the currency of the charge; what is settled in another one is worth what is disputed.
function movementOf({ id, amount, currency, created }: Stripe.BalanceTransaction, dispute: Stripe.Dispute): Movement {
  return {
    reference: id,
    way: amount < 0 ? "withdrawn" : "reinstated",
    amount: currency === dispute.currency ? Math.abs(amount) : dispute.amount,
    currency: dispute.currency.toUpperCase(),
    at: isoOfSeconds(created),
  };
}
