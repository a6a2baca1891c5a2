import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Stripe } from "../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js";
import type { FakeStore } from "@fashionistas/integrations/fake-store";
import { startStripeFake, type StripeFake } from "@fashionistas/integrations/stripe/fake";

/** A store as strict about what it takes in one write as the engine. */
function memoryStore(): FakeStore {
  const rows = new Map<string, string>();
  const store: FakeStore = {
    async get<T>(collection: string, id: string) {
      const text = rows.get(`${collection}/${id}`);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    put: (collection, id, value) => store.putAll([{ collection, id, value }]),
    async putAll(entries) {
      const keys = entries.map(({ collection, id }) => `${collection}/${id}`);
      if (keys.length > 25 || new Set(keys).size < keys.length) throw new Error("not one write");
      for (const [i, { value }] of entries.entries()) rows.set(keys[i]!, JSON.stringify(value));
    },
    async remove(collection, id) {
      rows.delete(`${collection}/${id}`);
    },
    async list<T>(collection: string) {
      const own = [...rows].filter(([key]) => key.startsWith(`${collection}/`)).map(([key, text]) => ({ id: key.slice(collection.length + 1), text }));
      return own.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, text }) => ({ id, value: JSON.parse(text) as T }));
    },
  };
  return store;
}

let fake: StripeFake;
let stripe: Stripe;
let hook: http.Server;
beforeEach(async () => {
  hook = http.createServer((request, response) => void request.resume().on("end", () => response.writeHead(200).end()));
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  fake = await startStripeFake({
    store: memoryStore(),
    secretKey: "sk_test_local",
    webhookSecret: "whsec_local",
    webhookUrl: () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
  });
  const { hostname, port } = new URL(fake.url);
  stripe = new Stripe("sk_test_local", { host: hostname, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });
});
afterEach(async () => {
  await fake.close();
  hook.closeAllConnections();
  hook.close();
});

async function paid(paymentMethod = "pm_card_visa"): Promise<string> {
  const { id } = await stripe.paymentIntents.create({ amount: 9_000, currency: "eur" });
  await fake.pay(id, "succeed", { paymentMethod });
  return id;
}

async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown as Stripe.errors.StripeError,
  );
  return { status: error?.statusCode, code: error?.code, param: error?.param };
}

const notOpen = { status: 400, code: "dispute_not_open", param: undefined };
const eventsOf = async (id: string) => (await fake.events()).filter(({ data }) => (data.object as { id: string }).id === id).map(({ type }) => type);

