/**
 * What a purchase of one type costs, and whether it may happen now.
 *
 *   window    opensAt ≤ now < closesAt (`event/rules/status.ts`), the event published and not begun to end
 *   quantity  minPerOrder ≤ quantity ≤ maxPerOrder
 *   price     paid: the base price · free: 0 · donation: what the buyer gives per ticket, else the suggested amount;
 *             0 is a free ticket, anything else at least what a card can be charged
 *
 * Worked example: donation, suggested 10.00 EUR, the buyer gives 25.00 for each of 2 → line total 50.00 EUR.
 */
import type { FieldError } from "../../error.ts";
import { CURRENCIES, inWords, isChargeable, times, type Money } from "../../money.ts";
import type { OrderLine } from "../schema.ts";

export type Sellable = {
  ticketTypeId: string;
  name: OrderLine["name"];
  kind: "paid" | "free" | "donation";
  basePrice: Money;
  minPerOrder: number;
  maxPerOrder: number;
};

/** Which of the type's limits per order the quantity breaks, if any. */
export function quantityError(type: Sellable, quantity: number): FieldError | undefined {
  if (quantity < type.minPerOrder) return { path: "quantity", message: `Buy at least ${type.minPerOrder} at once.` };
  if (quantity > type.maxPerOrder) return { path: "quantity", message: `Buy at most ${type.maxPerOrder} at once.` };
  return undefined;
}

/** The line of a purchase, or the field that is wrong. `amount`: what a donor gives per ticket. */
export function lineFor(type: Sellable, quantity: number, amount: number | Money | undefined): { line: OrderLine } | { error: FieldError } {
  if (amount !== undefined && type.kind !== "donation") return { error: { path: "amount", message: `A ${type.kind} ticket has its price: leave amount out.` } };
  const { currency } = type.basePrice;
  if (typeof amount === "object" && amount.currency !== currency) return { error: { path: "amount.currency", message: `Must be ${currency}.` } };
  const unitPrice: Money = { amount: typeof amount === "object" ? amount.amount : (amount ?? type.basePrice.amount), currency };
  const total = times(unitPrice, quantity);
  if (unitPrice.amount > 0 && !isChargeable(total)) {
    const least = { amount: CURRENCIES[currency].minimumCharge, currency };
    return {
      error: { path: type.kind === "donation" ? "amount" : "quantity", message: `The total must be at least ${inWords(least)} and have at most eight digits.` },
    };
  }
  return { line: { ticketTypeId: type.ticketTypeId, name: type.name, quantity, unitPrice, total } };
}
