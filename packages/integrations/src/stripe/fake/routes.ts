import type Stripe from "stripe";
import { acceptDispute, type DisputeParams, EVIDENCE_SPEC, updateDispute } from "./disputes.ts";
import { invalid, missing, refused } from "./failure.ts";
import type { Spec } from "./form.ts";
import { type ListParams, listPage, searchFilter, type Source } from "./lists.ts";
import { answer, type Change, COLLECTIONS, type IntentRecord, publicView, type RefundRecord } from "./objects.ts";
import { cancelIntent, type ConfirmParams, confirmIntent, createIntent, type CreateParams, updateIntent } from "./payments.ts";
import { createRefund, type RefundParams, updateRefund } from "./refunds.ts";
import type { World } from "./world.ts";

type Input<Params> = { world: World; id: string; params: Params; publishable: boolean };
export type Endpoint = {
  method: "GET" | "POST";
  path: RegExp;
  spec: Spec;
  required?: readonly string[];
  /** Also answers a publishable key that sends the intent's client secret. */
  publishable?: true;
  /** The payment intent that this request changes. */
  lock?: (input: Input<Record<string, unknown>>) => Promise<string | undefined>;
  run: (input: Input<Record<string, unknown>>) => Promise<Change>;
};

type Definition<Params> = Omit<Endpoint, "lock" | "run"> & {
  lock?: (input: Input<Params>) => Promise<string | undefined>;
  run: (input: Input<Params>) => Promise<Change>;
};
const route = <Params>(definition: Definition<Params>) => definition as unknown as Endpoint;

const EXPAND: Spec = { expand: "list" };
const PAGE: Spec = {
  ...EXPAND,
  limit: "integer",
  starting_after: "string",
  ending_before: "string",
  created: "range",
};
const ADDRESS = {
  hash: {
    city: "text",
    country: "text",
    line1: "text",
    line2: "text",
    postal_code: "text",
    state: "text",
  },
} as const;

const SHARED: Spec = {
  ...EXPAND,
  allowed_payment_method_types: "list",
  amount_details: "unsupported",
  application_fee_amount: "unsupported",
  capture_method: { oneOf: ["automatic", "automatic_async"] },
  customer: "unsupported",
  customer_account: "unsupported",
  excluded_payment_method_types: "list",
  hooks: "unsupported",
  payment_details: "unsupported",
  payment_method: "string",
  payment_method_data: "any",
  payment_method_options: "any",
  receipt_email: "email",
  setup_future_usage: { oneOf: ["off_session", "on_session"] },
  shipping: {
    hash: {
      address: ADDRESS,
      name: "string",
      carrier: "text",
      phone: "text",
      tracking_number: "text",
    },
    required: ["address", "name"],
  },
};
const DESCRIPTIVE: Spec = {
  amount: "integer",
  currency: "string",
  description: "text",
  metadata: "metadata",
  payment_method_configuration: "unsupported",
  statement_descriptor: "unsupported",
  statement_descriptor_suffix: "text",
  transfer_data: "unsupported",
  transfer_group: "string",
};
const CONFIRM: Spec = {
  ...SHARED,
  confirmation_token: "unsupported",
  error_on_requires_action: "boolean",
  mandate: "unsupported",
  mandate_data: "unsupported",
  off_session: "boolean",
  radar_options: { hash: { session: "string" } },
  return_url: "string",
  use_stripe_sdk: "boolean",
};
const CREATE: Spec = {
  ...CONFIRM,
  ...DESCRIPTIVE,
  automatic_payment_methods: {
    hash: { enabled: "boolean", allow_redirects: { oneOf: ["always", "never"] } },
    required: ["enabled"],
  },
  confirm: "boolean",
  confirmation_method: { oneOf: ["automatic"] },
  on_behalf_of: "unsupported",
};

const ID = "([^/]+)";
const intents = (tail: string) => new RegExp(`^/v1/payment_intents${tail}$`);
const byId = async ({ id }: { id: string }) => id;

