export { adding, advancing, Refunds, WAITING_SHARDS, type NewRefund, type RefundRow } from "./entity.ts";
export { exceedsPolicy, exceedsRemaining, nothingLeft, notByPolicy, notRefundable, staffOnly, ticketNotRefundable } from "./errors.ts";
export { find, listByEvent, listByOrder, listWaiting, viewOf } from "./read.ts";
export { refundedBy, refundStateOf, remainingOf, shareNow, type RefundTier } from "./rules/refundable.ts";
export { RefundFailed, RefundRequested, RefundSucceeded } from "./domain-events.ts";
export { RefundIdSchema, RefundStatus, RequestRefund, type RefundList, type RefundView } from "./schema.ts";
