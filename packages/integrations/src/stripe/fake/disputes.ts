import type Stripe from "stripe";
import { invalid, refused } from "./failure.ts";
import { mergeMetadata, type Spec } from "./form.ts";
import {
  answer,
  type Change,
  type ChargeRecord,
  chargeEntry,
  disputeEntry,
  type EventDraft,
  fresh,
  transactionEntry,
  transactionJson,
  unixNow,
} from "./objects.ts";

export type DisputeParams = {
  evidence?: Record<string, string>;
  metadata?: Record<string, string>;
  submit?: boolean;
};
export type DisputeChange = Change<Stripe.Dispute>;

/** What a bank begins with: a question, or the money taken back. */
export type DisputeKind = "chargeback" | "inquiry";
export type Verdict = "won" | "lost" | "warning_closed" | "prevented";

const WEEK_SECONDS = 7 * 86_400;
const MAX_EVIDENCE = 150_000;

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

const LONG_TEXTS: readonly string[] = [
  "access_activity_log",
  "cancellation_policy_disclosure",
  "cancellation_rebuttal",
  "duplicate_charge_explanation",
  "product_description",
  "refund_policy_disclosure",
  "refund_refusal_explanation",
  "uncategorized_text",
];

export const EVIDENCE_SPEC: Spec = Object.fromEntries(
  Object.keys(NO_EVIDENCE)
    .filter((field) => field !== "enhanced_evidence")
    .map((field) => [field, LONG_TEXTS.includes(field) ? "longText" : "text"]),
);

const withdrawal = (id: string, amount: number, currency: string) => transactionJson("adjustment", -amount, currency, id);

/** The cardholder disputes the charge, or part of it. A chargeback takes the money at once; an inquiry moves none. */
export function openDispute(record: ChargeRecord, { kind, amount = record.charge.amount }: { kind: DisputeKind; amount?: number }): DisputeChange {
  const { charge } = record;
  if (amount < 1 || amount > charge.amount) throw invalid("This value must be between 1 and the amount of the charge.", "amount", "parameter_invalid_integer");
  const { id, created } = fresh("du");
  const chargeback = kind === "chargeback";
  const taken = chargeback ? [withdrawal(id, amount, charge.currency)] : [];
  const dispute: Stripe.Dispute = {
    id,
    object: "dispute",
    amount,
    balance_transactions: taken,
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
    is_charge_refundable: !chargeback,
    livemode: false,
    metadata: {},
    network_reason_code: "10.4",
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand: "visa",
        case_type: kind,
        network: "visa",
        network_reason_code: "10.4",
      },
      type: "card",
    },
    reason: "fraudulent",
    status: chargeback ? "needs_response" : "warning_needs_response",
  };
  return {
    ...answer(dispute),
    entries: [
      disputeEntry(dispute),
      chargeEntry({ ...record, disputeOpen: record.disputeOpen || chargeback, charge: { ...charge, disputed: record.charge.disputed || chargeback } }),
      ...taken.map(transactionEntry),
    ],
    events: [
      { type: "charge.dispute.created", object: { ...dispute, balance_transactions: [] } },
      ...(chargeback ? [{ type: "charge.dispute.funds_withdrawn" as const, object: dispute }] : []),
    ],
  };
}

/** The bank is not content with the answer to its question: the inquiry becomes a chargeback. */
export function escalateDispute(before: Stripe.Dispute, record: ChargeRecord): DisputeChange {
  if (!isInquiry(before)) throw notOpen(before);
  const transaction = withdrawal(before.id, before.amount, before.currency);
  const details = before.payment_method_details!;
  const dispute: Stripe.Dispute = {
    ...before,
    status: "needs_response",
    is_charge_refundable: false,
    balance_transactions: [transaction],
    payment_method_details: { ...details, card: { ...details.card!, case_type: "chargeback" } },
    evidence_details: { ...before.evidence_details, due_by: unixNow() + WEEK_SECONDS },
  };
  return {
    ...answer(dispute),
    entries: [
      disputeEntry(dispute),
      chargeEntry({ ...record, disputeOpen: true, charge: { ...record.charge, disputed: true } }),
      transactionEntry(transaction),
    ],
    events: [
      { type: "charge.dispute.updated", object: { ...dispute, balance_transactions: [] }, previous: { status: before.status } },
      { type: "charge.dispute.funds_withdrawn", object: dispute },
    ],
  };
}

