import * as z from "zod";
import { DisputeIdSchema, EventIdSchema, OrderIdSchema } from "../id.ts";
import { PageQuery } from "../page.ts";
import { Line } from "../text.ts";
import { Instant } from "../time.ts";

/**
 * What a dispute means to us, whatever the provider calls its status (`rules/standing.ts`).
 * inquiry: a question, no money moved. open: the bank has the money. lost: it keeps it. settled: it is ours, or the question is over.
 */
export const Standing = z.enum(["inquiry", "open", "lost", "settled"]);
export type Standing = z.output<typeof Standing>;

/** Is somebody still to decide? */
export const DisputeState = z.enum(["open", "closed"]);
export type DisputeState = z.output<typeof DisputeState>;

/** Money that a dispute moved: one fact of the provider, in the currency of the charge. */
const Movement = z.strictObject({
  reference: z.string().min(1),
  way: z.enum(["withdrawn", "reinstated"]),
  amount: z.int().min(1),
  currency: z.string(),
  at: Instant,
});
export type Movement = z.output<typeof Movement>;

/** A dispute as the provider tells it now. */
export const DisputeFact = z.strictObject({
  providerDisputeId: z.string().min(1).max(200),
  orderId: OrderIdSchema,
  /** The provider's word: one that is new to us is kept as it is. */
  status: z.string().min(1).max(100),
  amount: z.int().min(0),
  currency: z.string().length(3),
  reason: z.string().max(100),
  networkReasonCode: z.string().max(40).optional(),
  evidenceDueAt: Instant.optional(),
  /** How often evidence was submitted. */
  submissions: z.int().min(0),
  movements: z.array(Movement).max(20),
  openedAt: Instant,
});
export type DisputeFact = z.output<typeof DisputeFact>;

/** `seen`: the version of our record (0: none) that was read before the provider was asked. */
export const RecordDispute = z.strictObject({ ...DisputeFact.shape, seen: z.int().min(0) });

export const ADispute = z.strictObject({ disputeId: DisputeIdSchema });

/** Words of our own for the bank. */
export const EvidenceNotes = z
  .strictObject({
    notes: z
      .string()
      .trim()
      .min(1, "Give at least one character.")
      .max(10_000, "At most 10,000 characters.")
      .refine((text) => !/\p{Surrogate}/u.test(text), "Contains half a character.")
      .optional(),
  })
  .meta({ id: "EvidenceNotes", example: { notes: "She was scanned in at 19:41 and asked for a second glass of prosecco." } });
export const AssembleEvidence = z.strictObject({ ...ADispute.shape, ...EvidenceNotes.shape });

/** `seen`: the version that was read before it was laid there. */
export const RecordStaged = z.strictObject({ ...ADispute.shape, seen: z.int().min(1), digest: Line(100), fields: z.array(Line(100)).max(50) });

/** Accepting cannot be taken back: say so twice. */
export const AcceptDispute = z
  .strictObject({ confirm: z.literal(true, "Must be true: accepting a dispute as lost cannot be undone.") })
  .meta({ id: "AcceptDispute", example: { confirm: true } });

export const ListDisputes = z.strictObject({
  ...PageQuery,
  state: z.enum(["open", "all"]).default("open"),
  eventId: EventIdSchema.optional(),
});
export const DisputesOfOrder = z.strictObject({ orderId: OrderIdSchema });

const example = {
  id: "dsp_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  orderId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  status: "needs_response",
  standing: "open" as const,
  amount: { amount: 9_000, currency: "EUR" },
  reason: "fraudulent",
  networkReasonCode: "10.4",
  evidenceDueAt: "2026-11-09T09:01:00.000Z",
  submissions: 0,
  staged: null,
  openedAt: "2026-11-02T09:01:00.000Z",
  updatedAt: "2026-11-02T09:01:00.000Z",
  version: 1,
};

/** A dispute as those see it who must answer it. */
export const DisputeView = z
  .object({
    id: z.string(),
    orderId: z.string(),
    eventId: z.string(),
    status: z.string().meta({ description: "The provider's word: needs_response, under_review, won, lost, prevented, warning_…; new ones may come." }),
    standing: Standing.meta({ description: "inquiry: no money moved. open: tickets are suspended. lost: they are revoked. settled: they are as before." }),
    amount: z.object({ amount: z.int(), currency: z.string() }),
    reason: z.string(),
    networkReasonCode: z.string().nullable(),
    evidenceDueAt: z.string().nullable(),
    submissions: z.int(),
    staged: z
      .object({ at: z.string(), fields: z.array(z.string()) })
      .nullable()
      .meta({ description: "Evidence that lies at the provider and is not submitted by that." }),
    openedAt: z.string(),
    updatedAt: z.string(),
    version: z.int(),
  })
  .meta({ id: "Dispute", example });
export type DisputeView = z.output<typeof DisputeView>;

/** A dispute together with what would be staged for it now. */
export const DisputeWithEvidence = z
  .object({
    dispute: DisputeView,
    evidence: z.record(z.string(), z.string()).meta({ description: "What staging would send now, by field." }),
  })
  .meta({
    id: "DisputeWithEvidence",
    example: { dispute: example, evidence: { customer_name: "Anna Rossi", service_date: "24 February 2027 at 19:30 (Europe/Rome)" } },
  });
export type DisputeWithEvidence = z.output<typeof DisputeWithEvidence>;
