import * as z from "zod";
import { CapacityIdSchema, EventIdSchema, TicketTypeIdSchema, type CapacityId } from "../id.ts";
import { Currency } from "../money.ts";
import { PageQuery } from "../page.ts";
import { Line, Text } from "../text.ts";
import { Instant, isInstant, TimeZone } from "../time.ts";

/** What people move an event through; the rest of its life follows from facts (`rules/status.ts`). */
export const STAGES = ["draft", "review", "published", "cancelled"] as const;
export type Stage = (typeof STAGES)[number];

export const EventStatus = z.enum(["draft", "review", "published", "on_sale", "sold_out", "in_progress", "completed", "cancelled"]);
export type EventStatus = z.output<typeof EventStatus>;

export const Venue = z.strictObject({
  name: Line(200),
  address: Line(300).optional(),
  city: Line(120),
  country: z.string().regex(/^[A-Z]{2}$/, "Expected an ISO 3166-1 alpha-2 code like IT."),
});

export const Seo = z.strictObject({
  title: Text(120).optional(),
  description: Text(320).optional(),
  keywords: z.array(Line(60)).max(20).optional(),
  imageUrl: z
    .url({ protocol: /^https$/ })
    .max(2_000)
    .optional(),
  slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "Expected lower-case words joined by hyphens.")
    .max(120)
    .optional(),
});

/** What share of the price goes back, by how long before the event it is asked for at the latest. An empty list: none ever. */
export const RefundPolicy = z
  .array(z.strictObject({ daysBefore: z.int().min(0).max(3_650), percent: z.int().min(0).max(100) }))
  .max(10)
  .refine((tiers) => new Set(tiers.map(({ daysBefore }) => daysBefore)).size === tiers.length, "Give each number of days once.")
  .refine((tiers) => tiers.every((tier) => tiers.every((other) => other.daysBefore <= tier.daysBefore || other.percent >= tier.percent)), {
    error: "Whoever asks earlier must not get less: raise the percent of the earlier tier.",
  })
  .meta({ description: "Binds buyers and organizers. Without a policy buyers ask the team, and the team decides freely." });
export type RefundPolicy = z.output<typeof RefundPolicy>;

const document = {
  title: Text(200),
  description: Text(5_000).optional(),
  startsAt: Instant,
  endsAt: Instant,
  timeZone: TimeZone,
  venue: Venue,
  /** People the room takes. */
  capacity: z.int().min(1).max(200_000),
  currency: Currency,
  /** After this instant nothing is sold, whatever the ticket types say. */
  registrationDeadline: Instant.optional(),
  refundPolicy: RefundPolicy.optional(),
  /** Until then buyers may say who comes with each ticket; startsAt when absent. */
  attendeesUntil: Instant.optional(),
  seo: Seo.optional(),
};

function timesInOrder(
  event: { startsAt: string; endsAt: string; registrationDeadline?: string | undefined; attendeesUntil?: string | undefined },
  ctx: z.RefinementCtx,
): void {
  const { startsAt, endsAt } = event;
  if (isInstant(startsAt) && isInstant(endsAt) && endsAt <= startsAt) ctx.addIssue({ code: "custom", path: ["endsAt"], message: "Must be after startsAt." });
  for (const name of ["registrationDeadline", "attendeesUntil"] as const) {
    const until = event[name];
    if (isInstant(until) && isInstant(endsAt) && until > endsAt) ctx.addIssue({ code: "custom", path: [name], message: "Must not be after endsAt." });
  }
}

const example = {
  title: "Atelier Notturno — Autumn/Winter 2027",
  startsAt: "2027-02-24T18:30:00Z",
  endsAt: "2027-02-24T20:00:00Z",
  timeZone: "Europe/Rome",
  venue: { name: "Palazzo delle Stelline", address: "Corso Magenta 61", city: "Milano", country: "IT" },
  capacity: 400,
  currency: "EUR",
};

/** The editable document of an event: what POST takes and PUT replaces. */
export const EventDocument = z.strictObject(document).superRefine(timesInOrder).meta({ id: "EventDocument", example });
export type EventDocument = z.output<typeof EventDocument>;

export const CreateEvent = z.strictObject({ ...document, eventId: EventIdSchema.optional() }).superRefine(timesInOrder);
export const ReplaceEvent = z.strictObject({ ...document, eventId: EventIdSchema, ifVersions: z.array(z.int()).optional() }).superRefine(timesInOrder);
export const RemoveEvent = z.strictObject({ eventId: EventIdSchema, ifVersions: z.array(z.int()).optional() });
export const GetEvent = z.strictObject({ eventId: EventIdSchema });
export const ListEvents = z.strictObject({
  ...PageQuery,
  status: EventStatus.optional(),
  startsAfter: Instant.optional(),
  startsBefore: Instant.optional(),
  updatedSince: Instant.optional(),
  mine: z.stringbool().optional(),
});

