import type Stripe from "stripe";
import { checkAmount, checkCurrency } from "./currencies.ts";
import { docUrl, invalid, missing, refused, StripeFailure } from "./failure.ts";
import { mergeMetadata } from "./form.ts";
import { decline, methodOfNumber, paymentMethodJson, TEST_METHODS, testMethod } from "./methods.ts";
import {
  answer,
  type Change,
  type ChargeRecord,
  chargeEntry,
  chargeJson,
  type EventDraft,
  fresh,
  type IntentRecord,
  intentEntry,
  intentJson,
  transactionEntry,
  transactionJson,
  unixNow,
} from "./objects.ts";

export type Outcome = "succeed" | "decline" | "processing" | "requires_action";
export type IntentChange = Change<Stripe.PaymentIntent>;

type Shared = {
  amount?: number;
  currency?: string;
  description?: string | null;
  metadata?: Record<string, string>;
  receipt_email?: string | null;
  shipping?: Stripe.PaymentIntent.Shipping | null;
  setup_future_usage?: string | null;
  statement_descriptor_suffix?: string | null;
  transfer_group?: string;
  allowed_payment_method_types?: string[];
  excluded_payment_method_types?: string[];
  payment_method?: string;
  payment_method_data?: { type?: string; card?: { number?: string } };
};
export type ConfirmParams = Shared & {
  return_url?: string;
  off_session?: boolean;
  error_on_requires_action?: boolean;
  use_stripe_sdk?: boolean;
};
export type CreateParams = ConfirmParams & {
  amount: number;
  currency: string;
  confirm?: boolean;
  automatic_payment_methods?: { enabled: boolean; allow_redirects?: "always" | "never" };
  capture_method?: "automatic" | "automatic_async";
};

const PAYABLE = ["requires_payment_method", "requires_confirmation", "requires_action"];
const CANCELABLE = ["requires_payment_method", "requires_capture", "requires_confirmation", "requires_action"];

const unexpectedState = (intent: Stripe.PaymentIntent, message: string) => refused(message, "payment_intent_unexpected_state", { payment_intent: intent });

export function createIntent(params: CreateParams): IntentChange {
  checkCurrency(params.currency);
  checkAmount(params.amount, params.currency);
  if (params.confirm !== true) refuseConfirmOnly(params);
  const automatic = params.automatic_payment_methods ?? { enabled: true };
  const base: Stripe.PaymentIntent = {
    ...intentJson(params.amount, params.currency),
    automatic_payment_methods: automatic.enabled ? { allow_redirects: automatic.allow_redirects ?? "always", enabled: true } : null,
    capture_method: params.capture_method ?? "automatic_async",
  };
  const record = applyParams({ intent: base, method: null }, params);
  const created: EventDraft = {
    type: "payment_intent.created",
    object: { ...record.intent, status: "requires_payment_method" },
  };
  if (params.confirm !== true) return { ...answer(record.intent), entries: [intentEntry(record)], events: [created] };
  const confirmed = confirmIntent(record, params, false);
  return { ...confirmed, events: [created, ...confirmed.events] };
}

function refuseConfirmOnly(params: CreateParams) {
  for (const name of ["return_url", "off_session", "error_on_requires_action"] as const) {
    if (params[name] !== undefined) throw invalid(`You cannot provide a \`${name}\` if you are not confirming the PaymentIntent. Set \`confirm=true\`.`, name);
  }
}

/** The amount and currency can change only before the payment begins; anything changed clears the last error. */
export function updateIntent(record: IntentRecord, params: Shared): IntentChange {
  const { intent } = record;
  for (const name of ["amount", "currency", "payment_method", "payment_method_data"] as const) {
    if (params[name] === undefined || PAYABLE.includes(intent.status)) continue;
    const message = `This PaymentIntent's ${name} could not be updated because it has a status of ${intent.status}. You may only update the ${name} of a PaymentIntent with one of the following statuses: ${PAYABLE.join(", ")}.`;
    throw unexpectedState(intent, message);
  }
  const currency = params.currency ?? intent.currency;
  checkCurrency(currency);
  checkAmount(params.amount ?? intent.amount, currency);
  const next = applyParams({ ...record, intent: { ...intent, last_payment_error: null } }, params);
  return { ...answer(next.intent), entries: [intentEntry(next)] };
}

function applyParams(record: IntentRecord, params: Shared): IntentRecord {
  const { intent } = record;
  const chosen = chooseMethod(record, params);
  return {
    method: chosen?.method ?? record.method,
    intent: {
      ...intent,
      amount: params.amount ?? intent.amount,
      currency: params.currency ?? intent.currency,
      description: params.description === undefined ? intent.description : params.description,
      metadata: mergeMetadata(intent.metadata, params.metadata),
      receipt_email: params.receipt_email === undefined ? intent.receipt_email : params.receipt_email,
      shipping: params.shipping === undefined ? intent.shipping : params.shipping,
      setup_future_usage: params.setup_future_usage === undefined ? intent.setup_future_usage : params.setup_future_usage,
      statement_descriptor_suffix: params.statement_descriptor_suffix === undefined ? intent.statement_descriptor_suffix : params.statement_descriptor_suffix,
      transfer_group: params.transfer_group ?? intent.transfer_group,
      allowed_payment_method_types: params.allowed_payment_method_types ?? intent.allowed_payment_method_types,
      excluded_payment_method_types: params.excluded_payment_method_types ?? intent.excluded_payment_method_types,
      payment_method_types: params.allowed_payment_method_types ?? intent.payment_method_types,
      ...(chosen && {
        payment_method: chosen.id,
        status: "requires_confirmation",
        next_action: null,
      }),
    },
  };
}

