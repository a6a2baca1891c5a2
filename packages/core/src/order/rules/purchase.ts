/**
 * Whether a line of an order may be bought now, and for how much a ticket. What the order costs then: `price.ts`.
 *
 *   window    opensAt ≤ now < closesAt (`event/rules/status.ts`), the event published and not over, the type active
 *   quantity  minPerOrder ≤ quantity ≤ maxPerOrder; every type is named once, so a line is all of it
 *   price     paid: the phase that has room for the line (`ticket-type/rules/phase.ts`), else the base price · free: 0 ·
 *             donation: what the buyer gives per ticket, within minimumPrice and maximumPrice, else the suggested amount; the
 *             line's tickets are for nothing or cost at least what a card can be charged, and at most eight digits
 *
 * Worked example: donation, suggested 10.00 EUR, at most 50.00: the buyer gives 25.00 for each of 2 and pays 50.00; whoever
 * gives 60.00 is told to give at most 50.00.
 */
import type { FieldError } from "../../error.ts";
import { saleWindow, statusAt, type StatusFacts } from "../../event/rules/status.ts";
import { CURRENCIES, inWords, isChargeable, times, type Money } from "../../money.ts";
import { localWords } from "../../time.ts";
import type { OrderLine } from "../schema.ts";
import type { PriceableLine } from "./price.ts";

/** What the rule needs to know of a ticket type. */
export type Sellable = {
  ticketTypeId: string;
  name: OrderLine["name"];
  kind: "paid" | "free" | "donation";
  basePrice: Money;
  minimumPrice?: Money | undefined;
  maximumPrice?: Money | undefined;
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

/** What of a type one ticket is sold for instead of its list price, if anything, or the field that leaves the line without a price. */
export function ownPrice(
  type: Sellable,
  { quantity, amount }: Wanted,
  offered: { price: Money; phase?: { name: string } },
): { own: PriceableLine["own"] } | { error: FieldError } {
  const { currency } = type.basePrice;
  if (amount !== undefined && type.kind !== "donation") return { error: { path: "amount", message: `A ${type.kind} ticket has its price: leave amount out.` } };
  if (typeof amount === "object" && amount.currency !== currency) return { error: { path: "amount.currency", message: `Must be ${currency}.` } };
  const given = typeof amount === "object" ? amount.amount : amount;
  const own = given === undefined ? phaseOf(offered) : { kind: "buyer_amount" as const, unitPrice: { amount: given, currency } };
  const { unitPrice } = own ?? { unitPrice: type.basePrice };
  const { minimumPrice, maximumPrice } = type;
  if (minimumPrice && unitPrice.amount < minimumPrice.amount) return { error: { path: "amount", message: `Give at least ${inWords(minimumPrice)} for each.` } };
  if (maximumPrice && unitPrice.amount > maximumPrice.amount) return { error: { path: "amount", message: `Give at most ${inWords(maximumPrice)} for each.` } };
  if (unitPrice.amount === 0 || isChargeable(times(unitPrice, quantity))) return { own };
  const least = { amount: CURRENCIES[currency].minimumCharge, currency };
  return {
    error: { path: type.kind === "donation" ? "amount" : "quantity", message: `The total must be at least ${inWords(least)} and have at most eight digits.` },
  };
}

function phaseOf({ price, phase }: { price: Money; phase?: { name: string } }): PriceableLine["own"] {
  return phase && { kind: "phase", unitPrice: price, name: phase.name };
}