const isInquiry = ({ status }: Stripe.Dispute) => status === "warning_needs_response" || status === "warning_under_review";
const notOpen = ({ status }: Stripe.Dispute) => refused(`This dispute cannot be changed because it has a status of ${status}.`, "dispute_not_open");

function requireAnswerable(dispute: Stripe.Dispute) {
  if (dispute.status !== "needs_response" && dispute.status !== "warning_needs_response") throw notOpen(dispute);
}

const VERDICTS: Readonly<Record<string, "won" | "lost">> = { winning_evidence: "won", losing_evidence: "lost" };

/** Submits unless `submit` is false; the evidence text `winning_evidence` or `losing_evidence` decides at once. */
export function updateDispute(before: Stripe.Dispute, record: ChargeRecord, params: DisputeParams): DisputeChange {
  requireAnswerable(before);
  const evidence: Stripe.Dispute.Evidence = { ...before.evidence, ...params.evidence };
  const texts = Object.entries(evidence).flatMap(([field, value]) => (field !== "enhanced_evidence" && value ? [value as string] : []));
  if (texts.reduce((sum, { length }) => sum + length, 0) > MAX_EVIDENCE) {
    throw invalid(`The combined character count of all evidence fields is limited to ${MAX_EVIDENCE}.`, "evidence");
  }
  const hasEvidence = texts.length > 0;
  const submits = params.submit !== false && hasEvidence;
  const dispute: Stripe.Dispute = {
    ...before,
    evidence,
    evidence_details: {
      ...before.evidence_details,
      has_evidence: hasEvidence,
      ...(submits && {
        past_due: unixNow() > (before.evidence_details.due_by ?? Infinity),
        submission_count: before.evidence_details.submission_count + 1,
        submission_method: "manual" as const,
      }),
    },
    metadata: mergeMetadata(before.metadata, params.metadata),
    ...(submits && { status: isInquiry(before) ? ("warning_under_review" as const) : ("under_review" as const) }),
  };
  const updated: EventDraft = {
    type: "charge.dispute.updated",
    object: dispute,
    previous: submits ? { status: before.status, evidence_details: before.evidence_details } : { evidence_details: before.evidence_details },
  };
  const verdict = VERDICTS[evidence.uncategorized_text ?? ""];
  if (!submits || verdict === undefined) return { ...answer(dispute), entries: [disputeEntry(dispute)], events: [updated] };
  const closed = decideDispute(dispute, record, isInquiry(before) ? "warning_closed" : verdict);
  return { ...closed, events: [updated, ...closed.events] };
}

/** Accepts the dispute as lost. An inquiry cannot be: nothing was taken. */
export function acceptDispute(dispute: Stripe.Dispute, record: ChargeRecord): DisputeChange {
  if (dispute.status !== "needs_response") throw notOpen(dispute);
  return decideDispute(dispute, record, "lost");
}

/** The bank decides. What it took comes back when the dispute is won. */
export function decideDispute(before: Stripe.Dispute, record: ChargeRecord, status: Verdict): DisputeChange {
  const inquiry = isInquiry(before);
  const open = inquiry || before.status === "needs_response" || before.status === "under_review";
  if (!open || (status === "warning_closed") !== inquiry) throw notOpen(before);
  const returned = status === "won" ? [transactionJson("adjustment", before.amount, before.currency, before.id)] : [];
  const dispute: Stripe.Dispute = { ...before, status, balance_transactions: [...before.balance_transactions, ...returned] };
  return {
    ...answer(dispute),
    entries: [disputeEntry(dispute), ...(status === "won" ? [chargeEntry({ ...record, disputeOpen: false })] : []), ...returned.map(transactionEntry)],
    events: [
      { type: "charge.dispute.closed", object: dispute, previous: { status: before.status } },
      ...(returned.length > 0 ? [{ type: "charge.dispute.funds_reinstated" as const, object: dispute }] : []),
    ],
  };
}
