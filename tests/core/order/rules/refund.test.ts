import fc from "fast-check";
import { expect, it } from "vitest";
import { decideRefund, type RefundFacts } from "../../../../packages/core/src/order/rules/refund.ts";

const DAY = 86_400_000;
const facts = (change: Partial<RefundFacts> = {}): RefundFacts => ({
  captured: 9_000,
  disputed: 0,
  refunds: [],
  tickets: [
    { n: 1, status: "valid", price: 4_500 },
    { n: 2, status: "valid", price: 4_500 },
  ],
  policy: undefined,
  startsAt: 100 * DAY,
  now: 90 * DAY,
  ...change,
});
const half = [{ daysBefore: 7, percent: 50 }];

it("gives everything back for all tickets, and voids the order", () => {
  expect(decideRefund(facts(), {})).toEqual({ amount: 9_000, takenBack: [1, 2], voids: true });
});

it("gives an amount back and leaves the tickets", () => {
  expect(decideRefund(facts(), { amount: 2_500 })).toEqual({ amount: 2_500, takenBack: [], voids: false });
});

it("takes the tickets of whoever has all of their money back", () => {
  expect(decideRefund(facts(), { amount: 9_000 })).toEqual({ amount: 9_000, takenBack: [1, 2], voids: true });
});

it("takes named tickets back at the policy's share of their price, as the worked example says", () => {
  const first = decideRefund(facts({ policy: half }), { numbers: [1] });
  expect(first).toEqual({ amount: 2_250, takenBack: [1], voids: false });
  const tickets = [
    { n: 1, status: "revoked", price: 4_500 },
    { n: 2, status: "valid", price: 4_500 },
  ] as const;
  expect(decideRefund(facts({ policy: half, tickets, refunds: [{ status: "succeeded", amount: 2_250 }] }), {})).toEqual({
    amount: 2_250,
    takenBack: [2],
    voids: true,
  });
});

it.each<[string, Partial<RefundFacts>, Parameters<typeof decideRefund>[1], string, number]>([
  ["nothing was paid", { captured: 0 }, {}, "nothing_paid", 0],
  ["a pending refund takes it all", { refunds: [{ status: "pending", amount: 9_000 }] }, { amount: 1 }, "nothing_left", 0],
  ["the bank has taken it back", { disputed: 9_000 }, {}, "nothing_left", 0],
  ["more than remains is asked for", { refunds: [{ status: "succeeded", amount: 4_000 }] }, { amount: 5_001 }, "exceeds_remaining", 5_000],
  ["more than the policy allows is asked for", { policy: half }, { amount: 4_501 }, "exceeds_policy", 4_500],
  ["it is too late by the policy", { policy: half, now: 99 * DAY }, {}, "not_by_policy", 0],
  ["a ticket is revoked", { tickets: [{ n: 1, status: "revoked", price: 4_500 }] }, { numbers: [1] }, "ticket_not_valid", 9_000],
  ["a ticket is of another order", {}, { numbers: [0] }, "ticket_not_valid", 9_000],
])("refuses when %s", (_, change, asked, refusal, atMost) => {
  expect(decideRefund(facts(change), asked)).toEqual({ refusal, atMost });
});

it("never gives back more than was captured, in any sequence of refunds of which some fail", () => {
  const asked = fc.oneof(
    fc.record({ amount: fc.integer({ min: 1, max: 12_000 }) }),
    fc.record({ numbers: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1 }) }),
    fc.constant({}),
  );
  const step = fc.record({ asked, fails: fc.boolean(), disputed: fc.constantFrom(0, 0, 0, 3_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.constantFrom(undefined, half), (steps, policy) => {
      let state = facts({ policy, tickets: [1, 2, 3].map((n) => ({ n, status: "valid" as const, price: 3_000 })) });
      for (const { asked, fails, disputed } of steps) {
        state = { ...state, disputed: Math.max(state.disputed, disputed) };
        const decision = decideRefund(state, asked);
        if ("refusal" in decision) continue;
        const went = state.refunds.filter(({ status }) => status !== "failed").reduce((sum, { amount }) => sum + amount, 0);
        expect(decision.amount).toBeGreaterThan(0);
        expect(went + decision.amount + state.disputed).toBeLessThanOrEqual(state.captured);
        state = {
          ...state,
          refunds: [...state.refunds, { status: fails ? "failed" : "succeeded", amount: decision.amount }],
          tickets: state.tickets.map((ticket) => (decision.takenBack.includes(ticket.n) ? { ...ticket, status: "revoked" as const } : ticket)),
        };
        if (decision.voids) expect(state.tickets.every(({ status }) => status === "revoked")).toBe(true);
      }
    }),
  );
});
