import type Stripe from "stripe";
import { display } from "./currencies.ts";
import { invalid, refused } from "./failure.ts";
import { mergeMetadata } from "./form.ts";
import { testMethod } from "./methods.ts";
import {
  answer,
  type Change,
  type ChargeRecord,
  chargeEntry,
  type EventDraft,
  fresh,
  type RefundRecord,
  refundEntry,
  transactionEntry,
  transactionJson,
} from "./objects.ts";

export type RefundParams = {
  amount?: number;
  reason?: Stripe.Refund.Reason;
  metadata?: Record<string, string>;
};
export type RefundChange = Change<Stripe.Refund>;

const destination = (status: "pending" | "available"): Stripe.Refund.DestinationDetails => ({
  card: {
    reference_status: status,
    reference_type: "acquirer_reference_number",
    type: status === "pending" ? "pending" : "refund",
  },
  type: "card",
});

/** Refunds a part of a paid charge, or all that is left of it. */
export function createRefund(record: ChargeRecord, params: RefundParams): RefundChange {
  const { charge } = record;
  const left = charge.amount_captured - charge.amount_refunded;
  if (record.disputeOpen) throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, "charge_disputed");
  if (left === 0) throw refused(`Charge ${charge.id} has already been refunded.`, "charge_already_refunded");
  const amount = params.amount ?? left;
  if (amount < 1) throw invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer");
  if (amount > left) {
    const message = `Refund amount (${display(amount, charge.currency)}) is greater than unrefunded amount on charge (${display(left, charge.currency)})`;
    throw refused(message, "amount_too_large", { param: "amount" });
  }
  const behaviour = testMethod(record.method).refund;
  const pending = behaviour === "pending_first";
  const { id, created } = fresh("re");
  const transaction = transactionJson("refund", -amount, charge.currency, id);
  const refund: Stripe.Refund = {
    id,
    object: "refund",
    amount,
    balance_transaction: transaction.id,
    charge: charge.id,
    created,
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details: destination("pending"),
    metadata: mergeMetadata({}, params.metadata),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: pending ? "pending" : "succeeded",
    transfer_reversal: null,
    ...(pending && { pending_reason: "processing" as const }),
  };
  const later = behaviour === "fails_later" ? "fails" : pending ? "succeeds" : null;
  const next = withRefunded(charge, charge.amount_refunded + amount);
  return {
    ...answer(refund),
    entries: [refundEntry({ refund, later }), chargeEntry({ ...record, charge: next, refunds: [...record.refunds, id] }), transactionEntry(transaction)],
    events: [
      { type: "refund.created", object: refund },
      { type: "charge.refunded", object: next, previous: refundedBefore(charge, next) },
    ],
  };
}

function withRefunded(charge: Stripe.Charge, amount: number): Stripe.Charge {
  return { ...charge, amount_refunded: amount, refunded: amount === charge.amount_captured };
}

function refundedBefore(before: Stripe.Charge, after: Stripe.Charge): object {
  return {
    amount_refunded: before.amount_refunded,
    ...(before.refunded !== after.refunded && { refunded: before.refunded }),
  };
}

export function updateRefund(record: RefundRecord, metadata: Record<string, string> | undefined): RefundChange {
  const before = record.refund.metadata ?? {};
  const refund: Stripe.Refund = { ...record.refund, metadata: mergeMetadata(before, metadata) };
  const events: EventDraft[] = metadata === undefined ? [] : [{ type: "refund.updated", object: refund, previous: { metadata: before } }];
  return { ...answer(refund), entries: [refundEntry({ ...record, refund })], events };
}

/** What a test card makes of its refund after the creation: a pending one succeeds, or a succeeded one fails. */
export function finishRefund({ refund: before, later }: RefundRecord, record: ChargeRecord): RefundChange {
  if (later === "succeeds") {
    const { pending_reason, ...rest } = before;
    const refund: Stripe.Refund = {
      ...rest,
      status: "succeeded",
      destination_details: destination("available"),
    };
    const previous = {
      status: before.status,
      pending_reason,
      destination_details: before.destination_details,
    };
    return {
      ...answer(refund),
      entries: [refundEntry({ refund, later: null })],
      events: [{ type: "refund.updated", object: refund, previous }],
    };
  }
  const transaction = transactionJson("refund_failure", before.amount, before.currency, before.id);
  const refund: Stripe.Refund = {
    ...before,
    status: "failed",
    failure_reason: "expired_or_canceled_card",
    failure_balance_transaction: transaction.id,
  };
  const charge = withRefunded(record.charge, record.charge.amount_refunded - before.amount);
  return {
    ...answer(refund),
    entries: [refundEntry({ refund, later: null }), chargeEntry({ ...record, charge }), transactionEntry(transaction)],
    events: [
      { type: "refund.updated", object: refund, previous: { status: before.status } },
      { type: "refund.failed", object: refund },
    ],
  };
}
