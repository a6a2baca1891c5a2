import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURRENCIES, MAX_AMOUNT } from "../../../../packages/core/src/money.ts";
import { notOnSale, overLimit, ownPrice, type Sellable, type Show } from "../../../../packages/core/src/order/rules/purchase.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" as const });
const type = (some: Partial<Sellable> = {}): Sellable => ({
  ticketTypeId: "tt_1",
  name: "Standing",
  kind: "paid",
  basePrice: eur(4_500),
  minPerOrder: 1,
  maxPerOrder: 10,
  isActive: true,
  ...some,
});
const donation = type({ kind: "donation", basePrice: eur(1_000) });
const free = type({ kind: "free", basePrice: eur(0) });
const show: Show = {
  stage: "published",
  startsAt: "2027-05-09T18:00:00.000Z",
  endsAt: "2027-05-09T20:00:00.000Z",
  timeZone: "Europe/Rome",
  offers: [],
};

describe("the window", () => {
  const day = (n: number) => `2027-05-0${n}T10:00:00.000Z`;
  const windowed = type({ salesStartAt: day(3), salesEndAt: day(5) });
  it("is open from its first instant to before its last, and the refusal says when that is", () => {
    const facts = { salesStartAt: day(3), salesEndAt: day(5) };
    expect(notOnSale(show, windowed, "2027-05-03T09:59:59.999Z")).toMatchObject({
      because: "not_on_sale",
      facts,
      detail: expect.stringMatching(/^Sales start on 3 May 2027/),
    });
    expect(notOnSale(show, windowed, day(3))).toBeUndefined();
    expect(notOnSale(show, windowed, "2027-05-05T09:59:59.999Z")).toBeUndefined();
    expect(notOnSale(show, windowed, day(5))).toMatchObject({ facts, detail: expect.stringMatching(/^Sales ended on 5 May 2027/) });
  });

  it("matters neither for an inactive type nor for an event that nobody can come to", () => {
    expect(notOnSale(show, type({ isActive: false }), day(4))).toMatchObject({ facts: { isActive: false } });
    for (const stage of ["draft", "review", "cancelled"] as const)
      expect(notOnSale({ ...show, stage }, windowed, day(4))).toMatchObject({ facts: { eventStatus: stage } });
    expect(notOnSale(show, type(), show.endsAt)).toMatchObject({ facts: { eventStatus: "completed" } });
    expect(notOnSale(show, type(), show.startsAt)).toBeUndefined();
  });
});

describe("the quantity", () => {
  it("is within the type's limits per order, both included", () => {
    const pairs = type({ minPerOrder: 2, maxPerOrder: 4 });
    expect([1, 2, 3, 4, 5].map((quantity) => overLimit(pairs, quantity)?.detail)).toEqual([
      "Buy at least 2 at once.",
      undefined,
      undefined,
      undefined,
      "Buy at most 4 at once.",
    ]);
    expect(overLimit(pairs, 5)).toMatchObject({ because: "over_limit", fields: [{ path: "quantity" }], facts: { minPerOrder: 2, maxPerOrder: 4 } });
  });
});

describe("the price of a ticket", () => {
  const base = { price: eur(4_500) };
  it("is what a donor gives, within the bounds of the type, as the worked example says", () => {
    const bounded = type({ kind: "donation", basePrice: eur(1_000), minimumPrice: eur(500), maximumPrice: eur(5_000) });
    expect(ownPrice(bounded, { quantity: 2, amount: 2_500 }, base)).toEqual({ own: { kind: "buyer_amount", unitPrice: eur(2_500) } });
    expect(ownPrice(bounded, { quantity: 2, amount: eur(2_500) }, base)).toEqual(ownPrice(bounded, { quantity: 2, amount: 2_500 }, base));
    expect(ownPrice(bounded, { quantity: 2, amount: 6_000 }, base)).toEqual({ error: { path: "amount", message: "Give at most €50.00 for each." } });
    expect(ownPrice(bounded, { quantity: 2, amount: 499 }, base)).toEqual({ error: { path: "amount", message: "Give at least €5.00 for each." } });
  });

  it("is the suggested amount when a donor names none, and nothing when they give nothing", () => {
    expect(ownPrice(donation, { quantity: 2 }, base)).toEqual({ own: undefined });
    expect(ownPrice(donation, { quantity: 2, amount: 0 }, base)).toEqual({ own: { kind: "buyer_amount", unitPrice: eur(0) } });
  });

  it("is that of the phase, or the base price, whatever the buyer says", () => {
    expect(ownPrice(type(), { quantity: 3 }, base)).toEqual({ own: undefined });
    const early = { price: eur(3_000), phase: { name: "Early bird" } };
    expect(ownPrice(type(), { quantity: 3 }, early)).toEqual({ own: { kind: "phase", unitPrice: eur(3_000), name: "Early bird" } });
    expect(ownPrice(type(), { quantity: 1, amount: 1 }, base)).toMatchObject({ error: { path: "amount" } });
    expect(ownPrice(free, { quantity: 1, amount: 1 }, base)).toMatchObject({ error: { path: "amount" } });
  });

  it("is in the type's currency", () => {
    expect(ownPrice(donation, { quantity: 1, amount: { amount: 2_500, currency: "USD" } }, base)).toEqual({
      error: { path: "amount.currency", message: "Must be EUR." },
    });
  });

  it("is nothing or what a card can be charged: the least amount counts for the whole line, in every currency", () => {
    const message = "The total must be at least €0.50 and have at most eight digits.";
    expect(ownPrice(donation, { quantity: 1, amount: 49 }, base)).toEqual({ error: { path: "amount", message } });
    expect(ownPrice(type({ basePrice: eur(MAX_AMOUNT) }), { quantity: 2 }, base)).toEqual({ error: { path: "quantity", message } });
    const currencies = fc.constantFrom(...(Object.keys(CURRENCIES) as (keyof typeof CURRENCIES)[]));
    fc.assert(
      fc.property(currencies, fc.nat(MAX_AMOUNT), fc.integer({ min: 1, max: 50 }), (currency, amount, quantity) => {
        const result = ownPrice(type({ kind: "donation", basePrice: { amount: 0, currency } }), { quantity, amount }, base);
        const payable = amount === 0 || (amount * quantity >= CURRENCIES[currency].minimumCharge && amount * quantity <= MAX_AMOUNT);
        expect("own" in result).toBe(payable);
      }),
    );
  });
});
