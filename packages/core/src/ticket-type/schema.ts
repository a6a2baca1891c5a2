import * as z from "zod";
import { EventIdSchema, PhaseIdSchema, TicketTypeIdSchema } from "../id.ts";
import { Money, Percent } from "../money.ts";
import { PageQuery } from "../page.ts";
import { Line, Text } from "../text.ts";
import { Instant, isInstant } from "../time.ts";

export const TicketKind = z.enum(["paid", "free", "donation"]);
export type TicketKind = z.output<typeof TicketKind>;

/** One transaction issues all tickets of an order, so an order has at most this many. */
export const MAX_TICKETS_PER_ORDER = 50;

/** One price phase of a document (`rules/phase.ts`). `id`: of the standing phase that it goes on with; left out, it is a new one. */
export const PhaseDocument = z.strictObject({
  id: PhaseIdSchema.optional(),
  name: Line(60),
  price: Money,
  startsAt: Instant.optional().meta({ description: "May be left out: a phase begins when the one before it ends." }),
  endsAt: Instant.optional(),
  quantity: z.int().min(1).max(200_000).optional().meta({ description: "It ends when so many tickets are taken at its price." }),
});

export type PhaseDocument = z.output<typeof PhaseDocument>;

const GroupDiscount = z.strictObject({ threshold: z.int().min(2).max(MAX_TICKETS_PER_ORDER), percent: Percent });

