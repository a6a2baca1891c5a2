import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURRENCIES, Currency, inWords, isChargeable, MAX_AMOUNT, Money, sum, times, dealt, Percent, shareOf } from "../../packages/core/src/money.ts";

const eur = (amount: number): Money => ({ amount, currency: "EUR" });

describe("an amount", () => {
  it("is whole minor units of a currency we sell in, never negative, at most eight digits", () => {
    for (const amount of [0, 1, MAX_AMOUNT]) expect(Money.safeParse(eur(amount)).success, String(amount)).toBe(true);
    for (const amount of [-1, 0.5, 12.34, MAX_AMOUNT + 1, Number.NaN, Infinity, "1", null])
      expect(Money.safeParse({ amount, currency: "EUR" }).success, String(amount)).toBe(false);
    for (const currency of ["eur", "XXX", "", undefined]) expect(Money.safeParse({ amount: 1, currency }).success, String(currency)).toBe(false);
  });

  it("multiplies and adds exactly", () => {
    fc.assert(
      fc.property(fc.nat(MAX_AMOUNT), fc.integer({ min: 0, max: 50 }), (amount, quantity) => {
        expect(
          sum(
            Array.from({ length: quantity }, () => eur(amount)),
            "EUR",
          ),
        ).toEqual(times(eur(amount), quantity));
      }),
    );
    expect(sum([], "JPY")).toEqual({ amount: 0, currency: "JPY" });
  });

  it("is never added to another currency", () => {
    expect(() => sum([eur(1), { amount: 1, currency: "USD" }], "EUR")).toThrow(RangeError);
  });
});

describe("a card", () => {
  it.each(Currency.options)("is charged %s between its least amount and eight digits", (currency) => {
    const { minimumCharge } = CURRENCIES[currency];
    expect([0, minimumCharge - 1, minimumCharge, MAX_AMOUNT, MAX_AMOUNT + 1].map((amount) => isChargeable({ amount, currency }))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});

describe("in words", () => {
  it("is written as people write it", () => {
    expect(inWords(eur(4_500))).toBe("€45.00");
    expect(inWords({ amount: 4_500, currency: "JPY" })).toBe("JP¥4,500");
    expect(inWords(eur(123_456), "de-DE")).toBe("1.234,56\u00a0€");
  });

  it.each(Currency.options)("shows %s with the decimals of its minor unit, none left out", (currency) => {
    const { decimals } = CURRENCIES[currency];
    expect(inWords({ amount: 7 * 10 ** decimals, currency }).replace(/[^0-9.]/g, "")).toBe((7).toFixed(decimals));
    expect(inWords({ amount: 1, currency }).replace(/[^0-9.]/g, "")).toBe((10 ** -decimals).toFixed(decimals));
  });
});

describe("shares", () => {
  it("round halves away from zero or to the even neighbour, exactly at any size", () => {
    expect([shareOf(1, 1, 2, "half_up"), shareOf(3, 1, 2, "half_up"), shareOf(1, 1, 2, "half_even"), shareOf(3, 1, 2, "half_even")]).toEqual([1, 2, 0, 2]);
    expect(shareOf(5_000_000_000, 9_999, 10_000, "half_up")).toBe(4_999_500_000);
  });

  it("that are dealt out add up, and none is a unit or more from its exact share", () => {
    fc.assert(
      fc.property(fc.nat(5_000_000_000), fc.array(fc.nat(5_000_000_000), { minLength: 1, maxLength: 50 }), (amount, weights) => {
        const parts = dealt(amount, weights);
        const all = weights.reduce((sum, weight) => sum + weight, 0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(all === 0 ? 0 : amount);
        for (const [i, part] of parts.entries()) if (all > 0) expect(Math.abs(part - (amount / all) * weights[i]!)).toBeLessThan(1 + 1e-3);
      }),
    );
    expect(dealt(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(dealt(5, [0, 0])).toEqual([0, 0]);
  });

  it("of a hundred have at most two decimals", () => {
    expect([22, 7.25, 0, 100, 19.99].every((percent) => Percent.safeParse(percent).success)).toBe(true);
    expect([22.125, -1, 101].some((percent) => Percent.safeParse(percent).success)).toBe(false);
  });
});
