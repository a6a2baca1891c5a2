import { defineError, type FieldError } from "../error.ts";

const notFound = defineError("ticket_type.not_found", "missing", "Ticket type not found");
/** `fields`: which of several was asked for in vain. */
export const ticketTypeNotFound = (fields?: readonly FieldError[]) => notFound("There is no such ticket type.", fields ? { fields } : {});
export const priceTooSmall = defineError("ticket_type.price_too_small", "unprocessable", "A card cannot be charged so little");
export const currencyMismatch = defineError("ticket_type.currency_mismatch", "unprocessable", "Prices are in the event's currency");
export const exceedsCapacity = defineError("ticket_type.exceeds_capacity", "conflict", "The room is too small for that");
export const belowSold = defineError("ticket_type.below_sold", "conflict", "More seats than that are sold or held");
export const tooManyTypes = defineError("ticket_type.too_many", "unprocessable", "An event has at most 40 ticket types");
export const fixedField = defineError("ticket_type.fixed_field", "unprocessable", "This cannot change");
export const typeHasOrders = defineError("ticket_type.has_orders", "conflict", "Somebody has ordered it");
export const phaseUnknown = defineError("ticket_type.phase_unknown", "unprocessable", "The type has no such price phase");
export const eventClosed = defineError("ticket_type.event_closed", "conflict", "The event is over or cancelled");
export const soldOut = defineError("ticket_type.sold_out", "conflict", "Sold out");
export const allHeld = defineError("ticket_type.all_held", "conflict", "The last seats are in other people's hands");
export const notEnough = defineError("ticket_type.not_enough_left", "conflict", "Fewer seats are left");
export const notOnSale = defineError("ticket_type.not_on_sale", "conflict", "Not on sale now");
