import * as z from "zod";
import { OrderIdSchema, TicketTypeIdSchema } from "../id.ts";
import { MAX_AMOUNT, Money } from "../money.ts";
import { Contact } from "../person/schema.ts";
import { Text } from "../text.ts";
import { MAX_TICKETS_PER_ORDER } from "../ticket-type/schema.ts";

export const OrderStatus = z.enum(["held", "awaiting_payment", "fulfilled", "voided", "expiring", "expired", "cancelled", "reclaiming", "unfulfillable"]);
export type OrderStatus = z.output<typeof OrderStatus>;

/** Donations: what the buyer gives per ticket, in minor units or as money. */
const Amount = z.union([z.int().min(0).max(MAX_AMOUNT), Money], 'Expected whole minor units like 2500, or money like {"amount": 2500, "currency": "EUR"}.');

const purchase = {
  quantity: z.int().min(1).max(MAX_TICKETS_PER_ORDER),
  amount: Amount.optional(),
  buyer: Contact,
  /** Consent to messages on WhatsApp about this order. */
  whatsappOptIn: z.boolean().default(false),
};

function phoneForWhatsapp({ buyer, whatsappOptIn }: { buyer: Contact; whatsappOptIn: boolean }, ctx: z.RefinementCtx): void {
  if (whatsappOptIn && !buyer.phone) ctx.addIssue({ code: "custom", path: ["buyer", "phone"], message: "Give a phone number, or do not opt in to WhatsApp." });
}

/** What POST /tickets/:id/purchase takes. */
export const Purchase = z
  .strictObject(purchase)
  .superRefine(phoneForWhatsapp)
  .meta({ id: "Purchase", example: { quantity: 2, buyer: { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" }, whatsappOptIn: true } });

/**
 * A purchase with the ids that make it repeatable. `mayStartPayment` is asked once the seats are claimed and there is something
 * to pay: whether a payment may be started now.
 */
export const PlaceOrder = z
  .strictObject({ ...purchase, orderId: OrderIdSchema, ticketTypeId: TicketTypeIdSchema, mayStartPayment: z.custom<() => Promise<boolean>>() })
  .superRefine(phoneForWhatsapp);
export type PlaceOrder = z.output<typeof PlaceOrder>;

export const AnOrder = z.strictObject({ orderId: OrderIdSchema });
export const CancelOrder = z.strictObject({ orderId: OrderIdSchema, reason: z.enum(["cancelled", "expired"]).default("cancelled") });

export const OrderLine = z.object({
  ticketTypeId: z.string(),
  name: Text(120),
  quantity: z.int(),
  unitPrice: Money,
  total: Money,
});
export type OrderLine = z.output<typeof OrderLine>;

export const TicketView = z.object({ id: z.string(), ticketTypeId: z.string(), credential: z.string(), status: z.enum(["valid", "suspended", "revoked"]) });

const orderExample = {
  id: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  status: "awaiting_payment" as const,
  eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  lines: [
    {
      ticketTypeId: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      name: "Standing",
      quantity: 2,
      unitPrice: { amount: 4_500, currency: "EUR" as const },
      total: { amount: 9_000, currency: "EUR" as const },
    },
  ],
  total: { amount: 9_000, currency: "EUR" as const },
  expiresAt: "2026-11-02T09:15:00.000Z",
  extended: false,
  paymentError: null,
  tickets: [],
  createdAt: "2026-11-02T09:00:00.000Z",
  updatedAt: "2026-11-02T09:00:00.000Z",
};
const paymentExample = { provider: "stripe" as const, paymentIntentId: "pi_3PqV", clientSecret: "pi_3PqV_secret_x" };

/** An order as its owner sees it. */
export const OrderView = z
  .object({
    id: z.string(),
    status: OrderStatus,
    eventId: z.string(),
    lines: z.array(OrderLine),
    total: Money,
    expiresAt: z.string().nullable(),
    extended: z.boolean(),
    paymentError: z.object({ code: z.string() }).nullable().meta({ description: "Why the last try was declined; the seats are kept." }),
    tickets: z.array(TicketView),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({
    id: "Order",
    example: orderExample,
  });
export type OrderView = z.output<typeof OrderView>;

export const PaymentView = z
  .object({ provider: z.literal("stripe"), paymentIntentId: z.string(), clientSecret: z.string() })
  .meta({ id: "Payment", example: paymentExample });
export type PaymentView = z.output<typeof PaymentView>;

export const Checkout = z
  .object({
    order: OrderView,
    payment: PaymentView.nullable(),
    orderToken: z.string().meta({ description: "Send it as header Order-Token to reach the order without signing in." }),
  })
  .meta({ id: "Checkout", example: { order: orderExample, payment: paymentExample, orderToken: "v1.hC0b…" } });
export type Checkout = z.output<typeof Checkout>;