/** The payment method the parameters name: a test method, a test card number, or the one the intent has. */
function chooseMethod({ intent, method }: IntentRecord, params: Shared): { id: string; method: string } | undefined {
  if (params.payment_method !== undefined && params.payment_method_data !== undefined) {
    throw invalid("You may only specify one of these parameters: payment_method, payment_method_data.", "payment_method", "parameters_exclusive");
  }
  if (params.payment_method_data !== undefined) {
    const { type, card } = params.payment_method_data;
    if (type !== "card") throw invalid("The local Stripe fake only knows payment_method_data of type card.", "payment_method_data[type]", "fake_unsupported");
    const name = methodOfNumber(card?.number ?? "");
    const message = decline("incorrect_number").message;
    if (name === undefined) throw new StripeFailure(402, { type: "card_error", code: "incorrect_number", message, param: "number" }, true);
    return { id: fresh("pm").id, method: name };
  }
  if (params.payment_method === undefined) return undefined;
  if (Object.hasOwn(TEST_METHODS, params.payment_method)) return { id: fresh("pm").id, method: params.payment_method };
  if (params.payment_method === intent.payment_method && method !== null) return { id: params.payment_method, method };
  throw missing("PaymentMethod", params.payment_method, "payment_method", 400);
}

export function cancelIntent({ intent, method }: IntentRecord, params: { cancellation_reason?: string }): IntentChange {
  if (!CANCELABLE.includes(intent.status)) {
    const message = `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE.join(", ")}.`;
    throw unexpectedState(intent, message);
  }
  const canceled: Stripe.PaymentIntent = {
    ...intent,
    status: "canceled",
    canceled_at: unixNow(),
    cancellation_reason: params.cancellation_reason ?? null,
    next_action: null,
  };
  return {
    ...answer(canceled),
    entries: [intentEntry({ intent: canceled, method })],
    events: [{ type: "payment_intent.canceled", object: canceled }],
  };
}

function requirePayable(intent: Stripe.PaymentIntent) {
  if (intent.status === "succeeded") {
    throw unexpectedState(intent, "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.");
  }
  if (PAYABLE.includes(intent.status)) return;
  const message = `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`;
  throw unexpectedState(intent, message);
}

/** Confirms as the test payment method behaves. A decline answers 402 and still changes the intent. */
export function confirmIntent(record: IntentRecord, params: ConfirmParams, publishable: boolean): IntentChange {
  requirePayable(record.intent);
  if (params.payment_method_data !== undefined && !publishable) {
    throw refused(
      "Sending credit card numbers directly to the Stripe API is generally unsafe. Use a test payment method such as pm_card_visa.",
      "request_blocked",
    );
  }
  const chosen = applyParams(record, params);
  const { intent, method } = chosen;
  if (method === null || intent.payment_method === null) {
    const message =
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.";
    throw unexpectedState(intent, message);
  }
  const mayRedirect = intent.automatic_payment_methods?.allow_redirects === "always";
  if (mayRedirect && params.return_url === undefined && !publishable) {
    const message =
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";
    throw new StripeFailure(400, { type: "invalid_request_error", message }, true);
  }
  const { outcome, declineCode } = testMethod(method);
  if (outcome !== "requires_action") return advance(chosen, outcome, { declineCode });
  if (params.off_session || params.error_on_requires_action) return advance(chosen, "decline", { declineCode: "authentication_required" });
  return advance(chosen, outcome, { returnUrl: params.return_url });
}

/** As `confirmIntent`, with the outcome decided by the test instead of by the payment method. */
export function payIntent(record: IntentRecord, outcome: Outcome, options: { declineCode?: string; paymentMethod?: string }): IntentChange {
  requirePayable(record.intent);
  const method = options.paymentMethod ?? (record.method === null ? "pm_card_visa" : undefined);
  const chosen = method === undefined ? record : applyParams(record, { payment_method: method });
  return advance(chosen, outcome, { declineCode: options.declineCode });
}

/** What Stripe promises never to do: a canceled intent is paid all the same. */
export function payCanceledIntent(record: IntentRecord): IntentChange {
  if (record.intent.status !== "canceled") throw unexpectedState(record.intent, `This PaymentIntent has a status of ${record.intent.status}.`);
  return advance({ ...record, intent: { ...record.intent, canceled_at: null, cancellation_reason: null } }, "succeed", {});
}

