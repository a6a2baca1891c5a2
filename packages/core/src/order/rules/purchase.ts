/**
 * What a line of an order costs, and whether it may be bought now. Quote and order decide by this alone, so that a placed
 * order costs what its quote said.
 *
 *   window    opensAt ≤ now < closesAt (`event/rules/status.ts`), the event published and not over, the type active
 *   quantity  minPerOrder ≤ quantity ≤ maxPerOrder; every type is named once, so a line is all of it
 *   price     paid: the base price · free: 0 · donation: what the buyer gives per ticket, else the suggested amount;
 *             a line is 0 or at least what a card can be charged, and all lines together have at most eight digits
 *   steps     how the line's total came about, each with the price as it stands after it; the last one is the line's
 *
 * Worked example: donation, suggested 10.00 EUR, the buyer gives 25.00 for each of 2:
 *   list_price 10.00 each, 20.00 → buyer_amount 25.00 each, 50.00 → line total 50.00 EUR.
 */
import type { FieldError } from "../../error.ts";
import { saleWindow, statusAt, type StatusFacts } from "../../event/rules/status.ts";
import { CURRENCIES, inWords, isChargeable, sum, times, type Money } from "../../money.ts";
import { localWords } from "../../time.ts";
import type { OrderLine, PriceStep } from "../schema.ts";

/** What the rule needs to know of a ticket type. */
export type Sellable = {
  ticketTypeId: string;
  name: OrderLine["name"];
  kind: "paid" | "free" | "donation";
  basePrice: Money;
  minPerOrder: number;
  maxPerOrder: number;
  isActive: boolean;
  salesStartAt?: string | undefined;
  salesEndAt?: string | undefined;
};

/** What the rule needs to know of an event. */
export type Show = StatusFacts & { timeZone: string };

/** `amount`: what a donor gives per ticket. */
export type Wanted = { quantity: number; amount?: number | Money | undefined };

export type PricedLine = OrderLine & { steps: PriceStep[] };

/** Why a line cannot be bought at this instant, although it has a price. */
export type Refusal = { because: "not_on_sale" | "over_limit"; detail: string; facts: Record<string, unknown>; fields?: FieldError[] };

/** Why a type cannot be bought at `at`, and when it can; undefined when it can. */
export function notOnSale(show: Show, type: Sellable, at: string): Refusal | undefined {
  const { opensAt, closesAt } = saleWindow(show, type);
  const window = { salesStartAt: opensAt, salesEndAt: closesAt };
  const refuse = (detail: string, facts: Record<string, unknown>): Refusal => ({ because: "not_on_sale", detail, facts });
  const status = statusAt(show, at);
  if (show.stage !== "published" || status === "completed") return refuse(`The event is ${status}.`, { eventStatus: status });
  if (!type.isActive) return refuse("This type is not offered at the moment.", { isActive: false });
  if (opensAt !== null && at < opensAt) return refuse(`Sales start on ${localWords(opensAt, show.timeZone)}.`, window);
  if (at >= closesAt) return refuse(`Sales ended on ${localWords(closesAt, show.timeZone)}.`, window);
  return undefined;
}

/** Which of the type's limits per order the quantity breaks, if any. */
export function overLimit({ minPerOrder, maxPerOrder }: Sellable, quantity: number): Refusal | undefined {
  if (quantity >= minPerOrder && quantity <= maxPerOrder) return undefined;
  const message = quantity < minPerOrder ? `Buy at least ${minPerOrder} at once.` : `Buy at most ${maxPerOrder} at once.`;
  return { because: "over_limit", detail: message, facts: { minPerOrder, maxPerOrder }, fields: [{ path: "quantity", message }] };
}

/** The line of a purchase and how it came about, or the field that leaves it without a price. */
export function priced(type: Sellable, { quantity, amount }: Wanted): { line: PricedLine } | { error: FieldError } {
  if (amount !== undefined && type.kind !== "donation") return { error: { path: "amount", message: `A ${type.kind} ticket has its price: leave amount out.` } };
  const { currency } = type.basePrice;
  if (typeof amount === "object" && amount.currency !== currency) return { error: { path: "amount.currency", message: `Must be ${currency}.` } };
  const given = typeof amount === "object" ? amount.amount : amount;
  const step = (kind: PriceStep["kind"], unitPrice: Money): PriceStep => ({ kind, unitPrice, total: times(unitPrice, quantity) });
  const listPrice = step("list_price", type.basePrice);
  const steps = given === undefined ? [listPrice] : [listPrice, step("buyer_amount", { amount: given, currency })];
  const { unitPrice, total } = steps.at(-1)!;
  if (unitPrice.amount > 0 && !isChargeable(total)) {
    const least = { amount: CURRENCIES[currency].minimumCharge, currency };
    return {
      error: { path: type.kind === "donation" ? "amount" : "quantity", message: `The total must be at least ${inWords(least)} and have at most eight digits.` },
    };
  }
  return { line: { ticketTypeId: type.ticketTypeId, name: type.name, quantity, unitPrice, total, steps } };
}

/** What all lines cost together, or why they cannot be paid in one payment. */
export function totalOf(lines: readonly OrderLine[], currency: Money["currency"]): { total: Money } | { error: FieldError } {
  const total = sum(
    lines.map((line) => line.total),
    currency,
  );
  if (total.amount > 0 && !isChargeable(total)) return { error: { path: "lines", message: "Together they must cost at most eight digits: order in parts." } };
  return { total };
}
