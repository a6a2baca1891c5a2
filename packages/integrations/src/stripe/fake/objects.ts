import type Stripe from "stripe";
import { type Entry, createdOf, orderedTail, randomTail } from "../../fake-server.ts";
import { cardDetails, decline, NO_BILLING_DETAILS, testMethod } from "./methods.ts";

export const API_VERSION = "2026-10-28.endive";

export const COLLECTIONS = {
  intents: "stripe_payment_intents",
  charges: "stripe_charges",
  refunds: "stripe_refunds",
  transactions: "stripe_balance_transactions",
  disputes: "stripe_disputes",
  idempotency: "stripe_idempotency_keys",
  events: "stripe_events",
  outbox: "stripe_outbox",
} as const;

/** `method` names the test payment method behind `intent.payment_method`. */
export type IntentRecord = { intent: Stripe.PaymentIntent; method: string | null };
export type ChargeRecord = {
  charge: Stripe.Charge;
  method: string;
  refunds: string[];
  disputeOpen: boolean;
};
/** `later`: what becomes of the refund once its creation was announced. */
export type RefundRecord = { refund: Stripe.Refund; later: "succeeds" | "fails" | null };

export type EventDraft = { type: Stripe.Event["type"]; object: object; previous?: object };
/** What a request does: the rows, the events that announce them, and the answer. Committed in one `putAll`. */
export type Change<Body extends object = object> = {
  status: number;
  body: Body;
  entries: Entry[];
  events: EventDraft[];
};

export const answer = <Body extends object>(body: Body): Change<Body> => ({
  status: 200,
  body,
  entries: [],
  events: [],
});

export const intentEntry = (value: IntentRecord): Entry => ({
  collection: COLLECTIONS.intents,
  id: value.intent.id,
  value,
});
export const chargeEntry = (value: ChargeRecord): Entry => ({
  collection: COLLECTIONS.charges,
  id: value.charge.id,
  value,
});
export const refundEntry = (value: RefundRecord): Entry => ({
  collection: COLLECTIONS.refunds,
  id: value.refund.id,
  value,
});
export const disputeEntry = (value: Stripe.Dispute): Entry => ({
  collection: COLLECTIONS.disputes,
  id: value.id,
  value,
});
export const transactionEntry = (value: Stripe.BalanceTransaction): Entry => ({
  collection: COLLECTIONS.transactions,
  id: value.id,
  value,
});

/** Id and creation time of a new object, from one reading of the clock. */
export function fresh(prefix: string): { id: string; created: number } {
  const id = `${prefix}_${orderedTail()}`;
  return { id, created: createdOf(id) };
}

export const unixNow = () => Math.floor(Date.now() / 1000);

/** A PaymentIntent before its parameters are applied. */
export function intentJson(amount: number, currency: string): Stripe.PaymentIntent {
  const { id, created } = fresh("pi");
  return {
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: `${id}_secret_${randomTail(25)}`,
    confirmation_method: "automatic",
    created,
    currency,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: "automatic",
      },
    },
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "requires_payment_method",
    transfer_data: null,
    transfer_group: null,
  };
}

// prettier-ignore
const PUBLIC_FIELDS = [
  "id", "object", "amount", "amount_details", "automatic_payment_methods", "canceled_at", "cancellation_reason",
  "capture_method", "client_secret", "confirmation_method", "created", "currency", "description", "last_payment_error",
  "livemode", "next_action", "payment_method", "payment_method_types", "processing", "receipt_email",
  "setup_future_usage", "shipping", "source", "status",
] as const satisfies readonly (keyof Stripe.PaymentIntent)[];

/** What a publishable key sees of a PaymentIntent. */
export function publicView(intent: Stripe.PaymentIntent): object {
  return Object.fromEntries(PUBLIC_FIELDS.map((field) => [field, intent[field]]));
}

function outcomeJson(status: Stripe.Charge.Status, name: string, declineCode: string): Stripe.Charge.Outcome {
  const { risk } = testMethod(name);
  if (status !== "failed") {
    return {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: "approved_by_network",
      reason: risk === "elevated" ? "elevated_risk_level" : null,
      risk_level: risk ?? "normal",
      seller_message: risk === "elevated" ? "Stripe evaluated this payment as having elevated risk." : "Payment complete.",
      type: "authorized",
    };
  }
  const blocked = risk === "highest";
  return {
    advice_code: blocked ? null : decline(declineCode).advice,
    network_advice_code: null,
    network_decline_code: blocked ? null : "01",
    network_status: blocked ? "not_sent_to_network" : "declined_by_network",
    reason: blocked ? "highest_risk_level" : declineCode,
    risk_level: risk ?? "normal",
    seller_message: blocked ? "Stripe blocked this payment as too risky." : "The bank did not return any further details with this decline.",
    type: blocked ? "blocked" : "issuer_declined",
  };
}

/** A charge of the whole amount; the intent's metadata is copied now and never again. */
export function chargeJson(intent: Stripe.PaymentIntent, method: string, status: Stripe.Charge.Status, declineCode = ""): Stripe.Charge {
  const { id, created } = fresh("ch");
  const paid = status === "succeeded";
  const failed = status === "failed";
  return {
    id,
    object: "charge",
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: NO_BILLING_DETAILS,
    calculated_statement_descriptor: "STRIPE",
    captured: paid,
    created,
    currency: intent.currency,
    customer: null,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failed ? decline(declineCode).code : null,
    failure_message: failed ? decline(declineCode).message : null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeJson(status, method, declineCode),
    paid,
    payment_intent: intent.id,
    payment_method: intent.payment_method as string | null,
    payment_method_details: { card: cardDetails(testMethod(method), intent.amount), type: "card" },
    radar_options: {},
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: paid ? `https://pay.stripe.com/receipts/payment/${id}` : null,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status,
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
}

const DAY_SECONDS = 86_400;

/** Money in or out of the account; the fee is 2.9 % + 30 minor units on charges and never given back. */
export function transactionJson(
  type: "charge" | "refund" | "refund_failure" | "adjustment",
  amount: number,
  currency: string,
  source: string,
): Stripe.BalanceTransaction {
  const { id, created } = fresh("txn");
  const fee = type === "charge" ? Math.round(amount * 0.029) + 30 : 0;
  return {
    id,
    object: "balance_transaction",
    amount,
    available_on: (Math.floor(created / DAY_SECONDS) + 2) * DAY_SECONDS,
    balance_type: "payments",
    created,
    currency,
    description: null,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency,
              description: "Stripe processing fees",
              type: "stripe_fee",
            },
          ],
    net: amount - fee,
    reporting_category: type !== "adjustment" ? type : amount < 0 ? "dispute" : "dispute_reversal",
    source,
    status: "pending",
    type,
  };
}

/** The full Event object around a snapshot; `id` is the webhook's id. */
export function eventJson(id: string, draft: EventDraft, request: { id: string | null; idempotency_key: string | null }): object {
  return {
    id: `evt_${id}`,
    object: "event",
    api_version: API_VERSION,
    created: createdOf(id),
    data: { object: draft.object, ...(draft.previous && { previous_attributes: draft.previous }) },
    livemode: false,
    pending_webhooks: 1,
    request,
    type: draft.type,
  };
}
