/** What the product does at Stripe. Every verb calls core before and after, and holds no rule of its own. */
export { continueCancellation } from "./cancellation.ts";
export { acceptDispute, disputeWithEvidence, processDispute, stageEvidence, submitEvidence } from "./disputes.ts";
export { cancel, end, goOn, pay, processPayment, purchase, repeatPurchase, type Started } from "./payments.ts";
export { makeRefund, processRefund, processRefundsOfCharge } from "./refunds.ts";
