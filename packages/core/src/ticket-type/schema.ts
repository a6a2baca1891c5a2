import * as z from "zod";
import { EventIdSchema, TicketTypeIdSchema } from "../id.ts";
import { Money } from "../money.ts";
import { PageQuery } from "../page.ts";
import { Text } from "../text.ts";
import { Instant, isInstant } from "../time.ts";

export const TicketKind = z.enum(["paid", "free", "donation"]);
export type TicketKind = z.output<typeof TicketKind>;

/** One transaction issues all tickets of an order, so an order has at most this many. */
export const MAX_TICKETS_PER_ORDER = 50;

const document = {
  name: Text(120),
  description: Text(2_000).optional(),
  kind: TicketKind,
  /** Price of one ticket. Free types: amount 0. Donations: the suggested amount. */
  basePrice: Money,
  /** Seats on offer; null: as many as the room takes. */
  quantityTotal: z.int().min(0).max(200_000).nullable(),
  salesStartAt: Instant.optional(),
  salesEndAt: Instant.optional(),
  minPerOrder: z.int().min(1).max(MAX_TICKETS_PER_ORDER).default(1),
  maxPerOrder: z.int().min(1).max(MAX_TICKETS_PER_ORDER).default(10),
  /** Over all orders of one person for this type. */
  maxPerBuyer: z.int().min(1).max(10_000).optional(),
  /** Expects thousands of buyers a second: its stock is cut over many partitions. Fixed at creation. */
  highDemand: z.boolean().default(false),
  isActive: z.boolean().default(true),
};

function inOrder(
  type: {
    salesStartAt?: string | undefined;
    salesEndAt?: string | undefined;
    minPerOrder: number;
    maxPerOrder: number;
    maxPerBuyer?: number | undefined;
    kind: TicketKind;
    basePrice: Money;
  },
  ctx: z.RefinementCtx,
): void {
  const refuse = (path: PropertyKey[], message: string) => ctx.addIssue({ code: "custom", path, message });
  if (isInstant(type.salesStartAt) && isInstant(type.salesEndAt) && type.salesEndAt <= type.salesStartAt) refuse(["salesEndAt"], "Must be after salesStartAt.");
  if (type.maxPerOrder < type.minPerOrder) refuse(["maxPerOrder"], "Must not be less than minPerOrder.");
  if (type.maxPerBuyer !== undefined && type.maxPerBuyer < type.minPerOrder) refuse(["maxPerBuyer"], "Must not be less than minPerOrder.");
  if (type.kind === "free" && type.basePrice.amount !== 0) refuse(["basePrice", "amount"], "A free ticket costs 0.");
  if (type.kind === "paid" && type.basePrice.amount === 0) refuse(["basePrice", "amount"], "A paid ticket costs more than 0; use kind free.");
}

const example = {
  eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  name: "Front row",
  kind: "paid",
  basePrice: { amount: 18_000, currency: "EUR" },
  quantityTotal: 60,
  maxPerOrder: 4,
};

/** What POST /tickets takes. */
export const TicketTypeDocument = z
  .strictObject({ eventId: EventIdSchema, ...document })
  .superRefine(inOrder)
  .meta({ id: "TicketTypeDocument", example });
export const CreateTicketType = z.strictObject({ eventId: EventIdSchema, ...document, ticketTypeId: TicketTypeIdSchema.optional() }).superRefine(inOrder);

/** What PUT /tickets/:id takes: the same document; eventId may be repeated but not changed. */
export const TicketTypeReplacement = z
  .strictObject({ eventId: EventIdSchema.optional(), ...document })
  .superRefine(inOrder)
  .meta({ id: "TicketTypeReplacement", example });
export const ReplaceTicketType = z
  .strictObject({ eventId: EventIdSchema.optional(), ...document, ticketTypeId: TicketTypeIdSchema, ifVersions: z.array(z.int()).optional() })
  .superRefine(inOrder);

export const GetTicketType = z.strictObject({ ticketTypeId: TicketTypeIdSchema });
export const GetPriceHistory = z.strictObject({ ...PageQuery, ticketTypeId: TicketTypeIdSchema });
export const RemoveTicketType = z.strictObject({ ticketTypeId: TicketTypeIdSchema, ifVersions: z.array(z.int()).optional() });
export const ListTicketTypes = z.strictObject({ ...PageQuery, eventId: EventIdSchema, kind: TicketKind.optional(), updatedSince: Instant.optional() });

/** A ticket type as everybody sees it. */
export const TicketTypeView = z
  .object({
    id: z.string(),
    eventId: z.string(),
    name: Text(120),
    description: Text(2_000).nullable(),
    kind: TicketKind,
    basePrice: Money,
    quantityTotal: z.int().nullable(),
    availableQuantity: z.int().nullable().meta({ description: "Seats that can be bought now; null: unlimited." }),
    salesStartAt: z.string().nullable(),
    salesEndAt: z.string().nullable(),
    minPerOrder: z.int(),
    maxPerOrder: z.int(),
    maxPerBuyer: z.int().nullable(),
    highDemand: z.boolean(),
    isActive: z.boolean(),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({
    id: "TicketType",
    example: {
      id: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      ...example,
      description: null,
      availableQuantity: 60,
      salesStartAt: null,
      salesEndAt: null,
      minPerOrder: 1,
      maxPerBuyer: null,
      highDemand: false,
      isActive: true,
      createdAt: "2026-11-02T09:00:00.000Z",
      updatedAt: "2026-11-02T09:00:00.000Z",
      version: 1,
    },
  });
export type TicketTypeView = z.output<typeof TicketTypeView>;
export type CreateTicketType = z.output<typeof CreateTicketType>;
