/**
 * What an order costs: the price algorithm, as a specification. Quote and order go by this alone, so that a placed order costs
 * what its quote said. All amounts are whole minor units of one currency; every step of a line says what the line costs after it.
 *
 *   1 list_price      list price × quantity
 *   2 buyer_amount    a donation: what the buyer gives per ticket
 *     phase           the price phase of the type (`ticket-type/rules/phase.ts`)
 *   3 code            on paid lines it is for: percent of the line · fixed off every ticket · a set price, never a higher one ·
 *                     fixed off the order, at most what those lines cost, shared among them in proportion
 *   4 group_discount  on paid lines with at least `threshold` tickets together: percent of each line, or, for every `threshold`
 *                     tickets, the `cheapestFree` cheapest of them (the last of equals). The discount that takes most off goes
 *                     first and has its lines to itself; then the next, on the lines that are left. Equals go by their order
 *   5 fee             percent of the line after discounts, or fixed per ticket; none on a line that costs nothing
 *   6 tax             percent of the line and of the fees on top of it, or fixed per ticket; none on a line that costs nothing
 *
 * Fees and taxes that are included raise nothing: of included percents p the part of one is amount × p / (100 % + Σ p); an
 * included fixed amount is part of the line as far as the line goes. Those that are not included are added. Every part is rounded
 * once, to a whole minor unit, by the event's rounding (`half_up` or `half_even`); amounts that are shared go down first, and
 * what is left goes to the largest remainders, the first of equals. No discount takes a line below zero. The total is the sum of
 * the lines: 0, or at least what a card can be charged, and at most eight digits.
 *
 * Worked example: 3 × 45.00 EUR, code 10 %, group discount 3 for 5 %, fee 1.50 a ticket on top, VAT 22 % included:
 *   list_price 135.00 → code −13.50 = 121.50 → group_discount −6.08 (6.075, half up) = 115.42 → fee +4.50 = 119.92
 *   → tax 21.62 of it (119.92 × 22 / 122) → total 119.92.
 */
import type { FieldError } from "../../error.ts";
import { CURRENCIES, dealt, HUNDRED_PERCENT, inWords, isChargeable, shareOf, type Currency, type Money, type Rounding } from "../../money.ts";
import type { LineAdjustment, OrderLine, PriceStep } from "../schema.ts";

/** A line before its price. `own`: what of 2 applies instead of the list price. */
export type PriceableLine = {
  ticketTypeId: string;
  name: OrderLine["name"];
  kind: "paid" | "free" | "donation";
  quantity: number;
  listPrice: Money;
  own?: { kind: "buyer_amount" | "phase"; unitPrice: Money; name?: string | undefined } | undefined;
};

/** What a code takes off, of the types it is for; of all when it names none. `basisPoints`: hundredths of a percent. */
export type CodeDiscount = { name?: string; ticketTypeIds?: readonly string[] | undefined } & (
  | { kind: "percent"; basisPoints: number }
  | { kind: "fixed"; amount: number; per: "ticket" | "order" }
  | { kind: "set_price"; amount: number }
);

/** What a party saves; exactly one of `basisPoints` and `cheapestFree`. */
export type GroupDiscount = {
  name?: string | undefined;
  threshold: number;
  basisPoints?: number | undefined;
  cheapestFree?: number | undefined;
  ticketTypeIds?: readonly string[] | undefined;
};

/** A fee or a tax; exactly one of `basisPoints` and `amount` (per ticket). */
export type Charge = {
  name: string;
  basisPoints?: number | undefined;
  amount?: number | undefined;
  included: boolean;
  ticketTypeIds?: readonly string[] | undefined;
};

export type Pricing = {
  code?: CodeDiscount | undefined;
  groupDiscounts: readonly GroupDiscount[];
  fees: readonly Charge[];
  taxes: readonly Charge[];
  rounding: Rounding;
};

export type PricedLine = OrderLine & { steps: PriceStep[] };

type Working = { asked: PriceableLine; amount: number; steps: PriceStep[]; adjustments: LineAdjustment[] };

/** The lines with all that came about on the way, and what they cost together. Same input, same answer. */
export function priceOf(lines: readonly PriceableLine[], pricing: Pricing, currency: Currency): { lines: PricedLine[]; total: Money } {
  const working = lines.map(begun);
  if (pricing.code) discountByCode(working, pricing.code, pricing.rounding);
  discountGroups(working, pricing.groupDiscounts, pricing.rounding);
  for (const line of working) {
    addCharges(line, "fee", pricing.fees, pricing.rounding);
    addCharges(line, "tax", pricing.taxes, pricing.rounding);
  }
  return { lines: working.map(finished), total: { amount: working.reduce((sum, { amount }) => sum + amount, 0), currency } };
}

/** Why the total cannot be paid in one payment, if it cannot. */
export function unpayable(total: Money, discounted: boolean): FieldError | undefined {
  if (total.amount === 0 || isChargeable(total)) return undefined;
  const least = { amount: CURRENCIES[total.currency].minimumCharge, currency: total.currency };
  if (total.amount >= least.amount) return { path: "lines", message: "Together they must cost at most eight digits: order in parts." };
  const way = discounted ? "order more, or leave the code out" : "order more";
  return { path: "lines", message: `A card cannot be charged less than ${inWords(least)}: ${way}.` };
}

