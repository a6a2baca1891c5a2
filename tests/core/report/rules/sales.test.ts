import fc from "fast-check";
import { expect, it } from "vitest";
import { balanceOf } from "../../../../packages/core/src/ledger/rules/balance.ts";
import { LedgerKind } from "../../../../packages/core/src/ledger/schema.ts";
import { salesOf, type Movement } from "../../../../packages/core/src/report/rules/sales.ts";

const line = (ticketTypeId: string, quantity: number, unit: number) => ({
  ...{ ticketTypeId, name: ticketTypeId, quantity, unitPrice: { amount: unit }, total: { amount: quantity * unit } },
});
const order = { orderId: "ord_1", lines: [line("tt_a", 2, 4_500), line("tt_b", 1, 1_000)] };
const dayOf = (iso: string) => iso.slice(0, 10);

it("tells the worked example", () => {
  const charge: Movement = { order, kind: "charge", amount: 10_000, at: "2026-11-02T09:00:00Z" };
  const refund: Movement = { order, kind: "refund", amount: 4_500, at: "2026-11-03T09:00:00Z", tickets: [2] };
  const { rows, totals } = salesOf([{ ...order, soldAt: charge.at }], [charge, refund], dayOf);
  const none = { orders: 0, tickets: 0, gross: 0, refunded: 0, disputed: 0, fees: 0, net: 0 };
  expect(rows).toEqual([
    { ...none, day: "2026-11-02", ticketTypeId: "tt_a", name: "tt_a", orders: 1, tickets: 2, gross: 9_000, net: 9_000 },
    { ...none, day: "2026-11-02", ticketTypeId: "tt_b", name: "tt_b", orders: 1, tickets: 1, gross: 1_000, net: 1_000 },
    { ...none, day: "2026-11-03", ticketTypeId: "tt_a", name: "tt_a", refunded: 4_500, net: -4_500 },
  ]);
  expect(totals).toEqual({ ...none, orders: 1, tickets: 3, gross: 10_000, refunded: 4_500, net: 5_500 });
});

it("adds up to the ledger's balance to the last minor unit, whatever moved", () => {
  const lines = fc.array(fc.tuple(fc.constantFrom("tt_a", "tt_b", "tt_c"), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 99_999 })), {
    minLength: 1,
    maxLength: 4,
  });
  const movement = fc.record({
    kind: fc.constantFrom(...LedgerKind.options),
    amount: fc.integer({ min: 1, max: 9_999_999 }),
    at: fc.constantFrom("2026-11-02T09:00:00Z", "2026-11-03T09:00:00Z", "2026-11-04T09:00:00Z"),
    order: lines.map((all) => ({ orderId: "ord_1", lines: all.map(([id, quantity, unit]) => line(id, quantity, unit)) })),
    tickets: fc.option(fc.array(fc.integer({ min: 1, max: 6 })), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(movement), (movements) => {
      const { rows, totals } = salesOf([], movements, dayOf);
      const sum = (name: "gross" | "refunded" | "disputed" | "fees" | "net") => rows.reduce((all, row) => all + row[name], 0);
      const { captured, returned, disputed, fees, net } = balanceOf(movements);
      expect([sum("gross"), sum("refunded"), sum("disputed"), sum("fees"), sum("net")]).toEqual([captured, returned, disputed, fees, net].map((n) => n + 0));
      expect(totals).toMatchObject({ gross: captured, refunded: returned, disputed, fees, net });
    }),
  );
});
