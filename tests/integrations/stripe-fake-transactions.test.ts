import { Stripe } from "../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js";
import { startStripeFake, type StripeFake } from "@fashionistas/integrations/stripe/fake";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { movementOf } from "../../packages/integrations/src/stripe/reconcile/movement.ts";
import { memoryStore } from "./memory-store.ts";

let fake: StripeFake;
let stripe: Stripe;
beforeAll(async () => {
  fake = await startStripeFake({ store: memoryStore(), secretKey: "sk_test_x", webhookSecret: "whsec_x", webhookUrl: () => "http://127.0.0.1:9" });
  fake.pauseWebhooks();
  const { hostname, port } = new URL(fake.url);
  stripe = new Stripe("sk_test_x", { host: hostname, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });
});
afterAll(() => fake.close());

async function paid(amount: number, currency = "eur") {
  const { id } = await stripe.paymentIntents.create({ amount, currency, metadata: { order_id: "ord_1" } });
  return fake.pay(id, "succeed");
}

describe("the list of balance transactions", () => {
  it("holds every movement, newest first, and pages, filters and expands as Stripe does", async () => {
    const since = Math.floor(Date.now() / 1000) - 1;
    const [first, second] = [await paid(1_000), await paid(2_000, "usd")];
    const refund = await stripe.refunds.create({ payment_intent: first.id, amount: 300 });
    const all = await stripe.balanceTransactions.list({ created: { gte: since } });
    expect(all.data.map(({ type, amount, currency }) => [type, amount, currency])).toEqual([
      ["refund", -300, "eur"],
      ["charge", 2_000, "usd"],
      ["charge", 1_000, "eur"],
    ]);
    expect(all).toMatchObject({ has_more: false, url: "/v1/balance_transactions" });

    const page = await stripe.balanceTransactions.list({ limit: 1, starting_after: all.data[0]!.id, expand: ["data.source"] });
    expect(page).toMatchObject({ has_more: true, data: [{ source: { object: "charge", payment_intent: second.id, metadata: { order_id: "ord_1" } } }] });
    const ids = async (params: Stripe.BalanceTransactionListParams) => (await stripe.balanceTransactions.list(params)).data.map(({ id }) => id);
    expect(await ids({ type: "refund" })).toEqual([refund.balance_transaction]);
    expect(await ids({ currency: "usd" })).toEqual([all.data[1]!.id]);
    expect(await ids({ source: refund.id })).toEqual([refund.balance_transaction]);
    expect(await ids({ created: { lt: since } })).toEqual([]);
    await expect(stripe.balanceTransactions.list({ starting_after: "txn_none" })).rejects.toMatchObject({ code: "resource_missing", param: "starting_after" });
    await expect(stripe.balanceTransactions.list({ limit: 101 })).rejects.toMatchObject({ param: "limit" });
    await expect(stripe.balanceTransactions.list({ payout: "po_1" })).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe("a balance transaction, in our words", () => {
  const charge = { id: "ch_1", object: "charge", currency: "usd", amount_captured: 1_000, payment_intent: "pi_1", metadata: { order_id: "ord_1" } };
  const refund = { id: "re_1", object: "refund", currency: "usd", amount: 300, payment_intent: "pi_1", metadata: { refund_id: "rf_1" } };
  const dispute = { id: "du_1", object: "dispute", currency: "usd", amount: 1_000, payment_intent: "pi_1" };
  const transaction = (change: object) =>
    movementOf({ id: "txn_1", object: "balance_transaction", created: 1_793_610_060, currency: "usd", fee: 0, amount: 0, ...change } as never);

  it.each([
    [
      "charge",
      { type: "charge", amount: 1_000, fee: 59, source: charge },
      { kind: "charge", amount: 1_000, orderId: "ord_1", ids: ["txn_1", "ch_1", "pi_1"], fee: { amount: 59, currency: "USD" } },
    ],
    ["bank debit", { type: "payment", amount: 1_000, source: charge }, { kind: "charge", amount: 1_000, fee: undefined }],
    [
      "refund",
      { type: "refund", amount: -300, source: refund },
      { kind: "refund", amount: 300, orderId: undefined, intentId: "pi_1", ids: ["txn_1", "re_1", "rf_1"] },
    ],
    ["refund of a bank debit", { type: "payment_refund", amount: -300, source: refund }, { kind: "refund" }],
    ["refund that failed", { type: "refund_failure", amount: 300, source: refund }, { kind: "refund_failure", amount: 300 }],
    [
      "dispute",
      { type: "adjustment", amount: -1_000, fee: 1_500, source: dispute },
      { kind: "dispute", amount: 1_000, fee: { amount: 1_500, currency: "USD" } },
    ],
    ["dispute that was won", { type: "adjustment", amount: 1_000, source: dispute }, { kind: "dispute_reversal", amount: 1_000 }],
  ])("is a movement of an order's money: a %s", (_, change, expected) => {
    expect(transaction(change)).toMatchObject({ currency: "USD", transactionId: "txn_1", at: "2026-11-02T09:01:00.000Z", ...expected });
  });

  it("settled in another currency, is told in the one the buyer paid in, and its fee in the one Stripe kept it in", () => {
    const settled = { currency: "eur", exchange_rate: 0.9 };
    expect(transaction({ ...settled, type: "charge", amount: 900, fee: 53, source: charge })).toMatchObject({
      amount: 1_000,
      currency: "USD",
      fee: { amount: 53, currency: "EUR" },
    });
    expect(transaction({ ...settled, type: "refund", amount: -270, source: refund })).toMatchObject({ amount: 300, currency: "USD" });
    expect(transaction({ ...settled, type: "adjustment", amount: -900, source: dispute })).toMatchObject({ kind: "dispute", amount: 1_000 });
  });

  it("is nothing to compare when it is of the account, and reported when an order's money moved as we never book it", () => {
    for (const type of ["payout", "stripe_fee", "topup", "transfer", "reserve_transaction"]) expect(transaction({ type, amount: -5 })).toBeUndefined();
    expect(transaction({ type: "adjustment", amount: -5, source: null })).toBeUndefined();
    for (const type of ["payment_failure_refund", "payment_reversal"]) expect(transaction({ type, amount: -5, source: charge })).toBe("unknown");
    expect(transaction({ type: "charge", amount: 5, source: "ch_1" })).toBe("unknown");
  });
});
