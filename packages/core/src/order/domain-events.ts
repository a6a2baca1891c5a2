import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const ids = { orderId: z.string(), eventId: z.string() };

export const OrderHeld = defineDomainEvent("order.held", 1, z.object({ ...ids, ticketTypeIds: z.array(z.string()), quantity: z.int() }));
export const OrderPaymentStarted = defineDomainEvent("order.payment_started", 1, z.object({ ...ids, attempt: z.int() }));
export const OrderPaymentDeclined = defineDomainEvent("order.payment_declined", 1, z.object({ ...ids, attempt: z.int(), code: z.string() }));
export const OrderPaid = defineDomainEvent("order.paid", 1, z.object({ ...ids, amount: z.int(), currency: z.string(), attempt: z.int() }));
export const OrderFulfilled = defineDomainEvent("order.fulfilled", 1, z.object({ ...ids, ticketIds: z.array(z.string()), whatsappOptIn: z.boolean() }));
export const OrderAttendeesChanged = defineDomainEvent("order.attendees_changed", 1, z.object({ ...ids, ticketNumbers: z.array(z.int()) }));
export const OrderAdopted = defineDomainEvent("order.adopted", 1, z.object({ ...ids, userId: z.string() }));
export const OrderExtended = defineDomainEvent("order.extended", 1, z.object({ ...ids, expiresAt: z.string() }));
export const OrderExpiring = defineDomainEvent("order.expiring", 1, z.object({ ...ids, reason: z.string() }));
export const OrderPaymentCancelled = defineDomainEvent("order.payment_cancelled", 1, z.object({ ...ids, attempt: z.int() }));
export const OrderExpired = defineDomainEvent("order.expired", 1, z.object(ids));
export const OrderCancelled = defineDomainEvent("order.cancelled", 1, z.object(ids));
export const OrderReclaiming = defineDomainEvent("order.reclaiming", 1, z.object({ ...ids, attempt: z.int() }));
export const OrderReclaimed = defineDomainEvent("order.reclaimed", 1, z.object({ ...ids, attempt: z.int() }));
export const OrderUnfulfillable = defineDomainEvent("order.unfulfillable", 1, z.object({ ...ids, reason: z.string(), refundId: z.string() }));
export const OrderVoided = defineDomainEvent("order.voided", 1, z.object({ ...ids, reason: z.string() }));
export const OrderTicketsRevoked = defineDomainEvent(
  "order.tickets_revoked",
  1,
  z.object({ ...ids, ticketIds: z.array(z.string()), restock: z.boolean(), refundId: z.string().optional() }),
);