const PAYMENT_INTENTS: Endpoint[] = [
  route<CreateParams>({
    method: "POST",
    path: intents(""),
    spec: CREATE,
    required: ["amount", "currency"],
    run: async ({ params }) => createIntent(params),
  }),
  route<ListParams>({
    method: "GET",
    path: intents(""),
    spec: { ...PAGE, customer: "unsupported", customer_account: "unsupported" },
    run: async ({ world, params }) => answer(await listPage(await intentSource(world), params)),
  }),
  route<{ query: string; limit?: number; page?: string }>({
    method: "GET",
    path: intents("/search"),
    spec: { ...EXPAND, query: "string", limit: "integer", page: "string" },
    required: ["query"],
    run: async ({ world, params }) => answer(await search(world, params)),
  }),
  route<{ client_secret?: string }>({
    method: "GET",
    path: intents(`/${ID}`),
    spec: { ...EXPAND, client_secret: "string" },
    publishable: true,
    async run({ world, id, params, publishable }) {
      const { intent } = await world.intent(id);
      requireSecret(intent, params.client_secret, publishable);
      return answer(publishable ? publicView(intent) : intent);
    },
  }),
  route<Parameters<typeof updateIntent>[1]>({
    method: "POST",
    path: intents(`/${ID}`),
    spec: { ...SHARED, ...DESCRIPTIVE },
    lock: byId,
    run: async ({ world, id, params }) => updateIntent(await world.intent(id), params),
  }),
  route<{ cancellation_reason?: string }>({
    method: "POST",
    path: intents(`/${ID}/cancel`),
    spec: {
      ...EXPAND,
      cancellation_reason: {
        oneOf: ["duplicate", "fraudulent", "requested_by_customer", "abandoned"],
      },
    },
    lock: byId,
    run: async ({ world, id, params }) => cancelIntent(await world.intent(id), params),
  }),
  route<ConfirmParams & { client_secret?: string }>({
    method: "POST",
    path: intents(`/${ID}/confirm`),
    spec: {
      ...CONFIRM,
      amount_to_confirm: "unsupported",
      client_secret: "string",
      expected_payment_method_type: "string",
    },
    publishable: true,
    lock: byId,
    async run({ world, id, params, publishable }) {
      const record = await world.intent(id);
      requireSecret(record.intent, params.client_secret, publishable);
      const change = confirmIntent(record, params, publishable);
      return publishable && change.status === 200 ? { ...change, body: publicView(change.body) } : change;
    },
  }),
];

function requireSecret(intent: Stripe.PaymentIntent, secret: string | undefined, publishable: boolean) {
  if (secret === undefined && publishable) throw invalid("Missing required param: client_secret.", "client_secret", "parameter_missing");
  if (secret === undefined || secret === intent.client_secret) return;
  const message = "The client_secret provided does not match any associated payment_intent on this account.";
  throw refused(message, "payment_intent_invalid_parameter", { param: "client_secret" });
}

async function intentSource(world: World): Promise<Source<Stripe.PaymentIntent>> {
  return {
    url: "/v1/payment_intents",
    noun: "payment_intent",
    rows: await world.indexes.intents.ids(),
    rowOf: (id) => id,
    load: async (id) => {
      const record = await world.store.get<IntentRecord>(COLLECTIONS.intents, id);
      return record === undefined ? [] : [record.intent];
    },
  };
}

/** Scans the whole collection, at once consistent; Stripe's own search lags behind by up to an hour. */
async function search(world: World, { query, limit = 10, page = "0" }: { query: string; limit?: number; page?: string }): Promise<object> {
  if (limit < 1 || limit > 100) throw invalid("This value must be between 1 and 100 (inclusive).", "limit", "parameter_invalid_integer");
  const from = Number(page);
  if (!Number.isInteger(from) || from < 0) throw invalid("Invalid page", "page");
  const matches = searchFilter(query);
  const all = (await world.store.list<IntentRecord>(COLLECTIONS.intents)).map(({ value }) => value.intent);
  const found = all.toReversed().filter(matches);
  const hasMore = found.length > from + limit;
  return {
    object: "search_result",
    data: found.slice(from, from + limit),
    has_more: hasMore,
    next_page: hasMore ? String(from + limit) : null,
    url: "/v1/payment_intents/search",
  };
}

type RefundTarget = { payment_intent?: string; charge?: string };

const refundedIntent = async ({ world, params }: Input<RefundTarget>) =>
  params.payment_intent ?? (await world.charge(params.charge ?? "", "charge")).charge.payment_intent?.toString();

