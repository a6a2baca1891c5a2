import * as z from "zod";
import { EventIdSchema, OrderIdSchema, TicketTypeIdSchema } from "../id.ts";
import { Currency, MAX_AMOUNT, Money } from "../money.ts";
import { PageQuery } from "../page.ts";
import { Contact } from "../person/schema.ts";
import { Text } from "../text.ts";
import { MAX_TICKETS_PER_ORDER } from "../ticket-type/schema.ts";

export const OrderStatus = z.enum(["held", "awaiting_payment", "fulfilled", "voided", "expiring", "expired", "cancelled", "reclaiming", "unfulfillable"]);
export type OrderStatus = z.output<typeof OrderStatus>;

/** Donations: what the buyer gives per ticket, in minor units or as money. */
const Amount = z.union([z.int().min(0).max(MAX_AMOUNT), Money], 'Expected whole minor units like 2500, or money like {"amount": 2500, "currency": "EUR"}.');

const ofOneType = {
  quantity: z.int().min(1).max(MAX_TICKETS_PER_ORDER),
  amount: Amount.optional(),
  /** Who comes with each ticket, in their order; null, or nobody named, stands for the buyer. */
  attendees: z.array(Contact.nullable()).max(MAX_TICKETS_PER_ORDER).optional(),
};

/** Consent to messages on WhatsApp about this order. */
const whatsappOptIn = z.boolean().default(false);

/** One type of an order, and how many of it. */
export const OrderRequestLine = z.strictObject({ ticketTypeId: TicketTypeIdSchema, ...ofOneType });
export type OrderRequestLine = z.output<typeof OrderRequestLine>;

const ofSeveralTypes = {
  /** The event all lines are of; may be left out. Known early it saves a round trip. */
  eventId: EventIdSchema.optional(),
  lines: z.array(OrderRequestLine).min(1, "Name at least one ticket type.").max(MAX_TICKETS_PER_ORDER),
};

/** What the buyer was shown: an order that would cost something else is refused, and nothing is held. */
const expectedTotal = Money.optional();

const refuse = (ctx: z.RefinementCtx, path: PropertyKey[], message: string) => ctx.addIssue({ code: "custom", path, message });

function phoneForWhatsapp({ buyer, whatsappOptIn }: { buyer?: Contact | undefined; whatsappOptIn: boolean }, ctx: z.RefinementCtx): void {
  if (whatsappOptIn && buyer && !buyer.phone) refuse(ctx, ["buyer", "phone"], "Give a phone number, or do not opt in to WhatsApp.");
}

const TOO_MANY_NAMED = "Name at most 48 people with the order, and the others afterwards.";
const namedIn = (attendees: readonly (Contact | null)[]) => attendees.filter((attendee) => attendee !== null).length;

/** People that one order names when it is placed: each is two items, and so is its buyer; with the order and its journal entry 100 of 100. */
const MAX_NAMED_WHEN_PLACED = 48;

function attendeesFit({ quantity, attendees = [] }: Pick<OrderRequestLine, "quantity" | "attendees">, ctx: z.RefinementCtx, path: PropertyKey[] = []): void {
  if (quantity > 0 && attendees.length > quantity) refuse(ctx, [...path, "attendees"], `Name at most ${quantity}, one per ticket.`);
  else if (namedIn(attendees) > MAX_NAMED_WHEN_PLACED) refuse(ctx, [...path, "attendees"], TOO_MANY_NAMED);
}

/**
 * Types named once, and so few tickets and people that one transaction takes them all: an order is placed with itself, its
 * journal entry and its people (100 items at most), and fulfilled with its tickets and ledger row (53 of 100).
 */
function linesFit({ lines }: { lines: readonly OrderRequestLine[] }, ctx: z.RefinementCtx): void {
  for (const [i, line] of lines.entries()) {
    attendeesFit(line, ctx, ["lines", i]);
    const named = lines.findIndex(({ ticketTypeId }) => ticketTypeId === line.ticketTypeId);
    if (named < i) refuse(ctx, ["lines", i, "ticketTypeId"], `Named in line ${named} already: add up the quantities.`);
  }
  const quantities = lines.map(({ quantity }) => quantity);
  const tickets = quantities.reduce((sum, quantity) => sum + quantity, 0);
  // A line that asks for too many by itself is told so by itself.
  if (tickets > MAX_TICKETS_PER_ORDER && Math.max(...quantities) <= MAX_TICKETS_PER_ORDER)
    refuse(ctx, ["lines"], `At most ${MAX_TICKETS_PER_ORDER} tickets in one order, over all lines.`);
  const named = lines.map(({ attendees = [] }) => namedIn(attendees));
  if (named.reduce((sum, n) => sum + n, 0) > MAX_NAMED_WHEN_PLACED && Math.max(...named) <= MAX_NAMED_WHEN_PLACED) refuse(ctx, ["lines"], TOO_MANY_NAMED);
}