const document = {
  name: Text(120),
  description: Text(2_000).optional(),
  kind: TicketKind,
  /** Price of one ticket. Free types: amount 0. Donations: the suggested amount. */
  basePrice: Money,
  /** Prices before the base price, in order: early bird and what follows it. */
  phases: z.array(PhaseDocument).max(10).optional(),
  /** Whoever orders at least `threshold` of it at once pays `percent` less. */
  groupDiscount: GroupDiscount.optional(),
  /** Of a donation, per ticket. */
  minimumPrice: Money.optional(),
  maximumPrice: Money.optional(),
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

type Checked = Omit<z.output<z.ZodObject<typeof document>>, "name" | "description">;

function inOrder(type: Checked, ctx: z.RefinementCtx): void {
  const refuse = (path: PropertyKey[], message: string) => ctx.addIssue({ code: "custom", path, message });
  if (isInstant(type.salesStartAt) && isInstant(type.salesEndAt) && type.salesEndAt <= type.salesStartAt) refuse(["salesEndAt"], "Must be after salesStartAt.");
  if (type.maxPerOrder < type.minPerOrder) refuse(["maxPerOrder"], "Must not be less than minPerOrder.");
  if (type.maxPerBuyer !== undefined && type.maxPerBuyer < type.minPerOrder) refuse(["maxPerBuyer"], "Must not be less than minPerOrder.");
  if (type.kind === "free" && type.basePrice.amount !== 0) refuse(["basePrice", "amount"], "A free ticket costs 0.");
  if (type.kind === "paid" && type.basePrice.amount === 0) refuse(["basePrice", "amount"], "A paid ticket costs more than 0; use kind free.");
  pricesInOrder(type, refuse);
}

function pricesInOrder(
  { kind, basePrice, phases = [], groupDiscount, minimumPrice, maximumPrice }: Checked,
  refuse: (path: PropertyKey[], message: string) => void,
): void {
  const { currency } = basePrice;
  if (kind !== "paid" && phases.length > 0) refuse(["phases"], `Only paid types have price phases: this one is ${kind}.`);
  if (kind !== "paid" && groupDiscount) refuse(["groupDiscount"], `Only paid types have a group discount: this one is ${kind}.`);
  for (const { path, message } of phaseFaults(phases, currency)) refuse(path, message);
  for (const [i, { id }] of phases.entries())
    if (id !== undefined && phases.findIndex((other) => other.id === id) < i) refuse(["phases", i, "id"], "Name each phase once.");
  for (const [name, bound] of [
    ["minimumPrice", minimumPrice],
    ["maximumPrice", maximumPrice],
  ] as const) {
    if (bound && kind !== "donation") refuse([name], `Only donations have it: this type is ${kind}.`);
    else if (bound && bound.currency !== currency) refuse([name, "currency"], `Must be ${currency}, as in basePrice.`);
  }
  if (minimumPrice && minimumPrice.amount > basePrice.amount) refuse(["minimumPrice", "amount"], "Must not be more than basePrice, the suggested amount.");
  if (maximumPrice && maximumPrice.amount < basePrice.amount) refuse(["maximumPrice", "amount"], "Must not be less than basePrice, the suggested amount.");
}

/** What is wrong with the phases of a document, in its own words: paths are below `phases`. */
function phaseFaults(phases: readonly PhaseDocument[], currency: Money["currency"]): { path: PropertyKey[]; message: string }[] {
  return phases.flatMap((phase, i) => {
    const before = phases
      .slice(0, i)
      .map(({ endsAt }) => endsAt)
      .filter(isInstant)
      .at(-1);
    const faults: { path: PropertyKey[]; message: string }[] = [];
    const refuse = (name: string, message: string) => faults.push({ path: ["phases", i, ...name.split(".")], message });
    if (phase.price.currency !== currency) refuse("price.currency", `Must be ${currency}, as in basePrice.`);
    if (isInstant(phase.endsAt) && before !== undefined && phase.endsAt <= before)
      refuse("endsAt", `Phases overlap: must be after ${before}, the end of the one before.`);
    if (phase.price.amount === 0) refuse("price.amount", "A paid ticket costs more than 0.");
    const previous = phases[i - 1]?.endsAt;
    if (!isInstant(phase.startsAt) || (previous !== undefined && !isInstant(previous))) return faults;
    if (i === 0) refuse("startsAt", "The first phase begins with the sale: leave startsAt out.");
    else if (previous === undefined)
      refuse("startsAt", "The phase before has no endsAt: this one begins when that one's quantity is taken, or by hand. Leave startsAt out.");
    else if (phase.startsAt < previous) refuse("startsAt", `Phases overlap: must be ${previous}, the end of the one before.`);
    else if (phase.startsAt > previous) refuse("startsAt", `Phases leave a gap: must be ${previous}, the end of the one before.`);
    return faults;
  });
}

const example = {
  eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  name: "Front row",
  kind: "paid",
  basePrice: { amount: 18_000, currency: "EUR" },
  phases: [{ name: "Early bird", price: { amount: 15_000, currency: "EUR" }, endsAt: "2027-01-15T22:59:00Z", quantity: 20 }],
  groupDiscount: { threshold: 4, percent: 10 },
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

const PhaseView = z.object({
  id: z.string(),
  name: z.string(),
  price: Money,
  endsAt: z.string().nullable(),
  quantity: z.int().nullable(),
  remainingQuantity: z.int().nullable().meta({ description: "Tickets that can be had at its price now; null: it has no quota." }),
  status: z.enum(["over", "current", "upcoming"]),
});

const NextPrice = z.object({
  price: Money,
  phase: z.string().nullable(),
  at: z.string().nullable().meta({ description: "When it comes at the latest; null: after so many tickets, or by hand." }),
  afterQuantity: z.int().nullable().meta({ description: "It comes when so many more tickets are taken; null: quantity does not matter." }),
});

/** A ticket type as everybody sees it. */
export const TicketTypeView = z
  .object({
    id: z.string(),
    eventId: z.string(),
    name: Text(120),
    description: Text(2_000).nullable(),
    kind: TicketKind,
    basePrice: Money,
    currentPrice: Money.meta({ description: "What one ticket costs now, before codes, discounts, fees and taxes. An order is priced when it is placed." }),
    currentPhase: z.string().nullable().meta({ description: "Name of the price phase of now; null: the base price." }),
    nextPrice: NextPrice.nullable().meta({ description: "What comes after the current price; null: nothing." }),
    phases: z.array(PhaseView),
    earlyBirdPrice: Money.nullable().meta({ description: "Price of the first phase that ends at an instant." }),
    earlyBirdDeadline: z.string().nullable(),
    groupDiscount: GroupDiscount.nullable(),
    minimumPrice: Money.nullable(),
    maximumPrice: Money.nullable(),
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
      currentPrice: { amount: 15_000, currency: "EUR" },
      currentPhase: "Early bird",
      nextPrice: { price: { amount: 18_000, currency: "EUR" }, phase: null, at: "2027-01-15T22:59:00.000Z", afterQuantity: 12 },
      phases: [
        {
          id: "ph_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
          name: "Early bird",
          price: { amount: 15_000, currency: "EUR" },
          endsAt: "2027-01-15T22:59:00.000Z",
          quantity: 20,
          remainingQuantity: 12,
          status: "current",
        },
      ],
      earlyBirdPrice: { amount: 15_000, currency: "EUR" },
      earlyBirdDeadline: "2027-01-15T22:59:00.000Z",
      groupDiscount: { threshold: 4, percent: 10 },
      minimumPrice: null,
      maximumPrice: null,
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