const REFUNDS: Endpoint[] = [
  route<RefundTarget & RefundParams>({
    method: "POST",
    path: /^\/v1\/refunds$/,
    spec: {
      ...EXPAND,
      amount: "integer",
      charge: "string",
      currency: "unsupported",
      customer: "unsupported",
      instructions_email: "email",
      metadata: "metadata",
      origin: "unsupported",
      payment_intent: "string",
      reason: { oneOf: ["duplicate", "fraudulent", "requested_by_customer"] },
      refund_application_fee: "unsupported",
      reverse_transfer: "unsupported",
    },
    async lock(input) {
      const { payment_intent, charge } = input.params;
      if (payment_intent === undefined && charge === undefined) {
        throw invalid("One of the following params should be provided for this request: payment_intent or charge.", "payment_intent", "parameter_missing");
      }
      if (payment_intent !== undefined && charge !== undefined) {
        throw invalid("You may only specify one of these parameters: charge, payment_intent.", "charge", "parameters_exclusive");
      }
      return refundedIntent(input);
    },
    async run({ world, params }) {
      const record = params.charge === undefined ? await world.paidCharge(params.payment_intent ?? "") : await world.charge(params.charge);
      return createRefund(record, params);
    },
  }),
  route<RefundTarget & ListParams>({
    method: "GET",
    path: /^\/v1\/refunds$/,
    spec: { ...PAGE, charge: "string", payment_intent: "string" },
    async run({ world, params }) {
      const source: Source<Stripe.Refund> = {
        url: "/v1/refunds",
        noun: "refund",
        rows: await refundRows(world, params),
        rowOf: (id) => id,
        load: async (id) => {
          const record = await world.store.get<RefundRecord>(COLLECTIONS.refunds, id);
          return record === undefined ? [] : [record.refund];
        },
        keep: (refund) => params.charge === undefined || refund.charge === params.charge,
      };
      return answer(await listPage(source, params));
    },
  }),
  route<object>({
    method: "GET",
    path: new RegExp(`^/v1/refunds/${ID}$`),
    spec: EXPAND,
    run: async ({ world, id }) => answer((await world.refund(id)).refund),
  }),
  route<{ metadata?: Record<string, string> }>({
    method: "POST",
    path: new RegExp(`^/v1/refunds/${ID}$`),
    spec: { ...EXPAND, metadata: "metadata" },
    lock: async ({ world, id }) => (await world.refund(id)).refund.payment_intent?.toString(),
    run: async ({ world, id, params }) => updateRefund(await world.refund(id), params.metadata),
  }),
];

/** Only the last charge of an intent can have refunds. */
async function refundRows(world: World, { charge, payment_intent }: RefundTarget): Promise<readonly string[]> {
  if (charge !== undefined) return (await world.charge(charge, "charge")).refunds;
  if (payment_intent === undefined) return world.indexes.refunds.ids();
  const { latest_charge } = (await world.intent(payment_intent, "payment_intent")).intent;
  return latest_charge === null ? [] : (await world.charge(latest_charge as string)).refunds;
}

const chargeOf = async (world: World, id: string) => world.charge((await world.dispute(id)).charge as string);
const disputedIntent = async ({ world, id }: { world: World; id: string }) => (await world.dispute(id)).payment_intent?.toString();