describe("a chargeback", () => {
  it("takes the money at once, of the whole charge or of a part of it", async () => {
    const intent = await paid();
    const whole = await fake.dispute(intent, { kind: "chargeback" });
    expect(whole).toMatchObject({ status: "needs_response", amount: 9_000, is_charge_refundable: false });
    expect(whole.balance_transactions.map(({ amount, reporting_category }) => [amount, reporting_category])).toEqual([[-9_000, "dispute"]]);
    expect(await eventsOf(whole.id)).toEqual(["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
    const part = await fake.dispute(await paid(), { kind: "chargeback", amount: 4_000 });
    expect(part.balance_transactions.map(({ amount }) => amount)).toEqual([-4_000]);
    await expect(fake.dispute(await paid(), { kind: "chargeback", amount: 9_001 })).rejects.toThrow();
  });

  it("brings the money back when it is won, and keeps it when it is lost or prevented", async () => {
    const outcomes = await Promise.all(
      (["won", "lost", "prevented"] as const).map(async (verdict) => {
        const { id } = await fake.dispute(await paid(), { kind: "chargeback" });
        const { status, balance_transactions } = await fake.closeDispute(id, verdict);
        return [status, balance_transactions.map(({ amount, reporting_category }) => `${amount} ${reporting_category}`), await eventsOf(id)];
      }),
    );
    const opened = ["charge.dispute.created", "charge.dispute.funds_withdrawn"];
    expect(outcomes).toEqual([
      ["won", ["-9000 dispute", "9000 dispute_reversal"], [...opened, "charge.dispute.closed", "charge.dispute.funds_reinstated"]],
      ["lost", ["-9000 dispute"], [...opened, "charge.dispute.closed"]],
      ["prevented", ["-9000 dispute"], [...opened, "charge.dispute.closed"]],
    ]);
  });

  it("is decided once", async () => {
    const { id } = await fake.dispute(await paid(), { kind: "chargeback" });
    await fake.closeDispute(id, "lost");
    await expect(fake.closeDispute(id, "won")).rejects.toThrow(/status of lost/);
    expect(await failure(stripe.disputes.close(id))).toEqual(notOpen);
  });
});

describe("an inquiry", () => {
  it("moves no money, leaves the charge refundable and ends by being closed", async () => {
    const intent = await paid();
    const { id, status, is_charge_refundable, balance_transactions } = await fake.dispute(intent, { kind: "inquiry" });
    expect({ status, is_charge_refundable, balance_transactions }).toEqual({
      status: "warning_needs_response",
      is_charge_refundable: true,
      balance_transactions: [],
    });
    expect(await eventsOf(id)).toEqual(["charge.dispute.created"]);
    expect((await stripe.refunds.create({ payment_intent: intent, amount: 1_000 })).status).toBe("succeeded");
    await expect(fake.closeDispute(id, "won")).rejects.toThrow();
    expect(await failure(stripe.disputes.close(id))).toEqual(notOpen);
    expect((await fake.closeDispute(id, "warning_closed")).status).toBe("warning_closed");
  });

  it("takes the money when it becomes a chargeback, which blocks refunds", async () => {
    const intent = await paid();
    const { id } = await fake.dispute(intent, { kind: "inquiry" });
    const { status, balance_transactions } = await fake.escalate(id);
    expect([status, balance_transactions.map(({ amount }) => amount)]).toEqual(["needs_response", [-9_000]]);
    expect(await eventsOf(id)).toEqual(["charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn"]);
    expect(await failure(stripe.refunds.create({ payment_intent: intent }))).toMatchObject({ code: "charge_disputed" });
    await expect(fake.escalate(id)).rejects.toThrow();
  });

  it("comes by itself with pm_card_createDisputeInquiry", async () => {
    const intent = await paid("pm_card_createDisputeInquiry");
    await fake.idle();
    const { data } = await stripe.disputes.list({ payment_intent: intent });
    expect(data.map(({ status }) => status)).toEqual(["warning_needs_response"]);
  });

  it("is under review once it is answered", async () => {
    const { id } = await fake.dispute(await paid(), { kind: "inquiry" });
    const answered = await stripe.disputes.update(id, { evidence: { customer_name: "Anna" } });
    expect(answered).toMatchObject({ status: "warning_under_review", evidence_details: { submission_count: 1 } });
    expect(await failure(stripe.disputes.update(id, { evidence: { customer_name: "Ann" } }))).toEqual(notOpen);
    expect((await fake.escalate(id)).status).toBe("needs_response");
  });
});

describe("evidence", () => {
  it("is staged with submit: false, replaced field by field, and submitted by an update without any", async () => {
    const { id } = await fake.dispute(await paid(), { kind: "chargeback" });
    await stripe.disputes.update(id, { evidence: { customer_name: "Anna", product_description: "Two tickets" }, submit: false });
    const staged = await stripe.disputes.update(id, { evidence: { customer_name: "Anna Rossi" }, submit: false });
    expect(staged).toMatchObject({
      status: "needs_response",
      evidence: { customer_name: "Anna Rossi", product_description: "Two tickets" },
      evidence_details: { has_evidence: true, submission_count: 0 },
    });
    const submitted = await stripe.disputes.update(id, { submit: true });
    expect(submitted).toMatchObject({ status: "under_review", evidence_details: { submission_count: 1, submission_method: "manual", past_due: false } });
    expect(await failure(stripe.disputes.update(id, { submit: true }))).toEqual(notOpen);
    const updates = (await fake.events()).filter(({ type }) => type === "charge.dispute.updated");
    expect(updates.map(({ data }) => (data as { previous_attributes: { status?: string } }).previous_attributes.status)).toEqual([
      undefined,
      undefined,
      "needs_response",
    ]);
  });

  it("holds 20,000 characters in a long text, 5,000 in a short one and 150,000 together", async () => {
    const { id } = await fake.dispute(await paid(), { kind: "chargeback" });
    const stage = (evidence: Stripe.DisputeUpdateParams.Evidence) => stripe.disputes.update(id, { evidence, submit: false });
    const long = "x".repeat(20_000);
    expect((await stage({ access_activity_log: long })).evidence.access_activity_log).toHaveLength(20_000);
    expect(await failure(stage({ access_activity_log: `${long}x` }))).toMatchObject({ status: 400, param: "evidence[access_activity_log]" });
    expect(await failure(stage({ customer_name: "x".repeat(5_001) }))).toMatchObject({ status: 400, param: "evidence[customer_name]" });
    const seven = {
      cancellation_policy_disclosure: long,
      cancellation_rebuttal: long,
      duplicate_charge_explanation: long,
      product_description: long,
      refund_policy_disclosure: long,
      refund_refusal_explanation: long,
    };
    await stage(seven);
    expect(await failure(stage({ uncategorized_text: "x".repeat(10_001) }))).toMatchObject({ status: 400, param: "evidence" });
    await stage({ uncategorized_text: "x".repeat(10_000) });
  });

  it("decides a test dispute by its words", async () => {
    const { id } = await fake.dispute(await paid(), { kind: "chargeback" });
    expect((await stripe.disputes.update(id, { evidence: { uncategorized_text: "losing_evidence" } })).status).toBe("lost");
    const inquiry = await fake.dispute(await paid(), { kind: "inquiry" });
    expect((await stripe.disputes.update(inquiry.id, { evidence: { uncategorized_text: "winning_evidence" } })).status).toBe("warning_closed");
  });
});

describe("the list of disputes", () => {
  it("is newest first, by payment, by charge and page by page", async () => {
    const intents = [await paid(), await paid(), await paid()];
    const ids: string[] = [];
    for (const intent of intents) ids.push((await fake.dispute(intent, { kind: "chargeback" })).id);
    const newest = ids.toReversed();
    expect((await stripe.disputes.list()).data.map(({ id }) => id)).toEqual(newest);
    expect((await stripe.disputes.list({ payment_intent: intents[1]! })).data.map(({ id }) => id)).toEqual([ids[1]]);
    const { charge } = await stripe.disputes.retrieve(ids[2]!);
    expect((await stripe.disputes.list({ charge: charge as string })).data.map(({ id }) => id)).toEqual([ids[2]]);
    const first = await stripe.disputes.list({ limit: 2 });
    expect([first.data.map(({ id }) => id), first.has_more]).toEqual([newest.slice(0, 2), true]);
    expect((await stripe.disputes.list({ limit: 2, starting_after: newest[1]! })).data.map(({ id }) => id)).toEqual(newest.slice(2));
    const seconds = Math.floor(Date.now() / 1_000);
    expect((await stripe.disputes.list({ created: { gt: seconds + 5 } })).data).toEqual([]);
    expect((await stripe.disputes.list({ created: { gte: seconds - 60 } })).data).toHaveLength(3);
  });

  it("refuses a payment, a charge or a cursor that does not exist", async () => {
    expect(await failure(stripe.disputes.list({ payment_intent: "pi_none" }))).toMatchObject({
      status: 404,
      code: "resource_missing",
      param: "payment_intent",
    });
    expect(await failure(stripe.disputes.list({ charge: "ch_none" }))).toMatchObject({ status: 404, code: "resource_missing", param: "charge" });
    expect(await failure(stripe.disputes.list({ starting_after: "du_none" }))).toMatchObject({ status: 400, code: "resource_missing" });
  });
});
