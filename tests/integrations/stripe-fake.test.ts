import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Stripe } from "../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js";
import type { FakeStore } from "@fashionistas/integrations/fake-store";
import { startStripeFake, type StripeFake, type StripeFakeOptions } from "@fashionistas/integrations/stripe/fake";

const SECRET_KEY = "sk_test_local";
const PUBLISHABLE_KEY = "pk_test_local";
const WEBHOOK_SECRET = "whsec_local";
const NO_REDIRECTS = { enabled: true, allow_redirects: "never" } as const;
const TICKET = { amount: 12_500, currency: "usd", automatic_payment_methods: NO_REDIRECTS };

type Rows = Map<string, Map<string, string>>;
type TestStore = FakeStore & { rows: Rows; died: Promise<void> };

/** As strict as the engine: at most 25 distinct rows in one write. `dieAfter` writes everything hangs, as in a dead process. */
function memoryStore(rows: Rows = new Map(), dieAfter = Infinity): TestStore {
  const of = (collection: string) => rows.get(collection) ?? rows.set(collection, new Map()).get(collection)!;
  let writes = 0;
  let die: (() => void) | undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const survive = async () => {
    writes += 1;
    if (writes <= dieAfter) return;
    die?.();
    await new Promise(() => undefined);
  };
  const store: TestStore = {
    rows,
    died,
    async get<T>(collection: string, id: string) {
      const text = of(collection).get(id);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    put: (collection, id, value) => store.putAll([{ collection, id, value }]),
    async putAll(entries) {
      if (entries.length > 25) throw new Error("more than 25 entries");
      if (new Set(entries.map(({ collection, id }) => `${collection}/${id}`)).size < entries.length) throw new Error("one row twice");
      await survive();
      for (const { collection, id, value } of entries) of(collection).set(id, JSON.stringify(value));
    },
    async remove(collection, id) {
      await survive();
      of(collection).delete(id);
    },
    async list<T>(collection: string) {
      return [...of(collection)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => ({ id, value: JSON.parse(text) as T }));
    },
  };
  return store;
}

type Received = { body: string; signature: string; event: Stripe.Event };
type Receiver = {
  url: string;
  got: Received[];
  types(): string[];
  answer: (call: number) => number;
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function receiver(): Promise<Receiver> {
  const got: Received[] = [];
  const self: Receiver = {
    url: "",
    got,
    types: () => got.map(({ event }) => event.type),
    answer: () => 200,
  };
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      got.push({
        body,
        signature: String(request.headers["stripe-signature"]),
        event: JSON.parse(body) as Stripe.Event,
      });
      response.writeHead(self.answer(got.length - 1), { location: "/elsewhere" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`;
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return self;
}

function sdk(fake: StripeFake, key = SECRET_KEY): Stripe {
  const { hostname, port } = new URL(fake.url);
  return new Stripe(key, {
    host: hostname,
    port,
    protocol: "http",
    telemetry: false,
    maxNetworkRetries: 0,
  });
}

async function start(options: Partial<StripeFakeOptions> = {}) {
  const hook = await receiver();
  const store = (options.store as TestStore | undefined) ?? memoryStore();
  const fake = await startStripeFake({
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    webhookUrl: () => hook.url,
    ...options,
    store,
  });
  closers.push(() => fake.close());
  return { fake, hook, store, stripe: sdk(fake) };
}

const failureOf = async (promise: Promise<unknown>): Promise<Stripe.errors.StripeError> => {
  try {
    await promise;
  } catch (error) {
    return error as Stripe.errors.StripeError;
  }
  throw new Error("it did not fail");
};

function post(fake: StripeFake, path: string, body: string, headers: Record<string, string> = {}) {
  return fetch(fake.url + path, {
    method: "POST",
    body,
    headers: {
      authorization: `Bearer ${SECRET_KEY}`,
      "content-type": "application/x-www-form-urlencoded",
      ...headers,
    },
  });
}

describe("keys and addresses", () => {
  it("serves on 127.0.0.1 only", async () => {
    const { fake } = await start();
    expect(new URL(fake.url).hostname).toBe("127.0.0.1");
  });

  it("refuses a wrong secret key with 401 and the Stripe error shape", async () => {
    const { fake } = await start();
    const error = await failureOf(sdk(fake, "sk_test_other").paymentIntents.create(TICKET));
    expect(error).toMatchObject({
      type: "StripeAuthenticationError",
      statusCode: 401,
      rawType: "invalid_request_error",
    });
    expect(error.requestId).toMatch(/^req_/);
    const response = await fetch(`${fake.url}/v1/payment_intents`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining("API key") },
    });
  });

  it("refuses a publishable key where a secret one is needed", async () => {
    const { fake } = await start();
    const error = await failureOf(sdk(fake, PUBLISHABLE_KEY).paymentIntents.create(TICKET));
    expect(error).toMatchObject({
      type: "StripePermissionError",
      statusCode: 403,
      code: "secret_key_required",
    });
  });

  it("answers 404 for an address Stripe does not have", async () => {
    const { fake } = await start();
    expect((await post(fake, "/v1/payment_intentz", "amount=1")).status).toBe(404);
  });

  it("refuses an API version whose shapes it does not have", async () => {
    const { stripe } = await start();
    const error = await failureOf(stripe.paymentIntents.create(TICKET, { apiVersion: "2024-06-20" }));
    expect(error).toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("2026-10-28.endive"),
    });
  });

  it("refuses a JSON body as Stripe does", async () => {
    const { fake } = await start();
    expect((await post(fake, "/v1/payment_intents", "{}", { "content-type": "application/json" })).status).toBe(400);
  });
});

describe("creating payment intents", () => {
  it("answers the full object, with a client secret and a request id", async () => {
    const { stripe } = await start();
    const intent = await stripe.paymentIntents.create({
      ...TICKET,
      metadata: { order_id: "ord_1" },
      receipt_email: "ana@example.com",
    });
    expect(intent).toMatchObject({
      object: "payment_intent",
      amount: 12_500,
      currency: "usd",
      status: "requires_payment_method",
      capture_method: "automatic_async",
      latest_charge: null,
      livemode: false,
      metadata: { order_id: "ord_1" },
      receipt_email: "ana@example.com",
      automatic_payment_methods: NO_REDIRECTS,
    });
    expect(intent.client_secret).toMatch(new RegExp(`^${intent.id}_secret_\\w{25}$`));
    expect(intent.lastResponse.requestId).toMatch(/^req_/);
    expect(await stripe.paymentIntents.retrieve(intent.id)).toEqual(intent);
  });

  it("refuses the removed payment_method_types as an unknown parameter", async () => {
    const { stripe } = await start();
    const params = {
      ...TICKET,
      payment_method_types: ["card"],
    } as Stripe.PaymentIntentCreateParams;
    expect(await failureOf(stripe.paymentIntents.create(params))).toMatchObject({
      type: "StripeInvalidRequestError",
      statusCode: 400,
      code: "parameter_unknown",
      param: "payment_method_types",
    });
  });

  it("names a nested unknown parameter with its path", async () => {
    const { stripe } = await start();
    const params = {
      ...TICKET,
      automatic_payment_methods: { enabled: true, color: "red" },
    } as Stripe.PaymentIntentCreateParams;
    expect(await failureOf(stripe.paymentIntents.create(params))).toMatchObject({
      code: "parameter_unknown",
      param: "automatic_payment_methods[color]",
    });
  });

  it.each(["amount", "currency"])("refuses a creation without %s", async (param) => {
    const { stripe } = await start();
    const params = { ...TICKET, [param]: undefined } as unknown as Stripe.PaymentIntentCreateParams;
    expect(await failureOf(stripe.paymentIntents.create(params))).toMatchObject({
      statusCode: 400,
      code: "parameter_missing",
      param,
    });
  });

  it.each([
    ["usd", 49, 50],
    ["gbp", 29, 30],
    ["eur", 49, 50],
    ["jpy", 49, 50],
    ["sek", 299, 300],
  ])("refuses less than the minimum of %s", async (currency, below, least) => {
    const { stripe } = await start();
    const error = await failureOf(stripe.paymentIntents.create({ ...TICKET, currency, amount: below }));
    expect(error).toMatchObject({ statusCode: 400, code: "amount_too_small", param: "amount" });
    expect((await stripe.paymentIntents.create({ ...TICKET, currency, amount: least })).amount).toBe(least);
  });

  it.each([
    [{ amount: 100_000_000 }, "amount_too_large"],
    [{ amount: 0 }, "parameter_invalid_integer"],
    [{ amount: 12.5 }, "parameter_invalid_integer"],
  ])("refuses the amount in %o", async (change, code) => {
    const { stripe } = await start();
    expect(await failureOf(stripe.paymentIntents.create({ ...TICKET, ...change }))).toMatchObject({
      code,
      param: "amount",
    });
  });

  it.each(["USD", "xyz"])("refuses the currency %s", async (currency) => {
    const { stripe } = await start();
    expect(await failureOf(stripe.paymentIntents.create({ ...TICKET, currency }))).toMatchObject({
      statusCode: 400,
      param: "currency",
    });
  });

  it.each([
    ["51 keys", Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"]))],
    ["a key of 41 characters", { ["k".repeat(41)]: "v" }],
    ["a value of 501 characters", { k: "v".repeat(501) }],
    ["square brackets in a key", { "a[b]": "v" }],
  ])("refuses metadata with %s", async (_, metadata) => {
    const { stripe } = await start();
    expect(await failureOf(stripe.paymentIntents.create({ ...TICKET, metadata }))).toMatchObject({
      statusCode: 400,
      param: expect.stringContaining("metadata"),
    });
  });

  it("refuses a receipt address that is none", async () => {
    const { stripe } = await start();
    expect(await failureOf(stripe.paymentIntents.create({ ...TICKET, receipt_email: "ana" }))).toMatchObject({ code: "email_invalid" });
  });

  it("merges metadata on update, removes a key set to an empty string, and never changes the amount after payment", async () => {
    const { stripe, fake } = await start();
    const { id } = await stripe.paymentIntents.create({ ...TICKET, metadata: { a: "1", b: "2" } });
    const updated = await stripe.paymentIntents.update(id, {
      amount: 900,
      metadata: { a: "", c: "3" },
    });
    expect(updated).toMatchObject({ amount: 900, metadata: { b: "2", c: "3" } });
    expect(updated.metadata).not.toHaveProperty("a");
    await fake.pay(id, "succeed");
    expect(await failureOf(stripe.paymentIntents.update(id, { amount: 1000 }))).toMatchObject({
      code: "payment_intent_unexpected_state",
    });
    expect((await stripe.paymentIntents.update(id, { metadata: { d: "4" } })).metadata).toMatchObject({ d: "4" });
  });
});

describe("the status machine", () => {
  it("answers resource_missing with 404 for every kind of unknown id", async () => {
    const { stripe } = await start();
    const missing = {
      statusCode: 404,
      code: "resource_missing",
      type: "StripeInvalidRequestError",
    };
    expect(await failureOf(stripe.paymentIntents.retrieve("pi_none"))).toMatchObject({
      ...missing,
      param: "intent",
    });
    expect(await failureOf(stripe.paymentIntents.cancel("pi_none"))).toMatchObject(missing);
    expect(await failureOf(stripe.charges.retrieve("ch_none"))).toMatchObject(missing);
    expect(await failureOf(stripe.refunds.retrieve("re_none"))).toMatchObject(missing);
    expect(await failureOf(stripe.refunds.create({ payment_intent: "pi_none" }))).toMatchObject(missing);
    expect(await failureOf(stripe.balanceTransactions.retrieve("txn_none"))).toMatchObject(missing);
    expect(await failureOf(stripe.events.retrieve("evt_none"))).toMatchObject(missing);
  });

  it("cancels once, and tells the status when it is too late", async () => {
    const { stripe, fake } = await start();
    const open = await stripe.paymentIntents.create(TICKET);
    const canceled = await stripe.paymentIntents.cancel(open.id, {
      cancellation_reason: "abandoned",
    });
    expect(canceled).toMatchObject({
      status: "canceled",
      cancellation_reason: "abandoned",
      canceled_at: expect.any(Number),
    });
    const again = await failureOf(stripe.paymentIntents.cancel(open.id));
    expect(again).toMatchObject({
      statusCode: 400,
      code: "payment_intent_unexpected_state",
      payment_intent: { id: open.id, status: "canceled" },
    });
    const paid = await stripe.paymentIntents.create(TICKET);
    await fake.pay(paid.id, "succeed");
    const late = await failureOf(stripe.paymentIntents.cancel(paid.id));
    expect(late).toMatchObject({
      code: "payment_intent_unexpected_state",
      payment_intent: { status: "succeeded" },
    });
  });

  it("does not cancel what is processing", async () => {
    const { stripe, fake } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    await fake.pay(id, "processing");
    expect(await failureOf(stripe.paymentIntents.cancel(id))).toMatchObject({
      payment_intent: { status: "processing" },
    });
  });

  it("confirms neither twice, nor after a cancellation, nor without a payment method", async () => {
    const { stripe } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    const state = { statusCode: 400, code: "payment_intent_unexpected_state" };
    expect(await failureOf(stripe.paymentIntents.confirm(id))).toMatchObject({
      ...state,
      payment_intent: { status: "requires_payment_method" },
    });
    await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });
    expect(await failureOf(stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" }))).toMatchObject({
      ...state,
      payment_intent: { status: "succeeded" },
    });
    const other = await stripe.paymentIntents.create(TICKET);
    await stripe.paymentIntents.cancel(other.id);
    expect(await failureOf(stripe.paymentIntents.confirm(other.id, { payment_method: "pm_card_visa" }))).toMatchObject(state);
  });

  it("needs a return_url for a server-side confirm unless redirects are off", async () => {
    const { stripe } = await start();
    const { id } = await stripe.paymentIntents.create({
      ...TICKET,
      automatic_payment_methods: { enabled: true },
    });
    const error = await failureOf(stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" }));
    expect(error).toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("return_url"),
    });
    const confirmed = await stripe.paymentIntents.confirm(id, {
      payment_method: "pm_card_visa",
      return_url: "https://shop.example/thanks",
    });
    expect(confirmed.status).toBe("succeeded");
  });

  it("pays in the browser with a publishable key and the client secret, and shows it less", async () => {
    const { stripe, fake } = await start();
    const intent = await stripe.paymentIntents.create({
      amount: 500,
      currency: "eur",
      metadata: { order_id: "ord_1" },
    });
    const path = `/v1/payment_intents/${intent.id}/confirm`;
    const browser = (secret: string) => post(fake, path, `payment_method=pm_card_visa&key=${PUBLISHABLE_KEY}&client_secret=${secret}`, { authorization: "" });
    expect((await browser("pi_x_secret_y")).status).toBe(400);
    const response = await browser(intent.client_secret ?? "");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    const seen = (await response.json()) as Stripe.PaymentIntent;
    expect(seen.status).toBe("succeeded");
    expect(seen).not.toHaveProperty("metadata");
    expect(seen).not.toHaveProperty("latest_charge");
  });

  it("lets exactly one of a racing confirm and cancel win", async () => {
    const { stripe } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    const results = await Promise.allSettled([stripe.paymentIntents.cancel(id), stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" })]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("goes through processing to a settlement, keeping the charge", async () => {
    const { stripe, fake, hook } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    const processing = await fake.pay(id, "processing");
    expect(processing.status).toBe("processing");
    expect(await stripe.charges.retrieve(processing.latest_charge as string)).toMatchObject({
      status: "pending",
      paid: false,
    });
    const settled = await fake.settle(id, "succeed");
    expect(settled).toMatchObject({
      status: "succeeded",
      latest_charge: processing.latest_charge,
      amount_received: 12_500,
    });
    await expect(fake.settle(id, "succeed")).rejects.toThrow("cannot be settled");
    await fake.idle();
    expect(hook.types().toSorted()).toEqual(
      ["charge.pending", "charge.succeeded", "charge.updated", "payment_intent.created", "payment_intent.processing", "payment_intent.succeeded"].toSorted(),
    );
  });

  it("returns a failed settlement to requires_payment_method", async () => {
    const { stripe, fake } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    await fake.pay(id, "processing");
    expect(await fake.settle(id, "decline")).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "card_declined" },
    });
  });
});

const confirm = async (stripe: Stripe, payment_method: string, more: Stripe.PaymentIntentConfirmParams = {}) => {
  const { id } = await stripe.paymentIntents.create(TICKET);
  return {
    id,
    confirmed: stripe.paymentIntents.confirm(id, {
      payment_method,
      ...more,
      expand: ["latest_charge.balance_transaction"],
    }),
  };
};

const chargeOf = (intent: Stripe.PaymentIntent) => intent.latest_charge as Stripe.Charge;

describe("test payment methods", () => {
  it("pm_card_visa succeeds with a paid charge and its fee", async () => {
    const { stripe } = await start();
    const intent = await (await confirm(stripe, "pm_card_visa")).confirmed;
    expect(intent).toMatchObject({
      status: "succeeded",
      amount_received: 12_500,
      last_payment_error: null,
    });
    expect(chargeOf(intent)).toMatchObject({
      object: "charge",
      paid: true,
      captured: true,
      status: "succeeded",
      payment_intent: intent.id,
      outcome: { risk_level: "normal", type: "authorized" },
      payment_method_details: { type: "card", card: { brand: "visa", last4: "4242" } },
      balance_transaction: {
        object: "balance_transaction",
        amount: 12_500,
        fee: 393,
        net: 12_107,
        type: "charge",
      },
    });
  });

  it.each([
    ["pm_card_chargeDeclined", "generic_decline", "issuer_declined"],
    ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds", "issuer_declined"],
    ["pm_card_radarBlock", "fraudulent", "blocked"],
  ])("%s declines with %s and can be paid with another card later", async (method, declineCode, outcome) => {
    const { stripe, fake, hook } = await start();
    const { id, confirmed } = await confirm(stripe, method);
    const error = await failureOf(confirmed);
    expect(error).toMatchObject({
      type: "StripeCardError",
      statusCode: 402,
      code: "card_declined",
      decline_code: declineCode,
      payment_intent: {
        id,
        status: "requires_payment_method",
        last_payment_error: { decline_code: declineCode, type: "card_error" },
      },
    });
    expect(await stripe.charges.retrieve(error.charge ?? "")).toMatchObject({
      status: "failed",
      paid: false,
      outcome: { type: outcome },
    });
    const paid = await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });
    expect(paid).toMatchObject({ status: "succeeded", last_payment_error: null });
    await fake.idle();
    expect(hook.types()).toEqual(expect.arrayContaining(["charge.failed", "payment_intent.payment_failed", "payment_intent.succeeded"]));
  });

  it("pm_card_authenticationRequired asks for an action, and declines off session", async () => {
    const { stripe, fake } = await start();
    const { id, confirmed } = await confirm(stripe, "pm_card_authenticationRequired", {
      return_url: "https://shop.example/back",
    });
    expect(await confirmed).toMatchObject({
      status: "requires_action",
      next_action: {
        type: "redirect_to_url",
        redirect_to_url: { return_url: "https://shop.example/back" },
      },
    });
    expect(await fake.pay(id, "succeed")).toMatchObject({ status: "succeeded", next_action: null });
    const offSession = await confirm(stripe, "pm_card_authenticationRequired", {
      off_session: true,
    });
    expect(await failureOf(offSession.confirmed)).toMatchObject({
      statusCode: 402,
      code: "authentication_required",
    });
  });

  it("pm_card_riskLevelElevated succeeds with an elevated risk", async () => {
    const { stripe } = await start();
    const intent = await (await confirm(stripe, "pm_card_riskLevelElevated")).confirmed;
    expect(chargeOf(intent).outcome).toMatchObject({ risk_level: "elevated", type: "authorized" });
  });

  it("pm_card_refundFail succeeds to refund and fails later, giving the money back to the account", async () => {
    const { stripe, fake, hook } = await start();
    const { id, confirmed } = await confirm(stripe, "pm_card_refundFail");
    await confirmed;
    const refund = await stripe.refunds.create({ payment_intent: id });
    expect(refund.status).toBe("succeeded");
    await fake.idle();
    const failed = await stripe.refunds.retrieve(refund.id, {
      expand: ["failure_balance_transaction", "charge"],
    });
    expect(failed).toMatchObject({
      status: "failed",
      failure_reason: "expired_or_canceled_card",
      failure_balance_transaction: { amount: 12_500 },
      charge: { amount_refunded: 0, refunded: false },
    });
    expect(hook.types()).toEqual(expect.arrayContaining(["refund.created", "charge.refunded", "refund.updated", "refund.failed"]));
  });

  it("pm_card_pendingRefund answers pending and succeeds later", async () => {
    const { stripe, fake, hook } = await start();
    const { id, confirmed } = await confirm(stripe, "pm_card_pendingRefund");
    await confirmed;
    const refund = await stripe.refunds.create({ payment_intent: id });
    expect(refund).toMatchObject({ status: "pending", pending_reason: "processing" });
    await fake.idle();
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe("succeeded");
    expect(hook.types()).toContain("refund.updated");
  });

  it("pm_card_createDispute opens a dispute that blocks refunds and is won with winning_evidence", async () => {
    const { stripe, fake, hook } = await start();
    const { id, confirmed } = await confirm(stripe, "pm_card_createDispute");
    await confirmed;
    await fake.idle();
    const dispute = hook.got.find(({ event }) => event.type === "charge.dispute.created")!.event.data.object as Stripe.Dispute;
    expect(dispute).toMatchObject({
      object: "dispute",
      status: "needs_response",
      payment_intent: id,
      amount: 12_500,
    });
    expect(await failureOf(stripe.refunds.create({ payment_intent: id }))).toMatchObject({
      statusCode: 400,
      code: "charge_disputed",
    });
    await stripe.disputes.update(dispute.id, { evidence: { customer_name: "Ana" }, submit: false });
    expect((await stripe.disputes.retrieve(dispute.id)).status).toBe("needs_response");
    expect(
      (
        await stripe.disputes.update(dispute.id, {
          evidence: { uncategorized_text: "winning_evidence" },
        })
      ).status,
    ).toBe("won");
    await fake.idle();
    expect(hook.types()).toEqual(
      expect.arrayContaining(["charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]),
    );
    expect((await stripe.refunds.create({ payment_intent: id })).status).toBe("succeeded");
  });

  it("accepts a dispute as lost by close, once", async () => {
    const { stripe, fake, hook } = await start();
    await (
      await confirm(stripe, "pm_card_createDispute")
    ).confirmed;
    await fake.idle();
    const { id } = hook.got.find(({ event }) => event.type === "charge.dispute.created")!.event.data.object as Stripe.Dispute;
    expect((await stripe.disputes.close(id)).status).toBe("lost");
    expect((await failureOf(stripe.disputes.close(id))).statusCode).toBe(400);
  });

  it("refuses a payment method it does not know", async () => {
    const { stripe } = await start();
    expect(await failureOf((await confirm(stripe, "pm_unknown")).confirmed)).toMatchObject({
      code: "resource_missing",
      param: "payment_method",
    });
  });

  it("creates and confirms in one call, announcing both", async () => {
    const { stripe, fake, hook } = await start();
    const intent = await stripe.paymentIntents.create({
      ...TICKET,
      confirm: true,
      payment_method: "pm_card_visa",
    });
    expect(intent.status).toBe("succeeded");
    await fake.idle();
    expect(hook.types().toSorted()).toEqual(["charge.succeeded", "charge.updated", "payment_intent.created", "payment_intent.succeeded"]);
  });
});

async function paid(amount = 1000) {
  const world = await start();
  const { id } = await world.stripe.paymentIntents.create({ ...TICKET, amount });
  const intent = await world.fake.pay(id, "succeed");
  return { ...world, id, charge: intent.latest_charge as string };
}

describe("refunds", () => {
  it("refunds in parts up to what was paid, and nothing after that", async () => {
    const { stripe, id, charge } = await paid();
    const first = await stripe.refunds.create({
      payment_intent: id,
      amount: 400,
      reason: "requested_by_customer",
      metadata: { refund_id: "ref_1" },
    });
    expect(first).toMatchObject({
      object: "refund",
      amount: 400,
      charge,
      payment_intent: id,
      status: "succeeded",
      metadata: { refund_id: "ref_1" },
    });
    const tooMuch = await failureOf(stripe.refunds.create({ payment_intent: id, amount: 601 }));
    expect(tooMuch).toMatchObject({ statusCode: 400, param: "amount" });
    const rest = await stripe.refunds.create({ charge });
    expect(rest.amount).toBe(600);
    expect(await failureOf(stripe.refunds.create({ payment_intent: id }))).toMatchObject({
      statusCode: 400,
      code: "charge_already_refunded",
    });
    expect(await stripe.charges.retrieve(charge, { expand: ["refunds"] })).toMatchObject({
      amount_refunded: 1000,
      refunded: true,
      refunds: { data: [{ id: rest.id }, { id: first.id }] },
    });
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe("succeeded");
    expect((await stripe.refunds.list({ payment_intent: id })).data.map((refund) => refund.id)).toEqual([rest.id, first.id]);
    expect(await stripe.balanceTransactions.retrieve(first.balance_transaction as string)).toMatchObject({ amount: -400, fee: 0, type: "refund" });
  });

  it("never refunds more than was paid when refunds race", async () => {
    const { stripe, id, charge } = await paid();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => stripe.refunds.create({ payment_intent: id, amount: 300 })));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect((await stripe.charges.retrieve(charge)).amount_refunded).toBe(900);
  });

  it("refuses to refund what was never paid", async () => {
    const { stripe } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    expect(await failureOf(stripe.refunds.create({ payment_intent: id }))).toMatchObject({
      statusCode: 400,
      param: "payment_intent",
    });
  });

  it("wants a payment intent or a charge, not both and not none", async () => {
    const { stripe, id, charge } = await paid();
    expect((await failureOf(stripe.refunds.create({}))).statusCode).toBe(400);
    expect(await failureOf(stripe.refunds.create({ payment_intent: id, charge }))).toMatchObject({
      code: "parameters_exclusive",
    });
  });

  it("tells the previous amount in charge.refunded, and never copies the intent's metadata to the refund", async () => {
    const { stripe, fake, hook, id } = await paid();
    await stripe.refunds.create({ payment_intent: id, amount: 400 });
    await fake.idle();
    await stripe.refunds.create({ payment_intent: id, amount: 100 });
    await fake.idle();
    const refunded = hook.got.filter(({ event }) => event.type === "charge.refunded").map(({ event }) => event.data);
    expect(refunded).toMatchObject([
      {
        object: { object: "charge", amount_refunded: 400 },
        previous_attributes: { amount_refunded: 0 },
      },
      { object: { amount_refunded: 500 }, previous_attributes: { amount_refunded: 400 } },
    ]);
    expect(hook.got.find(({ event }) => event.type === "refund.created")?.event.data.object).toMatchObject({ metadata: {} });
  });

  it("changes only the metadata of a refund, announcing it", async () => {
    const { stripe, fake, hook, id } = await paid();
    const refund = await stripe.refunds.create({ payment_intent: id });
    expect((await stripe.refunds.update(refund.id, { metadata: { note: "x" } })).metadata).toEqual({
      note: "x",
    });
    await fake.idle();
    expect(hook.types()).toContain("refund.updated");
  });
});

describe("idempotency", () => {
  it("replays the saved answer for the same key and parameters, also after a restart", async () => {
    const { stripe, fake, store } = await start();
    const first = await stripe.paymentIntents.create(TICKET, {
      idempotencyKey: "pi-create:ord_1:1",
    });
    const second = await stripe.paymentIntents.create(TICKET, {
      idempotencyKey: "pi-create:ord_1:1",
    });
    expect(second.id).toBe(first.id);
    expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
    expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
    await fake.close();
    const reborn = await start({ store });
    const third = await reborn.stripe.paymentIntents.create(TICKET, {
      idempotencyKey: "pi-create:ord_1:1",
    });
    expect(third.id).toBe(first.id);
    expect((await reborn.stripe.paymentIntents.list()).data).toHaveLength(1);
  });

  it("refuses other parameters or another address under the same key", async () => {
    const { stripe } = await start();
    const key = { idempotencyKey: "k" };
    const { id } = await stripe.paymentIntents.create(TICKET, key);
    const error = await failureOf(stripe.paymentIntents.create({ ...TICKET, amount: 999 }, key));
    expect(error).toMatchObject({
      type: "StripeIdempotencyError",
      rawType: "idempotency_error",
      statusCode: 400,
    });
    expect(await failureOf(stripe.paymentIntents.cancel(id, {}, key))).toMatchObject({
      type: "StripeIdempotencyError",
    });
  });

  it("answers 409 while the first request is still running", async () => {
    const { stripe } = await start({ latencyMs: 100 });
    const key = { idempotencyKey: "k" };
    const results = await Promise.allSettled([stripe.paymentIntents.create(TICKET, key), stripe.paymentIntents.create(TICKET, key)]);
    const rejected = results.find((result) => result.status === "rejected");
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(rejected?.reason).toMatchObject({
      statusCode: 409,
      code: "idempotency_key_in_use",
      type: "StripeAPIError",
    });
  });

  it("does not save failed validation: the same key then executes", async () => {
    const { stripe } = await start();
    const key = { idempotencyKey: "k" };
    expect(await failureOf(stripe.paymentIntents.create({ ...TICKET, amount: 10 }, key))).toMatchObject({ code: "amount_too_small" });
    expect((await stripe.paymentIntents.create(TICKET, key)).amount).toBe(12_500);
  });

  it("saves declines and refusals of the state", async () => {
    const { stripe, fake } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    const confirm = () => stripe.paymentIntents.confirm(id, { payment_method: "pm_card_chargeDeclined" }, { idempotencyKey: "c" });
    const [first, second] = [await failureOf(confirm()), await failureOf(confirm())];
    expect(second).toMatchObject({ statusCode: 402, charge: first.charge });
    expect(second.headers?.["idempotent-replayed"]).toBe("true");
    await fake.pay(id, "succeed");
    const cancel = () => stripe.paymentIntents.cancel(id, {}, { idempotencyKey: "x" });
    await failureOf(cancel());
    expect((await failureOf(cancel())).headers?.["idempotent-replayed"]).toBe("true");
  });

  it("executes again once the key is 24 hours old", async () => {
    const { stripe, store } = await start();
    const key = { idempotencyKey: "k" };
    const first = await stripe.paymentIntents.create(TICKET, key);
    const rows = store.rows.get("stripe_idempotency_keys")!;
    const saved = JSON.parse(rows.get("k")!) as { at: number };
    rows.set("k", JSON.stringify({ ...saved, at: saved.at - 24 * 60 * 60 * 1000 }));
    expect((await stripe.paymentIntents.create(TICKET, key)).id).not.toBe(first.id);
  });
});

const burst = (stripe: Stripe) => Promise.allSettled(Array.from({ length: 400 }, () => stripe.events.list()));

describe("rate limit", () => {
  it("answers 429 rate_limit above 100 requests a second, only when asked to", async () => {
    const strict = await burst((await start({ enforceRateLimits: true })).stripe);
    expect(strict.filter(({ status }) => status === "fulfilled").length).toBeGreaterThanOrEqual(100);
    const refused = strict.filter((result) => result.status === "rejected").map((result) => result.reason as unknown);
    expect(refused[0]).toMatchObject({
      type: "StripeRateLimitError",
      statusCode: 429,
      code: "rate_limit",
    });
    const lax = await burst((await start()).stripe);
    expect(lax.every(({ status }) => status === "fulfilled")).toBe(true);
  });
});

describe("webhooks", () => {
  it("signs every event so that the SDK accepts it, with the full Event shape", async () => {
    const { stripe, fake, hook } = await start();
    const intent = await stripe.paymentIntents.create(TICKET, { idempotencyKey: "k1" });
    await fake.idle();
    expect(hook.got).toHaveLength(1);
    const { body, signature } = hook.got[0]!;
    expect(signature).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    const event = stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET);
    expect(event).toMatchObject({
      object: "event",
      type: "payment_intent.created",
      api_version: Stripe.API_VERSION,
      livemode: false,
      pending_webhooks: 1,
      request: { id: intent.lastResponse.requestId, idempotency_key: "k1" },
      data: { object: { id: intent.id, object: "payment_intent" } },
    });
    expect(event.id).toMatch(/^evt_/);
    expect(() => stripe.webhooks.constructEvent(body, signature, "whsec_other")).toThrow("signature");
  });

  it("brings the fee only in charge.updated", async () => {
    const { stripe, fake, hook } = await start();
    const { id } = await stripe.paymentIntents.create({
      ...TICKET,
      metadata: { order_id: "ord_1" },
    });
    await fake.pay(id, "succeed");
    await fake.idle();
    const charge = (type: string) => hook.got.find(({ event }) => event.type === type)?.event.data;
    expect(charge("charge.succeeded")).toMatchObject({
      object: { balance_transaction: null, metadata: { order_id: "ord_1" } },
    });
    expect(charge("charge.updated")).toMatchObject({
      object: { balance_transaction: expect.stringMatching(/^txn_/) },
      previous_attributes: { balance_transaction: null },
    });
  });

  it("retries until a 2xx, with the same event and a valid signature each time; a redirect is a failure", async () => {
    const { stripe, fake, hook } = await start();
    const statuses = [500, 302, 204];
    hook.answer = (call) => statuses[call] ?? 200;
    await stripe.paymentIntents.create(TICKET);
    for (const count of [1, 2, 3]) {
      await fake.idle();
      expect(hook.got).toHaveLength(count);
      fake.resumeWebhooks();
    }
    await fake.idle();
    expect(hook.got).toHaveLength(3);
    expect(new Set(hook.got.map(({ event }) => event.id)).size).toBe(1);
    for (const { body, signature } of hook.got) expect(stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET)).toBeTruthy();
    expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(1);
  });

  it("retries by itself, with a growing pause", async () => {
    const { stripe, fake, hook } = await start();
    hook.answer = (call) => (call === 0 ? 503 : 200);
    await stripe.paymentIntents.create(TICKET);
    await fake.idle();
    expect(hook.got).toHaveLength(1);
    await expect.poll(() => hook.got.length, { timeout: 5_000 }).toBe(2);
  });

  it("delivers after a restart what was unsent, and nothing twice that was accepted", async () => {
    const { stripe, fake, hook, store } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    await fake.idle();
    hook.answer = () => 500;
    await fake.pay(id, "succeed");
    await fake.idle();
    await fake.close();
    const reborn = await start({ store });
    await reborn.fake.idle();
    expect(reborn.hook.types().toSorted()).toEqual(["charge.succeeded", "charge.updated", "payment_intent.succeeded"]);
    await reborn.fake.close();
    const third = await start({ store });
    await third.fake.idle();
    expect(third.hook.got).toHaveLength(0);
    expect((await third.stripe.paymentIntents.retrieve(id)).status).toBe("succeeded");
  });

  it("holds back while paused and delivers all on resume", async () => {
    const { stripe, fake, hook } = await start();
    fake.pauseWebhooks();
    await stripe.paymentIntents.create(TICKET);
    await fake.idle();
    expect(hook.got).toHaveLength(0);
    fake.resumeWebhooks();
    await fake.idle();
    expect(hook.got).toHaveLength(1);
  });

  it("redelivers an event with the same id", async () => {
    const { stripe, fake, hook } = await start();
    await stripe.paymentIntents.create(TICKET);
    await fake.idle();
    await fake.redeliver(hook.got[0]!.event.id);
    await fake.idle();
    expect(hook.got.map(({ event }) => event.id)).toEqual([hook.got[0]!.event.id, hook.got[0]!.event.id]);
    await expect(fake.redeliver("evt_none")).rejects.toThrow("No such event");
  });

  it("sends only the types the endpoint is subscribed to, and lists the others as done", async () => {
    const { stripe, fake, hook, store } = await start({
      enabledEvents: ["payment_intent.succeeded"],
    });
    const { id } = await stripe.paymentIntents.create(TICKET);
    await fake.pay(id, "succeed");
    await fake.idle();
    expect(hook.types()).toEqual(["payment_intent.succeeded"]);
    expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(4);
    expect(await store.list("stripe_outbox")).toEqual([]);
  });

  it("answers 500 when a write fails, replays it if it had landed, and still sends its webhook", async () => {
    const store = memoryStore();
    const putAll = store.putAll;
    let failures = 1;
    store.putAll = async (entries) => {
      await putAll(entries);
      if (failures-- > 0) throw new Error("timed out");
    };
    const { stripe, fake, hook } = await start({ store });
    const key = { idempotencyKey: "k" };
    expect(await failureOf(stripe.paymentIntents.create(TICKET, key))).toMatchObject({
      type: "StripeAPIError",
      statusCode: 500,
    });
    const { id } = await stripe.paymentIntents.create(TICKET, key);
    expect((await stripe.paymentIntents.list()).data.map((intent) => intent.id)).toEqual([id]);
    fake.resumeWebhooks();
    await fake.idle();
    expect(hook.got.map(({ event }) => (event.data.object as Stripe.PaymentIntent).id)).toEqual([id]);
  });

  it("keeps payments moving while the receiver is away", async () => {
    const { stripe, fake } = await start({ webhookUrl: () => "http://127.0.0.1:1/nobody" });
    const { id } = await stripe.paymentIntents.create(TICKET);
    expect((await fake.pay(id, "succeed")).status).toBe("succeeded");
    await fake.idle();
    expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(4);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("loses no payment and no webhook when the process dies after %i writes", async (dieAfter) => {
    const rows: Rows = new Map();
    const dyingStore = memoryStore(rows, dieAfter);
    const hook = await receiver();
    const options = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, webhookUrl: () => hook.url };
    const dying = await startStripeFake({ ...options, store: dyingStore });
    const story = async () => {
      const { id } = await sdk(dying).paymentIntents.create(TICKET, { idempotencyKey: "create" });
      await dying.pay(id, "succeed");
      await sdk(dying).refunds.create({ payment_intent: id, amount: 500 }, { idempotencyKey: "refund" });
      await dying.idle();
    };
    await Promise.race([story(), dyingStore.died]);

    const { fake, stripe } = await start({ store: memoryStore(rows), webhookUrl: () => hook.url });
    await fake.idle();
    const delivered = new Set(hook.got.map(({ event }) => event.id));
    expect((await fake.events()).filter(({ id }) => !delivered.has(id))).toEqual([]);
    const told = new Set(hook.got.map(({ event }) => `${event.type} ${(event.data.object as { id: string }).id}`));
    const facts = [
      ...(await stripe.paymentIntents.list()).data.map(({ id }) => `payment_intent.created ${id}`),
      ...(await stripe.paymentIntents.search({ query: "status:'succeeded'" })).data.map(({ id }) => `payment_intent.succeeded ${id}`),
      ...(await stripe.refunds.list()).data.map(({ id }) => `refund.created ${id}`),
    ];
    expect(facts.filter((fact) => !told.has(fact))).toEqual([]);
    const again = await stripe.paymentIntents.create(TICKET, { idempotencyKey: "create" });
    expect((await stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([again.id]);
  });
});

describe("reading", () => {
  it("lists newest first, in pages, by time", async () => {
    const { stripe, fake, store } = await start();
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift((await stripe.paymentIntents.create(TICKET)).id);
    const page = await stripe.paymentIntents.list({ limit: 2 });
    expect(page).toMatchObject({ object: "list", has_more: true, url: "/v1/payment_intents" });
    expect(page.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect((await stripe.paymentIntents.list({ limit: 2, starting_after: ids[1]! })).data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    expect((await stripe.paymentIntents.list({ limit: 2, ending_before: ids[3]! })).data.map(({ id }) => id)).toEqual(ids.slice(1, 3));
    const all: string[] = [];
    for await (const intent of stripe.paymentIntents.list({ limit: 2 })) all.push(intent.id);
    expect(all).toEqual(ids);
    const { created } = await stripe.paymentIntents.retrieve(ids[0]!);
    expect((await stripe.paymentIntents.list({ created: { gt: created } })).data).toHaveLength(0);
    expect((await stripe.paymentIntents.list({ created: { gte: created - 60, lte: created } })).data).toHaveLength(5);
    expect((await failureOf(stripe.paymentIntents.list({ limit: 101 }))).statusCode).toBe(400);
    expect(await failureOf(stripe.paymentIntents.list({ starting_after: "pi_none" }))).toMatchObject({ code: "resource_missing", param: "starting_after" });
    await fake.close();
    const reborn = await start({ store });
    const newest = await reborn.stripe.paymentIntents.create(TICKET);
    expect((await reborn.stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([newest.id, ...ids]);
  });

  it("finds by metadata", async () => {
    const { stripe, fake } = await start();
    const wanted = await stripe.paymentIntents.create({
      ...TICKET,
      metadata: { order_id: "ord_7" },
    });
    await stripe.paymentIntents.create({ ...TICKET, metadata: { order_id: "ord_8" } });
    const found = await stripe.paymentIntents.search({ query: "metadata['order_id']:'ord_7'" });
    expect(found).toMatchObject({ object: "search_result", has_more: false });
    expect(found.data.map(({ id }) => id)).toEqual([wanted.id]);
    await fake.pay(wanted.id, "succeed");
    const both = 'status:\'succeeded\' AND metadata["order_id"]:"ord_7"';
    expect((await stripe.paymentIntents.search({ query: both })).data).toHaveLength(1);
    expect(
      (
        await stripe.paymentIntents.search({
          query: "metadata['order_id']:'ord_8' AND status:'succeeded'",
        })
      ).data,
    ).toHaveLength(0);
    expect(await failureOf(stripe.paymentIntents.search({ query: "nonsense" }))).toMatchObject({
      statusCode: 400,
      param: "query",
    });
  });

  it("expands up to four levels and refuses what cannot be expanded", async () => {
    const { stripe, fake } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    await fake.pay(id, "succeed");
    const deep = await stripe.paymentIntents.retrieve(id, {
      expand: ["latest_charge.balance_transaction.source", "payment_method"],
    });
    expect(deep).toMatchObject({
      latest_charge: { balance_transaction: { source: { object: "charge" } } },
      payment_method: { object: "payment_method", type: "card" },
    });
    const listed = await stripe.paymentIntents.list({ expand: ["data.latest_charge"] });
    expect(listed.data[0]?.latest_charge).toMatchObject({ object: "charge" });
    expect(await failureOf(stripe.paymentIntents.retrieve(id, { expand: ["amount"] }))).toMatchObject({ statusCode: 400, param: "expand" });
    const five = "latest_charge.payment_intent.latest_charge.payment_intent.latest_charge";
    expect((await failureOf(stripe.paymentIntents.retrieve(id, { expand: [five] }))).message).toContain("more than 4 levels");
  });

  it("keeps every event for reading, by type, with its delivery state", async () => {
    const { stripe, fake } = await start();
    const { id } = await stripe.paymentIntents.create(TICKET);
    await fake.pay(id, "succeed");
    await fake.idle();
    const events = await fake.events();
    expect(events[0]?.type).toBe("payment_intent.created");
    const listed = await stripe.events.list();
    expect(listed.data.map((event) => event.id)).toEqual(events.map((event) => event.id).toReversed());
    expect(listed.data.every((event) => event.pending_webhooks === 0)).toBe(true);
    const charges = await stripe.events.list({ type: "charge.*" });
    expect(charges.data.map(({ type }) => type).toSorted()).toEqual(["charge.succeeded", "charge.updated"]);
    const some = await stripe.events.list({
      types: ["payment_intent.succeeded"],
      created: { gte: events[0]!.created },
    });
    expect(some.data).toHaveLength(1);
    expect(await stripe.events.retrieve(some.data[0]!.id)).toMatchObject({
      type: "payment_intent.succeeded",
    });
    const paged = await stripe.events.list({ limit: 1, starting_after: listed.data[1]!.id });
    expect(paged.data.map((event) => event.id)).toEqual([listed.data[2]!.id]);
  });
});