function begun(asked: PriceableLine): Working {
  const { listPrice, own, quantity } = asked;
  const price = (kind: PriceStep["kind"], unitPrice: Money, name?: string): PriceStep => ({
    kind,
    ...(name === undefined ? {} : { name }),
    unitPrice,
    total: { amount: unitPrice.amount * quantity, currency: unitPrice.currency },
  });
  const steps = [price("list_price", listPrice), ...(own ? [price(own.kind, own.unitPrice, own.name)] : [])];
  return { asked, amount: steps.at(-1)!.total.amount, steps, adjustments: [] };
}

function finished({ asked: { ticketTypeId, name, quantity, listPrice, own }, amount, steps, adjustments }: Working): PricedLine {
  return {
    ...{ ticketTypeId, name, quantity, unitPrice: own?.unitPrice ?? listPrice },
    total: { amount, currency: listPrice.currency },
    ...(own?.kind === "phase" && own.name !== undefined ? { phase: own.name } : {}),
    ...(adjustments.length > 0 ? { adjustments } : {}),
    steps,
  };
}

function change(line: Working, kind: LineAdjustment["kind"], by: number, { name, included }: { name?: string | undefined; included?: boolean } = {}): void {
  if (by === 0) return;
  const { currency } = line.asked.listPrice;
  const named = { kind, ...(name === undefined ? {} : { name }), ...(included ? { included } : {}) };
  if (!included) line.amount += by;
  line.adjustments.push({ ...named, amount: by });
  line.steps.push({ ...named, change: { amount: by, currency }, total: { amount: line.amount, currency } });
}

const isFor = (ids: readonly string[] | undefined, { asked }: Working) => ids === undefined || ids.includes(asked.ticketTypeId);
const discountable = (lines: readonly Working[], ids: readonly string[] | undefined) => lines.filter((line) => line.asked.kind === "paid" && isFor(ids, line));

function discountByCode(lines: readonly Working[], code: CodeDiscount, rounding: Rounding): void {
  const mine = discountable(lines, code.ticketTypeIds);
  const off = offByCode(mine, code, rounding);
  for (const [i, line] of mine.entries()) change(line, "code", -off[i]!, code);
}

function offByCode(lines: readonly Working[], code: CodeDiscount, rounding: Rounding): number[] {
  const each = (offOne: (unit: number) => number) =>
    lines.map(({ amount, asked: { quantity } }) => quantity * Math.max(0, Math.min(amount / quantity, offOne(amount / quantity))));
  if (code.kind === "percent") return lines.map(({ amount }) => shareOf(amount, code.basisPoints, HUNDRED_PERCENT, rounding));
  if (code.kind === "set_price") return each((unit) => unit - code.amount);
  if (code.per === "ticket") return each(() => code.amount);
  const amounts = lines.map(({ amount }) => amount);
  return dealt(Math.min(code.amount, sumOf(amounts)), amounts);
}

function discountGroups(lines: readonly Working[], discounts: readonly GroupDiscount[], rounding: Rounding): void {
  let free = [...lines];
  let left = [...discounts];
  while (left.length > 0) {
    const offers = left.map((discount) => ({ discount, ...offForGroup(discountable(free, discount.ticketTypeIds), discount, rounding) }));
    const best = offers.reduce((most, offer) => (sumOf(offer.off) > sumOf(most.off) ? offer : most));
    if (sumOf(best.off) === 0) return;
    for (const [i, line] of best.lines.entries()) change(line, "group_discount", -best.off[i]!, best.discount);
    free = free.filter((line) => !best.lines.includes(line));
    left = left.filter((discount) => discount !== best.discount);
  }
}

function offForGroup(lines: Working[], { threshold, basisPoints, cheapestFree }: GroupDiscount, rounding: Rounding): { lines: Working[]; off: number[] } {
  const tickets = sumOf(lines.map(({ asked }) => asked.quantity));
  if (tickets < threshold) return { lines, off: lines.map(() => 0) };
  if (basisPoints !== undefined) return { lines, off: lines.map(({ amount }) => shareOf(amount, basisPoints, HUNDRED_PERCENT, rounding)) };
  const gifts = Math.floor(tickets / threshold) * (cheapestFree ?? 0);
  const prices = lines.flatMap((line, i) => ticketPrices(line.amount, line.asked.quantity).map((price) => ({ i, price })));
  const cheapest = prices.sort((a, b) => a.price - b.price || b.i - a.i).slice(0, gifts);
  return { lines, off: lines.map((_, i) => sumOf(cheapest.filter((gift) => gift.i === i).map(({ price }) => price))) };
}

function addCharges(line: Working, kind: "fee" | "tax", charges: readonly Charge[], rounding: Rounding): void {
  const base = line.amount;
  if (base === 0) return;
  const mine = charges.filter((charge) => isFor(charge.ticketTypeIds, line));
  const inside = HUNDRED_PERCENT + sumOf(mine.map(({ basisPoints = 0, included }) => (included ? basisPoints : 0)));
  let room = base;
  for (const charge of mine) {
    const { basisPoints, amount = 0, included } = charge;
    const full = basisPoints === undefined ? amount * line.asked.quantity : shareOf(base, basisPoints, included ? inside : HUNDRED_PERCENT, rounding);
    const part = included ? Math.min(room, full) : full;
    if (included) room -= part;
    change(line, kind, part, charge);
  }
}

/** What each ticket of a line cost: equal shares, the first ones a minor unit more when it does not divide. */
export function ticketPrices(amount: number, quantity: number): number[] {
  return dealt(
    amount,
    Array.from({ length: quantity }, () => 1),
  );
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
