import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const ids = { disputeId: z.string(), orderId: z.string(), eventId: z.string() };
const data = z.object({ ...ids, status: z.string() });
/** `ticketIds`: those whose status changed with it. */
const outcome = z.object({ ...data.shape, ticketIds: z.array(z.string()) });

/** The buyer's bank asks; no money moved. */
export const DisputeInquiryOpened = defineDomainEvent("dispute.inquiry_opened", 1, outcome);
/** The bank took the money. */
export const DisputeOpened = defineDomainEvent("dispute.opened", 1, outcome);
export const DisputeWon = defineDomainEvent("dispute.won", 1, outcome);
export const DisputeLost = defineDomainEvent("dispute.lost", 1, outcome);
/** Over without a verdict: an inquiry that led to nothing, a dispute that was prevented. */
export const DisputeClosed = defineDomainEvent("dispute.closed", 1, outcome);
/** It went on: another status, deadline or movement of money. */
export const DisputeChanged = defineDomainEvent("dispute.changed", 1, data);
export const DisputeEvidenceStaged = defineDomainEvent("dispute.evidence_staged", 1, data);
export const DisputeEvidenceSubmitted = defineDomainEvent("dispute.evidence_submitted", 1, data);
