import { invalid } from "./failure.ts";

/** Least charge in the minor unit, from Stripe's table of minimum amounts. */
// prettier-ignore
const MINIMUM: Readonly<Record<string, number>> = {
  usd: 50, aed: 200, aud: 50, bgn: 100, brl: 50, cad: 50, chf: 50, czk: 1500, dkk: 250, eur: 50, gbp: 30, hkd: 400,
  huf: 17500, inr: 50, jpy: 50, mxn: 1000, myr: 200, nok: 300, nzd: 50, pln: 200, ron: 200, sek: 300, sgd: 50, thb: 1000,
};

/** Supported without a published minimum: about half a dollar, rounded down. */
// prettier-ignore
const OTHER_MINIMUM: Readonly<Record<string, number>> = {
  ars: 500, bhd: 180, clp: 450, cop: 200_000, egp: 2000, idr: 800_000, ils: 170, isk: 6800, jod: 350, krw: 650, kwd: 150,
  mad: 450, mga: 2200, ngn: 70_000, omr: 190, pen: 180, php: 2800, pyg: 3600, qar: 180, rwf: 700, sar: 180, tnd: 1500,
  try: 1700, twd: 1600, uah: 2000, ugx: 180_000, vnd: 12_500, vuv: 60, xaf: 290, xof: 290, xpf: 53, zar: 900,
};

const ZERO_DECIMAL = new Set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" "));
const THREE_DECIMAL = new Set("bhd jod kwd omr tnd".split(" "));
const TWO_DECIMAL_IN_HUNDREDS = new Set(["isk", "ugx"]);
const SYMBOL: Readonly<Record<string, string>> = { usd: "$", eur: "€", gbp: "£", jpy: "¥" };
const MAX_AMOUNT = 99_999_999;

/** `$0.50 usd`, as in Stripe's messages. */
export function display(amount: number, currency: string): string {
  const decimals = ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2;
  return `${SYMBOL[currency] ?? ""}${(amount / 10 ** decimals).toFixed(decimals)} ${currency}`;
}

/** Lowercase ISO code that Stripe charges in. */
export function checkCurrency(currency: string): void {
  if (Object.hasOwn(MINIMUM, currency) || Object.hasOwn(OTHER_MINIMUM, currency)) return;
  const supported = [...Object.keys(MINIMUM), ...Object.keys(OTHER_MINIMUM)].join(", ");
  throw invalid(`Invalid currency: ${currency}. Stripe currently supports these currencies: ${supported}`, "currency");
}

/** Positive, at most eight digits, not below the currency's minimum. */
export function checkAmount(amount: number, currency: string): void {
  if (amount < 1) throw invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer");
  const minimum = MINIMUM[currency] ?? OTHER_MINIMUM[currency] ?? 1;
  if (amount < minimum) throw invalid(`Amount must be at least ${display(minimum, currency)}`, "amount", "amount_too_small");
  if (amount > MAX_AMOUNT) throw invalid(`Amount must be no more than ${display(MAX_AMOUNT, currency)}`, "amount", "amount_too_large");
  const step = THREE_DECIMAL.has(currency) ? 10 : TWO_DECIMAL_IN_HUNDREDS.has(currency) ? 100 : 1;
  if (amount % step !== 0) throw invalid(`Amounts in ${currency} must be multiples of ${step}.`, "amount", "parameter_invalid_integer");
}