const buyerExample = { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" };

/** What POST /tickets/:id/purchase takes. */
export const Purchase = z
  .strictObject({ ...ofOneType, buyer: Contact, whatsappOptIn, expectedTotal })
  .superRefine(phoneForWhatsapp)
  .superRefine((purchase, ctx) => attendeesFit(purchase, ctx))
  .meta({ id: "Purchase", example: { quantity: 2, buyer: buyerExample, whatsappOptIn: true } });

const linesExample = [
  { ticketTypeId: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", quantity: 2, attendees: [null, { name: "Bea Bianchi", email: "bea@example.com" }] },
  { ticketTypeId: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W4", quantity: 1 },
];

/** What POST /orders takes. */
export const OrderRequest = z
  .strictObject({ ...ofSeveralTypes, buyer: Contact, whatsappOptIn, expectedTotal })
  .superRefine(phoneForWhatsapp)
  .superRefine(linesFit)
  .meta({ id: "OrderRequest", example: { lines: linesExample, buyer: buyerExample, whatsappOptIn: true } });

/** What POST /orders/quote takes: an order to be, maybe without its buyer. It tells the total, whatever was expected. */
export const QuoteRequest = z
  .strictObject({ ...ofSeveralTypes, buyer: Contact.optional(), whatsappOptIn, expectedTotal })
  .superRefine(phoneForWhatsapp)
  .superRefine(linesFit)
  .meta({ id: "QuoteRequest", example: { lines: linesExample } });

/**
 * An order request with the id that makes it repeatable. `mayStartPayment` is asked once the seats are claimed and there is
 * something to pay: whether a payment may be started now.
 */
export const PlaceOrder = z
  .strictObject({ ...OrderRequest.shape, orderId: OrderIdSchema, mayStartPayment: z.custom<() => Promise<boolean>>() })
  .superRefine(phoneForWhatsapp)
  .superRefine(linesFit);
export type PlaceOrder = z.output<typeof PlaceOrder>;

/** Tickets whose holders one call changes: each may cost a ticket, a person and their key, with the order and its journal entry 98 of 100 items. */
const MAX_NAMED_AT_ONCE = 32;

/** What PUT /orders/:id/attendees takes. */
export const AttendeeChanges = z
  .strictObject({
    attendees: z
      .array(z.strictObject({ ticketNumber: z.int().min(1).max(MAX_TICKETS_PER_ORDER), attendee: Contact.nullable() }))
      .min(1)
      .max(MAX_NAMED_AT_ONCE, `At most ${MAX_NAMED_AT_ONCE} at once: call again for the rest.`),
  })
  .superRefine(({ attendees }, ctx) => {
    for (const [i, { ticketNumber }] of attendees.entries()) {
      const named = attendees.findIndex((other) => other.ticketNumber === ticketNumber);
      if (named < i) refuse(ctx, ["attendees", i, "ticketNumber"], "Named twice.");
    }
  })
  .meta({
    id: "AttendeeChanges",
    example: {
      attendees: [
        { ticketNumber: 1, attendee: null },
        { ticketNumber: 2, attendee: { name: "Bea Bianchi", email: "bea@example.com" } },
      ],
    },
  });
export type AttendeeChanges = z.output<typeof AttendeeChanges>;
export const NameAttendees = z.strictObject({ ...AttendeeChanges.shape, orderId: OrderIdSchema });

export const AnOrder = z.strictObject({ orderId: OrderIdSchema });
export const CancelOrder = z.strictObject({ orderId: OrderIdSchema, reason: z.enum(["cancelled", "expired"]).default("cancelled") });

/** What a line costs more or less than its tickets, in minor units of its currency; `included`: it is part of the price and raises nothing. */
export const LineAdjustment = z.object({
  kind: z.enum(["code", "group_discount", "fee", "tax"]),
  name: z.string().optional(),
  amount: z.int(),
  included: z.boolean().optional(),
});
export type LineAdjustment = z.output<typeof LineAdjustment>;

/** One line of an order: `unitPrice × quantity` and what was added or taken off make its total. */
export const OrderLine = z.object({
  ticketTypeId: z.string(),
  name: Text(120),
  quantity: z.int(),
  unitPrice: Money,
  phase: z.string().optional().meta({ description: "The price phase that was paid; absent: none." }),
  adjustments: z.array(LineAdjustment).optional().meta({ description: "Discounts, fees and taxes; absent: none." }),
  total: Money,
});
export type OrderLine = z.output<typeof OrderLine>;

/** One step from a type's list price to what its line costs: the price as it stands after the step. */
export const PriceStep = z.object({
  kind: z.enum(["list_price", "buyer_amount", "phase", "code", "group_discount", "fee", "tax"]),
  name: z.string().optional(),
  unitPrice: Money.optional().meta({ description: "The price of one ticket, of a step that sets it." }),
  change: z.object({ amount: z.int(), currency: Currency }).optional().meta({ description: "What a step adds or takes off." }),
  included: z.boolean().optional().meta({ description: "The change is part of the price, and raises nothing." }),
  total: z.object({ amount: z.int().min(0), currency: Currency }),
});
export type PriceStep = z.output<typeof PriceStep>;

export const NextAction = z.enum(["wait_for_sale", "change_quantity", "try_again_later", "choose_another"]);
export type NextAction = z.output<typeof NextAction>;

/** Why a line cannot be bought now: what the order would be refused with, and what to do about it. */
export const LineRefusal = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  nextAction: NextAction,
  retryAfterSeconds: z.int().nullable(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
  facts: z.record(z.string(), z.unknown()).meta({ description: "What the refusal knows: salesStartAt, availableQuantity, taken, …" }),
});
export type LineRefusal = z.output<typeof LineRefusal>;

/** What an order would cost at this instant, and whether it could be placed. Nothing is held by it. */
export const QuoteView = z
  .object({
    eventId: z.string(),
    lines: z.array(OrderLine.extend({ steps: z.array(PriceStep), purchasable: z.boolean(), refusal: LineRefusal.nullable() })),
    total: Money,
    purchasable: z.boolean(),
    quotedAt: z.string(),
  })
  .meta({
    id: "Quote",
    example: {
      eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      lines: [
        {
          ticketTypeId: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          name: "Standing",
          quantity: 2,
          unitPrice: { amount: 4_500, currency: "EUR" },
          total: { amount: 9_000, currency: "EUR" },
          steps: [{ kind: "list_price", unitPrice: { amount: 4_500, currency: "EUR" }, total: { amount: 9_000, currency: "EUR" } }],
          purchasable: false,
          refusal: {
            code: "ticket_type.all_held",
            title: "The last seats are in other people's hands",
            detail: "Somebody may give seats back: try again later.",
            nextAction: "try_again_later",
            retryAfterSeconds: 240,
            errors: [{ path: "lines.0.quantity", message: "None is free now." }],
            facts: { ticketTypeId: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", limitedBy: "stock" },
          },
        },
      ],
      total: { amount: 9_000, currency: "EUR" },
      purchasable: false,
      quotedAt: "2026-11-02T09:00:00.000Z",
    },
  });
export type QuoteView = z.output<typeof QuoteView>;

export const TicketView = z.object({
  id: z.string(),
  number: z.int().meta({ description: "Counted from 1 in the order of the lines." }),
  ticketTypeId: z.string(),
  credential: z.string(),
  status: z.enum(["valid", "suspended", "revoked"]),
  holder: z.enum(["buyer", "attendee"]),
});

/** Who holds a ticket in the buyer's stead. Null: not known any more. */
export const AttendeeView = z.object({ ticketNumber: z.int(), name: z.string().nullable(), email: z.string().nullable(), phone: z.string().nullable() });
export type AttendeeView = z.output<typeof AttendeeView>;

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
  attendees: [{ ticketNumber: 2, name: "Bea Bianchi", email: "bea@example.com", phone: null }],
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
    attendees: z.array(AttendeeView).meta({ description: "Tickets that others than the buyer hold, by number, also before they are issued." }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({
    id: "Order",
    example: orderExample,
  });
export type OrderView = z.output<typeof OrderView>;

export const ListMyOrders = z.strictObject(PageQuery);

/** An order in a list: GET /orders/{id} has its tickets. */
export const OrderSummary = OrderView.pick({ id: true, status: true, eventId: true, lines: true, total: true, createdAt: true, updatedAt: true }).meta({
  id: "OrderSummary",
  example: (({ id, status, eventId, lines, total, createdAt, updatedAt }) => ({ id, status, eventId, lines, total, createdAt, updatedAt }))(orderExample),
});
export type OrderSummary = z.output<typeof OrderSummary>;

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