const REST: Endpoint[] = [
  route<object>({
    method: "GET",
    path: new RegExp(`^/v1/charges/${ID}$`),
    spec: EXPAND,
    run: async ({ world, id }) => answer((await world.charge(id)).charge),
  }),
  route<ListParams & { currency?: string; source?: string; type?: string }>({
    method: "GET",
    path: /^\/v1\/balance_transactions$/,
    spec: { ...PAGE, currency: "string", payout: "unsupported", source: "string", type: "string" },
    async run({ world, params }) {
      const source: Source<Stripe.BalanceTransaction> = {
        url: "/v1/balance_transactions",
        noun: "balance_transaction",
        rows: await world.indexes.transactions.ids(),
        rowOf: (id) => id,
        load: async (id) => {
          const transaction = await world.store.get<Stripe.BalanceTransaction>(COLLECTIONS.transactions, id);
          return transaction === undefined ? [] : [transaction];
        },
        keep: ({ currency, source, type }) =>
          (params.currency === undefined || params.currency === currency) &&
          (params.source === undefined || params.source === source) &&
          (params.type === undefined || params.type === type),
      };
      return answer(await listPage(source, params));
    },
  }),
  route<object>({
    method: "GET",
    path: new RegExp(`^/v1/balance_transactions/${ID}$`),
    spec: EXPAND,
    run: async ({ world, id }) => answer(await world.transaction(id)),
  }),
  route<{ charge?: string; payment_intent?: string } & ListParams>({
    method: "GET",
    path: /^\/v1\/disputes$/,
    spec: { ...PAGE, charge: "string", payment_intent: "string" },
    async run({ world, params }) {
      const { charge, payment_intent } = params;
      if (charge !== undefined) await world.charge(charge, "charge");
      if (payment_intent !== undefined) await world.intent(payment_intent, "payment_intent");
      const source: Source<Stripe.Dispute> = {
        url: "/v1/disputes",
        noun: "dispute",
        rows: await world.indexes.disputes.ids(),
        rowOf: (id) => id,
        load: async (id) => {
          const dispute = await world.store.get<Stripe.Dispute>(COLLECTIONS.disputes, id);
          return dispute === undefined ? [] : [dispute];
        },
        keep: (dispute) => (charge === undefined || dispute.charge === charge) && (payment_intent === undefined || dispute.payment_intent === payment_intent),
      };
      return answer(await listPage(source, params));
    },
  }),
  route<object>({
    method: "GET",
    path: new RegExp(`^/v1/disputes/${ID}$`),
    spec: EXPAND,
    run: async ({ world, id }) => answer(await world.dispute(id)),
  }),
  route<DisputeParams>({
    method: "POST",
    path: new RegExp(`^/v1/disputes/${ID}$`),
    spec: {
      ...EXPAND,
      evidence: { hash: EVIDENCE_SPEC },
      intended_submission_method: "unsupported",
      metadata: "metadata",
      submit: "boolean",
    },
    lock: disputedIntent,
    run: async ({ world, id, params }) => updateDispute(await world.dispute(id), await chargeOf(world, id), params),
  }),
  route<object>({
    method: "POST",
    path: new RegExp(`^/v1/disputes/${ID}/close$`),
    spec: EXPAND,
    lock: disputedIntent,
    run: async ({ world, id }) => acceptDispute(await world.dispute(id), await chargeOf(world, id)),
  }),
  route<ListParams & EventFilter>({
    method: "GET",
    path: /^\/v1\/events$/,
    spec: { ...PAGE, delivery_success: "boolean", type: "string", types: "list" },
    run: async ({ world, params }) => answer(await listPage(await eventSource(world, params), params)),
  }),
  route<object>({
    method: "GET",
    path: new RegExp(`^/v1/events/${ID}$`),
    spec: EXPAND,
    async run({ world, id }) {
      const event = await world.event(id);
      if (event === undefined) throw missing("event", id, "id");
      return answer(event);
    },
  }),
];

type EventFilter = { type?: string; types?: string[]; delivery_success?: boolean };

async function eventSource(world: World, { type, types, delivery_success }: EventFilter): Promise<Source<Stripe.Event>> {
  if (type !== undefined && types !== undefined) throw invalid("You may only specify one of these parameters: type, types.", "types", "parameters_exclusive");
  const patterns = (types ?? (type === undefined ? ["*"] : [type])).map((pattern) => pattern.replace(/\*$/, ""));
  const exact = types ?? (type === undefined || type.endsWith("*") ? [] : [type]);
  return {
    url: "/v1/events",
    noun: "event",
    rows: await world.indexes.events.ids(),
    rowOf: (id) => id.slice("evt_".length, -2),
    async load(row) {
      const events = (await world.store.get<Stripe.Event[]>(COLLECTIONS.events, row)) ?? [];
      return events.map((event) => ({
        ...event,
        pending_webhooks: world.webhooks.pending(event.id.slice("evt_".length)) ? 1 : 0,
      }));
    },
    keep: (event) =>
      (exact.length > 0 ? exact.includes(event.type) : patterns.some((prefix) => event.type.startsWith(prefix))) &&
      (delivery_success === undefined || delivery_success === (event.pending_webhooks === 0)),
  };
}

/** Search before retrieve: the paths overlap. */
export const ENDPOINTS: readonly Endpoint[] = [...PAYMENT_INTENTS, ...REFUNDS, ...REST];
