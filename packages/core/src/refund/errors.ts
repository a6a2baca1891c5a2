import { defineError } from "../error.ts";

export const nothingLeft = defineError("refund.nothing_left", "conflict", "There is no money left to give back");
export const exceedsRemaining = defineError("refund.exceeds_remaining", "unprocessable", "More than is left of the payment");
export const exceedsPolicy = defineError("refund.exceeds_policy", "unprocessable", "More than the refund policy allows");
export const notByPolicy = defineError("refund.not_by_policy", "conflict", "The refund policy allows none now");
export const ticketNotRefundable = defineError("refund.ticket_not_refundable", "unprocessable", "That ticket cannot be taken back");
export const notRefundable = defineError("refund.not_refundable", "conflict", "Nothing was paid for this order");
export const staffOnly = defineError("refund.staff_only", "forbidden", "Only the event's team may do that");
