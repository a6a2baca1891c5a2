import type { VisibleError } from "../error.ts";
import * as Event from "../event/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import { isoOf, localWords } from "../time.ts";
import type { Money } from "../money.ts";
import { amountInvalid, overLimit } from "./errors.ts";
import { lineFor, quantityError, type Sellable } from "./rules/purchase.ts";
import type { OrderLine, PlaceOrder } from "./schema.ts";

/** The line of this purchase, if it may happen at this instant. @throws ticket_type.not_on_sale, order.over_limit, order.amount_invalid */
export function lineOnSale(
  type: TicketType.TicketTypeRow,
  event: Event.EventRow,
  { quantity, amount }: Pick<PlaceOrder, "quantity" | "amount">,
  now: number,
): OrderLine {
  const closed = whyNotOnSale(type, event, isoOf(now));
  if (closed) throw closed;
  const sellable: Sellable = { ...type, basePrice: type.basePrice as Money };
  const tooMany = quantityError(sellable, quantity);
  if (tooMany) throw overLimit(tooMany.message, { fields: [tooMany], facts: { minPerOrder: type.minPerOrder, maxPerOrder: type.maxPerOrder } });
  const result = lineFor(sellable, quantity, amount);
  if ("error" in result) throw amountInvalid(result.error.message, { fields: [result.error] });
  return result.line;
}

/** The refusal that says when it can be bought, or undefined when it can be bought at `at`. */
export function whyNotOnSale(type: TicketType.TicketTypeRow, event: Event.EventRow, at: string): VisibleError | undefined {
  const { opensAt, closesAt } = Event.saleWindow(Event.factsOf(event), type);
  const facts = { salesStartAt: opensAt, salesEndAt: closesAt };
  const status = Event.statusAt(Event.factsOf(event), at);
  if (event.stage !== "published" || status === "completed") return TicketType.notOnSale(`The event is ${status}.`, { facts });
  if (!type.isActive) return TicketType.notOnSale("This type is not offered at the moment.", { facts });
  if (opensAt !== null && at < opensAt) return TicketType.notOnSale(`Sales start on ${localWords(opensAt, event.timeZone)}.`, { facts });
  if (at >= closesAt) return TicketType.notOnSale(`Sales ended on ${localWords(closesAt, event.timeZone)}.`, { facts });
  return undefined;
}
