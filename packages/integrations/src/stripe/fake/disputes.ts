import type Stripe from "stripe";
import { refused } from "./failure.ts";
import { mergeMetadata } from "./form.ts";
import { answer, type Change, type ChargeRecord, chargeEntry, disputeEntry, type EventDraft, fresh, transactionEntry, transactionJson } from "./objects.ts";

export type DisputeParams = {
  evidence?: Record<string, string>;
  metadata?: Record<string, string>;
  submit?: boolean;
};
export type DisputeChange = Change<Stripe.Dispute>;

const WEEK_SECONDS = 7 * 86_400;

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

export const EVIDENCE_FIELDS = Object.keys(NO_EVIDENCE).filter((field) => field !== "enhanced_evidence");

/** The cardholder disputes the whole charge; the money is withdrawn at once. */
export function openDispute(record: ChargeRecord): DisputeChange {
  const { id, created } = fresh("du");
  const { charge } = record;
  const transaction = transactionJson("adjustment", -charge.amount, charge.currency, id);
  const dispute: Stripe.Dispute = {
    id,
    object: "dispute",
    amount: charge.amount,
    balance_transactions: [transaction],
    charge: charge.id,
    created,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: created + WEEK_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    network_reason_code: "10.4",
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand: "visa",
        case_type: "chargeback",
        network: "visa",
        network_reason_code: "10.4",
      },
      type: "card",
    },
    reason: "fraudulent",
    status: "needs_response",
  };
  return {
    ...answer(dispute),
    entries: [disputeEntry(dispute), chargeEntry({ ...record, disputeOpen: true, charge: { ...charge, disputed: true } }), transactionEntry(transaction)],
    events: [
      { type: "charge.dispute.created", object: { ...dispute, balance_transactions: [] } },
      { type: "charge.dispute.funds_withdrawn", object: dispute },
    ],
  };
}

function requireOpen(dispute: Stripe.Dispute) {
  if (dispute.status === "needs_response") return;
  throw refused(`This dispute cannot be changed because it has a status of ${dispute.status}.`, "dispute_not_open");
}

/** Submits unless `submit` is false; the evidence text `winning_evidence` or `losing_evidence` decides at once. */
export function updateDispute(before: Stripe.Dispute, record: ChargeRecord, params: DisputeParams): DisputeChange {
  requireOpen(before);
  const evidence: Stripe.Dispute.Evidence = { ...before.evidence, ...params.evidence };
  const hasEvidence = Object.entries(evidence).some(([field, value]) => field !== "enhanced_evidence" && value);
  const submits = params.submit !== false && hasEvidence;
  const dispute: Stripe.Dispute = {
    ...before,
    evidence,
    evidence_details: {
      ...before.evidence_details,
      has_evidence: hasEvidence,
      ...(submits && {
        submission_count: before.evidence_details.submission_count + 1,
        submission_method: "manual" as const,
      }),
    },
    metadata: mergeMetadata(before.metadata, params.metadata),
    ...(submits && { status: "under_review" as const }),
  };
  const updated: EventDraft = {
    type: "charge.dispute.updated",
    object: dispute,
    previous: { status: before.status },
  };
  const verdict = ({ winning_evidence: "won", losing_evidence: "lost" } as const)[evidence.uncategorized_text ?? ""];
  if (!submits || verdict === undefined) return { ...answer(dispute), entries: [disputeEntry(dispute)], events: [updated] };
  const closed = decide(dispute, record, verdict);
  return { ...closed, events: [updated, ...closed.events] };
}

/** Accepts the dispute as lost. */
export function closeDispute(dispute: Stripe.Dispute, record: ChargeRecord): DisputeChange {
  requireOpen(dispute);
  return decide(dispute, record, "lost");
}

function decide(before: Stripe.Dispute, record: ChargeRecord, status: "won" | "lost"): DisputeChange {
  if (status === "lost") {
    const dispute: Stripe.Dispute = { ...before, status };
    return {
      ...answer(dispute),
      entries: [disputeEntry(dispute)],
      events: [{ type: "charge.dispute.closed", object: dispute }],
    };
  }
  const transaction = transactionJson("adjustment", before.amount, before.currency, before.id);
  const dispute: Stripe.Dispute = {
    ...before,
    status,
    balance_transactions: [...before.balance_transactions, transaction],
  };
  return {
    ...answer(dispute),
    entries: [disputeEntry(dispute), chargeEntry({ ...record, disputeOpen: false }), transactionEntry(transaction)],
    events: [
      { type: "charge.dispute.closed", object: dispute },
      { type: "charge.dispute.funds_reinstated", object: dispute },
    ],
  };
}