/** What a person may ask for; why is required when a review goes back to draft. */
export const StatusChange = z
  .strictObject({ status: z.enum(["draft", "review", "published", "cancelled"]), reason: Line(500).optional() })
  .meta({ id: "StatusChange", example: { status: "review" } });
export const ChangeStatus = z.strictObject({ ...StatusChange.shape, eventId: EventIdSchema });

/** An event as everybody sees it. */
export const EventView = z
  .object({
    id: z.string(),
    status: EventStatus,
    title: Text(200),
    description: Text(5_000).nullable(),
    startsAt: z.string(),
    endsAt: z.string(),
    timeZone: z.string(),
    venue: Venue,
    capacity: z.int(),
    currency: Currency,
    registrationDeadline: z.string().nullable(),
    refundPolicy: RefundPolicy.nullable(),
    attendeesUntil: z.string().nullable().meta({ description: "Until then buyers may say who comes with each ticket; null: until it starts." }),
    seo: Seo.nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({
    id: "Event",
    example: {
      id: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      status: "draft",
      ...example,
      description: null,
      registrationDeadline: null,
      refundPolicy: [{ daysBefore: 14, percent: 100 }],
      attendeesUntil: null,
      seo: null,
      createdAt: "2026-11-02T09:00:00.000Z",
      updatedAt: "2026-11-02T09:00:00.000Z",
      version: 1,
    },
  });
export type EventView = z.output<typeof EventView>;

export const StatusHistoryRow = z
  .object({
    from: EventStatus.nullable(),
    to: EventStatus,
    at: z.string(),
    reason: z.string().nullable(),
    by: z.object({ kind: z.string(), id: z.string().optional() }),
  })
  .meta({
    id: "StatusHistoryRow",
    example: { from: "draft", to: "review", at: "2026-11-02T09:10:00.000Z", reason: null, by: { kind: "organizer", id: "usr_demo_organizer" } },
  });
export type StatusHistoryRow = z.output<typeof StatusHistoryRow>;

/** Part of a room that several ticket types share, as its event keeps it. `binds`, `groups`: decided at publication. */
export type SharedCapacity = { capacityId: CapacityId; name: Text; seats: number; ticketTypeIds: string[]; binds: boolean; groups: number };

export const MAX_CAPACITIES = 10;

const capacity = {
  name: Text(120),
  seats: z.int().min(1).max(200_000),
  ticketTypeIds: z
    .array(TicketTypeIdSchema)
    .min(1, "Name at least one ticket type.")
    .max(40)
    .refine((ids) => new Set(ids).size === ids.length, "Name each ticket type once."),
};
const capacitiesExample = [{ name: "Balcony", seats: 100, ticketTypeIds: ["tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W4"] }];

/** The whole list of an event's shared capacities: what is not in it any more is gone. */
export const CapacitiesDocument = z
  .strictObject({
    capacities: z
      .array(
        z.strictObject({
          id: CapacityIdSchema.optional().meta({ description: "Of a capacity that the event has; left out, it is a new one." }),
          ...capacity,
        }),
      )
      .max(MAX_CAPACITIES, `At most ${MAX_CAPACITIES} capacities.`),
  })
  .meta({ id: "CapacitiesDocument", example: { capacities: capacitiesExample } });
export type CapacitiesDocument = z.output<typeof CapacitiesDocument>;
export const ReplaceCapacities = z.strictObject({ ...CapacitiesDocument.shape, eventId: EventIdSchema, ifVersions: z.array(z.int()).optional() });

/** The shared capacities of an event as those who manage it see them. */
export const CapacitiesView = z
  .object({
    eventId: z.string(),
    capacities: z.array(
      z.object({
        id: z.string(),
        name: Text(120),
        seats: z.int(),
        ticketTypeIds: z.array(z.string()),
        binds: z.boolean().meta({ description: "Do orders claim from it? Decided at publication: only if its types could sell more seats than it has." }),
        availableQuantity: z.int().nullable().meta({ description: "Seats left now; null when it does not bind." }),
      }),
    ),
    version: z.int().meta({ description: "Of the event." }),
  })
  .meta({
    id: "Capacities",
    example: {
      eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      capacities: [{ id: "cap_01J8Z3K4M5N6P7Q8R9S0T1V2W3", ...capacitiesExample[0]!, binds: true, availableQuantity: 64 }],
      version: 4,
    },
  });
export type CapacitiesView = z.output<typeof CapacitiesView>;
