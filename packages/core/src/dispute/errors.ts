import { defineError } from "../error.ts";

const notFound = defineError("dispute.not_found", "missing", "Dispute not found");
export const disputeNotFound = () => notFound("There is no such dispute.");
export const notOpen = defineError("dispute.not_open", "conflict", "The dispute does not wait for us");
export const pastDue = defineError("dispute.past_due", "conflict", "The time to answer is over");
export const alreadySubmitted = defineError("dispute.already_submitted", "conflict", "The evidence was submitted before");
export const nothingStaged = defineError("dispute.nothing_staged", "conflict", "There is no evidence to submit");
export const orderUnsettled = defineError("dispute.order_unsettled", "unavailable", "The payment of its order is not settled yet");