/** Ends `processing`; `charge` is the intent's latest, which then is the pending one. */
export function settleIntent(record: IntentRecord, charge: ChargeRecord | undefined, outcome: "succeed" | "decline", declineCode?: string): IntentChange {
  const { intent } = record;
  if (intent.status === "processing" && charge !== undefined) return advance(record, outcome, { declineCode, pending: charge });
  throw unexpectedState(intent, `This PaymentIntent cannot be settled because it has a status of ${intent.status}.`);
}

type How = {
  declineCode?: string | undefined;
  returnUrl?: string | undefined;
  pending?: ChargeRecord;
};

function advance(record: IntentRecord, outcome: Outcome, how: How): IntentChange {
  const intent = {
    ...record.intent,
    next_action: null,
    last_payment_error: null,
    processing: null,
  };
  const method = record.method ?? "pm_card_visa";
  if (outcome === "succeed") return succeed(intent, method, how.pending);
  if (outcome === "decline") return fail(intent, method, how.declineCode ?? "generic_decline", how.pending);
  if (outcome === "processing") return process(intent, method);
  const next: IntentRecord = {
    method,
    intent: {
      ...intent,
      status: "requires_action",
      next_action: nextAction(intent.id, how.returnUrl),
    },
  };
  return {
    ...answer(next.intent),
    entries: [intentEntry(next)],
    events: [{ type: "payment_intent.requires_action", object: next.intent }],
  };
}

function nextAction(id: string, returnUrl: string | undefined): Stripe.PaymentIntent.NextAction {
  if (returnUrl === undefined) return { type: "use_stripe_sdk", use_stripe_sdk: {} };
  return {
    type: "redirect_to_url",
    redirect_to_url: {
      return_url: returnUrl,
      url: `https://hooks.stripe.com/3d_secure_2/hosted?payment_intent=${id}`,
    },
  };
}

/** Same charge when it was pending, so that its id and creation time stay. */
function chargeOf(intent: Stripe.PaymentIntent, method: string, status: Stripe.Charge.Status, pending?: ChargeRecord, declineCode?: string): ChargeRecord {
  const charge = chargeJson(intent, method, status, declineCode);
  if (pending === undefined) return { charge, method, refunds: [], disputeOpen: false };
  const { id, created, metadata } = pending.charge;
  return { ...pending, charge: { ...charge, id, created, metadata } };
}

/** With `automatic_async` the fee is not known when the charge succeeds: it follows in `charge.updated`. */
function succeed(before: Stripe.PaymentIntent, method: string, pending?: ChargeRecord): IntentChange {
  const record = chargeOf(before, method, "succeeded", pending);
  const transaction = transactionJson("charge", before.amount, before.currency, record.charge.id);
  const settled: Stripe.Charge = { ...record.charge, balance_transaction: transaction.id };
  const asynchronous = before.capture_method === "automatic_async";
  const intent: Stripe.PaymentIntent = {
    ...before,
    status: "succeeded",
    amount_received: before.amount,
    latest_charge: settled.id,
  };
  const events: EventDraft[] = [
    { type: "charge.succeeded", object: asynchronous ? record.charge : settled },
    { type: "payment_intent.succeeded", object: intent },
  ];
  if (asynchronous)
    events.push({
      type: "charge.updated",
      object: settled,
      previous: { balance_transaction: null },
    });
  return {
    ...answer(intent),
    entries: [intentEntry({ intent, method }), chargeEntry({ ...record, charge: settled }), transactionEntry(transaction)],
    events,
  };
}

function process(before: Stripe.PaymentIntent, method: string): IntentChange {
  const record = chargeOf(before, method, "pending");
  const intent: Stripe.PaymentIntent = {
    ...before,
    status: "processing",
    latest_charge: record.charge.id,
  };
  return {
    ...answer(intent),
    entries: [intentEntry({ intent, method }), chargeEntry(record)],
    events: [
      { type: "charge.pending", object: record.charge },
      { type: "payment_intent.processing", object: intent },
    ],
  };
}

function fail(before: Stripe.PaymentIntent, method: string, declineCode: string, pending?: ChargeRecord): IntentChange {
  const record = chargeOf(before, method, "failed", pending, declineCode);
  const { code, message, advice } = decline(declineCode);
  const error: Stripe.PaymentIntent.LastPaymentError = {
    advice_code: advice,
    charge: record.charge.id,
    code,
    decline_code: declineCode,
    doc_url: docUrl(code),
    message,
    network_decline_code: "01",
    payment_method: paymentMethodJson(before.payment_method as string, method, before.created),
    type: "card_error",
  };
  const intent: Stripe.PaymentIntent = {
    ...before,
    status: "requires_payment_method",
    latest_charge: record.charge.id,
    last_payment_error: error,
    payment_method: null,
  };
  return {
    status: 402,
    body: intent,
    entries: [intentEntry({ intent, method: null }), chargeEntry(record)],
    events: [
      { type: "charge.failed", object: record.charge },
      { type: "payment_intent.payment_failed", object: intent },
    ],
  };
}
