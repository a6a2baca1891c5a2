import type { Stripe } from "../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js";
import { expect, it } from "vitest";
import { disputedIntent, disputedOrder, disputeFact } from "../../packages/integrations/src/stripe/dispute-fact.ts";

const transaction = { id: "txn_1", amount: -9_000, currency: "eur", created: 1_793_610_060 };
const dispute = (change: object = {}) =>
  ({
    id: "du_1",
    status: "needs_response",
    amount: 9_000,
    currency: "eur",
    reason: "fraudulent",
    network_reason_code: "10.4",
    evidence_details: { due_by: 1_794_214_860, submission_count: 0 },
    balance_transactions: [transaction],
    created: 1_793_610_060,
    payment_intent: { id: "pi_1", metadata: { order_id: "ord_1", attempt: "1" } },
    ...change,
  }) as unknown as Stripe.Dispute;

it("tells a dispute in our words", () => {
  expect(disputeFact(dispute(), "ord_1")).toEqual({
    providerDisputeId: "du_1",
    orderId: "ord_1",
    status: "needs_response",
    amount: 9_000,
    currency: "EUR",
    reason: "fraudulent",
    networkReasonCode: "10.4",
    evidenceDueAt: "2026-11-09T09:01:00.000Z",
    submissions: 0,
    movements: [{ reference: "txn_1", way: "withdrawn", amount: 9_000, currency: "EUR", at: "2026-11-02T09:01:00.000Z" }],
    openedAt: "2026-11-02T09:01:00.000Z",
  });
});

it("knows no due date where the bank takes no answer, and no code where there is none", () => {
  const fact = disputeFact(dispute({ network_reason_code: null, evidence_details: { due_by: 0, submission_count: 0 } }), "ord_1");
  expect(fact).not.toHaveProperty("evidenceDueAt");
  expect(fact).not.toHaveProperty("networkReasonCode");
});

it("books in the currency of the charge what was settled in another one", () => {
  const { movements } = disputeFact(
    dispute({
      balance_transactions: [
        { ...transaction, amount: -9_730, currency: "usd" },
        { ...transaction, id: "txn_2", amount: 9_000 },
      ],
    }),
    "ord_1",
  );
  expect(movements.map(({ reference, way, amount, currency }) => `${reference} ${way} ${amount} ${currency}`)).toEqual([
    "txn_1 withdrawn 9000 EUR",
    "txn_2 reinstated 9000 EUR",
  ]);
});

it("finds the order by the payment's metadata, and none for a payment of somebody else", () => {
  expect(disputedOrder(dispute())).toBe("ord_1");
  expect(disputedIntent(dispute())!.id).toBe("pi_1");
  for (const payment_intent of [null, "pi_1", { id: "pi_1", metadata: {} }]) expect(disputedOrder(dispute({ payment_intent }))).toBeUndefined();
});
