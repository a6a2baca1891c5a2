import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURRENCIES, MAX_AMOUNT } from "../../../../packages/core/src/money.ts";
import { notOnSale, overLimit, priced, totalOf, type Sellable, type Show } from "../../../../packages/core/src/order/rules/purchase.ts";

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

describe("the price", () => {
  it("is what a donor gives for each ticket, as the worked example says", () => {
    expect(priced(donation, { quantity: 2, amount: 2_500 })).toEqual({
      line: {
        ...{ ticketTypeId: "tt_1", name: "Standing", quantity: 2, unitPrice: eur(2_500), total: eur(5_000) },
        steps: [
          { kind: "list_price", unitPrice: eur(1_000), total: eur(2_000) },
          { kind: "buyer_amount", unitPrice: eur(2_500), total: eur(5_000) },
        ],
      },
    });
    expect(priced(donation, { quantity: 2, amount: eur(2_500) })).toEqual(priced(donation, { quantity: 2, amount: 2_500 }));
  });

  it("is the suggested amount when a donor names none, and nothing when they give nothing", () => {
    expect(priced(donation, { quantity: 2 })).toMatchObject({ line: { total: eur(2_000), steps: [{ kind: "list_price" }] } });
    expect(priced(donation, { quantity: 2, amount: 0 })).toMatchObject({ line: { total: eur(0) } });
  });

  it("is the base price of a paid ticket and nothing for a free one, whatever the buyer says", () => {
    expect(priced(type(), { quantity: 3 })).toMatchObject({ line: { unitPrice: eur(4_500), total: eur(13_500) } });
    expect(priced(free, { quantity: 3 })).toMatchObject({ line: { unitPrice: eur(0), total: eur(0) } });
    expect(priced(type(), { quantity: 1, amount: 1 })).toMatchObject({ error: { path: "amount" } });
    expect(priced(free, { quantity: 1, amount: 1 })).toMatchObject({ error: { path: "amount" } });
  });

  it("is in the type's currency", () => {
    expect(priced(donation, { quantity: 1, amount: { amount: 2_500, currency: "USD" } })).toEqual({
      error: { path: "amount.currency", message: "Must be EUR." },
    });
  });

  it("is nothing or what a card can be charged: the least amount counts for the whole line", () => {
    expect(priced(donation, { quantity: 1, amount: 49 })).toEqual({
      error: { path: "amount", message: "The total must be at least €0.50 and have at most eight digits." },
    });
    expect(priced(donation, { quantity: 2, amount: 25 })).toMatchObject({ line: { total: eur(50) } });
    expect(priced(type({ basePrice: eur(MAX_AMOUNT) }), { quantity: 2 })).toMatchObject({ error: { path: "quantity" } });
  });

  it("of any line is its unit price times its quantity, chargeable or zero, and where its steps end", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(CURRENCIES) as (keyof typeof CURRENCIES)[])),
        fc.nat(MAX_AMOUNT),
        fc.integer({ min: 1, max: 50 }),
        (currency, amount, quantity) => {
          const result = priced(type({ kind: "donation", basePrice: { amount: 0, currency } }), { quantity, amount });
          const payable = amount === 0 || (amount * quantity >= CURRENCIES[currency].minimumCharge && amount * quantity <= MAX_AMOUNT);
          expect("line" in result).toBe(payable);
          if (!("line" in result)) return;
          expect(result.line).toMatchObject({ unitPrice: { amount, currency }, total: { amount: amount * quantity, currency } });
          expect(result.line.steps.at(-1)).toMatchObject({ unitPrice: result.line.unitPrice, total: result.line.total });
        },
      ),
    );
  });

  it("of all lines is their sum, as long as one payment can carry it", () => {
    const line = (amount: number) => ({ ticketTypeId: "tt_1", name: "Standing", quantity: 1, unitPrice: eur(amount), total: eur(amount) });
    expect(totalOf([line(4_500), line(0), line(50)], "EUR")).toEqual({ total: eur(4_550) });
    expect(totalOf([line(MAX_AMOUNT - 50), line(50)], "EUR")).toEqual({ total: eur(MAX_AMOUNT) });
    expect(totalOf([line(MAX_AMOUNT), line(50)], "EUR")).toMatchObject({ error: { path: "lines" } });
    expect(() => totalOf([line(50)], "USD")).toThrow(RangeError);
  });
});
