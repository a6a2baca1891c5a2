import { defineError } from "../error.ts";

const notFound = defineError("order.not_found", "missing", "Order not found");
export const orderNotFound = () => notFound("There is no such order, or it is not yours: send its Order-Token, or sign in as its buyer.");
export const overLimit = defineError("order.over_limit", "unprocessable", "More or fewer than one may buy");
export const amountInvalid = defineError("order.amount_invalid", "unprocessable", "That amount cannot be paid");
export const priceChanged = defineError("order.price_changed", "conflict", "The price is another one now");
export const notCancellable = defineError("order.not_cancellable", "conflict", "It cannot be cancelled any more");
export const notPayable = defineError("order.not_payable", "conflict", "There is nothing to pay");
export const orderExpired = defineError("order.expired", "conflict", "The time to pay is over");
export const notExtendable = defineError("order.not_extendable", "conflict", "No more time can be given");
export const paymentRunning = defineError("order.payment_processing", "conflict", "A payment is being processed");
export const eventCancelled = defineError("order.event_cancelled", "conflict", "The event is cancelled");
export const attendeesClosed = defineError("order.attendees_closed", "conflict", "Nobody can be named any more");
export const noSuchTicket = defineError("order.no_such_ticket", "unprocessable", "The order has no such ticket");
export const ticketNotValid = defineError("order.ticket_not_valid", "conflict", "The ticket is not valid");
export const alreadyPlaced = defineError("order.already_placed", "conflict", "This order exists already");
