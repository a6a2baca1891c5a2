import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const ids = { refundId: z.string(), orderId: z.string(), eventId: z.string() };
const money = { amount: z.int(), currency: z.string() };

export const RefundRequested = defineDomainEvent("refund.requested", 1, z.object({ ...ids, ...money, reason: z.string() }));
export const RefundSucceeded = defineDomainEvent("refund.succeeded", 1, z.object({ ...ids, ...money }));
export const RefundFailed = defineDomainEvent("refund.failed", 1, z.object({ ...ids, ...money, failure: z.string() }));
