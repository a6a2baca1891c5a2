import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURRENCIES, MAX_AMOUNT } from "../../../../packages/core/src/money.ts";
import { lineFor, quantityError, type Sellable } from "../../../../packages/core/src/order/rules/purchase.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" as const });
const type = (some: Partial<Sellable> = {}): Sellable => ({
  ticketTypeId: "tt_1",
  name: "Standing",
  kind: "paid",
  basePrice: eur(4_500),
  minPerOrder: 1,
  maxPerOrder: 10,
  ...some,
});
const donation = type({ kind: "donation", basePrice: eur(1_000) });
const free = type({ kind: "free", basePrice: eur(0) });

describe("the quantity", () => {
  it("is within the type's limits per order, both included", () => {
    const pairs = type({ minPerOrder: 2, maxPerOrder: 4 });
    expect([1, 2, 3, 4, 5].map((quantity) => quantityError(pairs, quantity)?.message)).toEqual([
      "Buy at least 2 at once.",
      undefined,
      undefined,
      undefined,
      "Buy at most 4 at once.",
    ]);
    expect(quantityError(pairs, 5)?.path).toBe("quantity");
  });
});

describe("the price", () => {
  it("is what a donor gives for each ticket, as the worked example says", () => {
    expect(lineFor(donation, 2, 2_500)).toEqual({ line: { ticketTypeId: "tt_1", name: "Standing", quantity: 2, unitPrice: eur(2_500), total: eur(5_000) } });
    expect(lineFor(donation, 2, eur(2_500))).toEqual(lineFor(donation, 2, 2_500));
  });

  it("is the suggested amount when a donor names none, and nothing when they give nothing", () => {
    expect(lineFor(donation, 2, undefined)).toMatchObject({ line: { total: eur(2_000) } });
    expect(lineFor(donation, 2, 0)).toMatchObject({ line: { total: eur(0) } });
  });

  it("is the base price of a paid ticket and nothing for a free one, whatever the buyer says", () => {
    expect(lineFor(type(), 3, undefined)).toMatchObject({ line: { unitPrice: eur(4_500), total: eur(13_500) } });
    expect(lineFor(free, 3, undefined)).toMatchObject({ line: { unitPrice: eur(0), total: eur(0) } });
    expect(lineFor(type(), 1, 1)).toMatchObject({ error: { path: "amount" } });
    expect(lineFor(free, 1, 1)).toMatchObject({ error: { path: "amount" } });
  });

  it("is in the type's currency", () => {
    expect(lineFor(donation, 1, { amount: 2_500, currency: "USD" })).toEqual({ error: { path: "amount.currency", message: "Must be EUR." } });
  });

  it("is nothing or what a card can be charged: the least amount counts for the whole line", () => {
    expect(lineFor(donation, 1, 49)).toEqual({ error: { path: "amount", message: "The total must be at least €0.50 and have at most eight digits." } });
    expect(lineFor(donation, 2, 25)).toMatchObject({ line: { total: eur(50) } });
    expect(lineFor(type({ basePrice: eur(MAX_AMOUNT) }), 2, undefined)).toMatchObject({ error: { path: "quantity" } });
  });

  it("of any line is its unit price times its quantity, and chargeable or zero", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(CURRENCIES) as (keyof typeof CURRENCIES)[])),
        fc.nat(MAX_AMOUNT),
        fc.integer({ min: 1, max: 50 }),
        (currency, amount, quantity) => {
          const result = lineFor(type({ kind: "donation", basePrice: { amount: 0, currency } }), quantity, amount);
          const payable = amount === 0 || (amount * quantity >= CURRENCIES[currency].minimumCharge && amount * quantity <= MAX_AMOUNT);
          expect("line" in result).toBe(payable);
          if ("line" in result) expect(result.line).toMatchObject({ unitPrice: { amount, currency }, total: { amount: amount * quantity, currency } });
        },
      ),
    );
  });
});
