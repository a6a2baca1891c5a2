import * as z from "zod";

/**
 * Currencies we sell in: decimals of the minor unit, and the least amount (minor units) a card can be charged.
 * An allow-list, because zero- and three-decimal currencies have exceptions at the payment provider.
 */
export const CURRENCIES = {
  AED: { decimals: 2, minimumCharge: 200 },
  AUD: { decimals: 2, minimumCharge: 50 },
  BRL: { decimals: 2, minimumCharge: 50 },
  CAD: { decimals: 2, minimumCharge: 50 },
  CHF: { decimals: 2, minimumCharge: 50 },
  COP: { decimals: 2, minimumCharge: 200_000 },
  CZK: { decimals: 2, minimumCharge: 1_500 },
  DKK: { decimals: 2, minimumCharge: 250 },
  EUR: { decimals: 2, minimumCharge: 50 },
  GBP: { decimals: 2, minimumCharge: 30 },
  HKD: { decimals: 2, minimumCharge: 400 },
  INR: { decimals: 2, minimumCharge: 50 },
  JPY: { decimals: 0, minimumCharge: 50 },
  MXN: { decimals: 2, minimumCharge: 1_000 },
  NOK: { decimals: 2, minimumCharge: 300 },
  NZD: { decimals: 2, minimumCharge: 50 },
  PLN: { decimals: 2, minimumCharge: 200 },
  RON: { decimals: 2, minimumCharge: 200 },
  SEK: { decimals: 2, minimumCharge: 300 },
  SGD: { decimals: 2, minimumCharge: 50 },
  USD: { decimals: 2, minimumCharge: 50 },
} as const;

export const Currency = z.enum(Object.keys(CURRENCIES) as (keyof typeof CURRENCIES)[]);
export type Currency = z.output<typeof Currency>;

/** Eight digits of the minor unit: the payment provider takes no more. */
export const MAX_AMOUNT = 99_999_999;

/** An amount in whole minor units (cents; yen) and its ISO 4217 currency. */
export const Money = z
  .strictObject({ amount: z.int().min(0).max(MAX_AMOUNT), currency: Currency })
  .meta({ description: "Whole minor units (cents, yen) and an ISO 4217 currency.", example: { amount: 4_500, currency: "EUR" } });
export type Money = z.output<typeof Money>;

/** `amount × quantity`, exact. */
export function times(money: Money, quantity: number): Money {
  return { amount: money.amount * quantity, currency: money.currency };
}

/** Sum of amounts of one currency. Throws RangeError when they differ: a bug, never a user's mistake. */
export function sum(parts: readonly Money[], currency: Currency): Money {
  let amount = 0;
  for (const part of parts) {
    if (part.currency !== currency) throw new RangeError(`cannot add ${part.currency} to ${currency}`);
    amount += part.amount;
  }
  return { amount, currency };
}

/** Can a card be charged this amount? Zero is no charge. */
export function isChargeable({ amount, currency }: Money): boolean {
  return amount >= CURRENCIES[currency].minimumCharge && amount <= MAX_AMOUNT;
}

/** The amount in words for a person: "€45.00". */
export function inWords({ amount, currency }: Money, locale = "en-GB"): string {
  const { decimals } = CURRENCIES[currency];
  return new Intl.NumberFormat(locale, { style: "currency", currency, minimumFractionDigits: decimals }).format(amount / 10 ** decimals);
}

/** How a part that is no whole minor unit is rounded: halves away from zero, or to the even neighbour. */
export const Rounding = z.enum(["half_up", "half_even"]);
export type Rounding = z.output<typeof Rounding>;

/** Percents are reckoned in basis points: hundredths of a percent. */
export const HUNDRED_PERCENT = 10_000;

/** A percentage as people write it. */
export const Percent = z
  .number()
  .min(0)
  .max(100)
  .refine((percent) => Math.abs(percent * 100 - Math.round(percent * 100)) < 1e-9, "At most two decimals.");

/** A percentage in basis points. */
export function basisPointsOf(percent: number): number {
  return Math.round(percent * 100);
}

/** `amount × parts / of` as a whole number; all whole, none negative. Exact at any size. */
export function shareOf(amount: number, parts: number, of: number, rounding: Rounding): number {
  const [product, divisor] = [BigInt(amount) * BigInt(parts), BigInt(of)];
  const whole = product / divisor;
  const rest = (product - whole * divisor) * 2n;
  const up = rest > divisor || (rest === divisor && (rounding === "half_up" || whole % 2n === 1n));
  return Number(whole) + (up ? 1 : 0);
}

/**
 * An amount dealt out by weights: the parts add up to it, each less than a unit from its exact share. What is left after rounding
 * down goes to the largest remainders, the first of equals. Nothing is dealt when nothing has weight.
 */
export function dealt(amount: number, weights: readonly number[]): number[] {
  const all = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (all === 0n) return weights.map(() => 0);
  const parts = weights.map((weight, i) => {
    const product = BigInt(amount) * BigInt(weight);
    return { i, whole: Number(product / all), rest: product % all };
  });
  const left = amount - parts.reduce((sum, { whole }) => sum + whole, 0);
  const ranked = [...parts].sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1));
  const lucky = new Set(ranked.slice(0, left).map(({ i }) => i));
  return parts.map(({ i, whole }) => whole + (lucky.has(i) ? 1 : 0));
}
