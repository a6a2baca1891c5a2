import * as z from "zod";
import { ReconciliationIdSchema } from "../id.ts";
import { LedgerKind } from "../ledger/schema.ts";
import { PageQuery } from "../page.ts";
import { Instant } from "../time.ts";

export const ReconciliationState = z.enum(["running", "done", "failed"]);
export const Trigger = z.enum(["hourly", "daily", "admin"]);
/** provider: its transactions against our ledger · ledger: our rows against the provider · orders: tickets against charges. */
export const Phase = z.enum(["provider", "ledger", "orders"]);
export type Phase = z.output<typeof Phase>;

/** What a difference is, and so what a person has to look for. */
export const DifferenceCode = z.enum([
  /** The provider has money for no order of ours. */
  "unknown_payment",
  /** A movement of a kind we do not book. */
  "unknown_movement",
  /** The provider moved money that could not be booked by doing again what its webhook does. */
  "not_booked",
  "amount_differs",
  /** Booked, but the provider knows nothing of it. */
  "not_at_provider",
  /** Its charge is booked, but the order has no tickets and is not refunded. */
  "order_not_fulfilled",
  /** The order has its tickets, and no charge is booked. */
  "no_charge",
]);
export type DifferenceCode = z.output<typeof DifferenceCode>;

const Sum = z.object({ amount: z.int(), currency: z.string() });

/** Ids and amounts only. */
export const Difference = z.object({
  code: DifferenceCode,
  kind: LedgerKind.nullable(),
  /** The provider's id, or the order's. */
  reference: z.string(),
  transactionId: z.string().nullable(),
  orderId: z.string().nullable(),
  provider: Sum.nullable(),
  ledger: Sum.nullable(),
  at: z.string(),
});
export type Difference = z.output<typeof Difference>;

export const Counts = z.object({
  compared: z.int(),
  equal: z.int(),
  repaired: z.int(),
  /** Too young to be a difference: its webhook is on the way. */
  waiting: z.int(),
  /** Fees that were booked. */
  fees: z.int(),
  reported: z.int(),
});
export type Counts = z.output<typeof Counts>;
export const NOTHING: Counts = { compared: 0, equal: 0, repaired: 0, waiting: 0, fees: 0, reported: 0 };

/** Body of POST /reconciliations. */
export const StartReconciliation = z
  .strictObject({
    since: Instant.meta({ description: "Money that moved from here on." }),
    until: Instant.optional().meta({ description: "Now, when left out." }),
    full: z.boolean().default(true).meta({ description: "Also looks for orders with tickets and without a charge: reads every order." }),
    graceMinutes: z.int().min(0).max(1_440).default(10).meta({ description: "Money that moved more recently may still be on its way into our books." }),
  })
  .refine(({ since, until }) => until === undefined || since < until, { path: ["until"], message: "Must be later than since." })
  .meta({ id: "StartReconciliation", example: { since: "2026-11-01T00:00:00.000Z" } });

export const AReconciliation = z.strictObject({ reconciliationId: ReconciliationIdSchema });
export const ListReconciliations = z.strictObject(PageQuery);

const example = {
  id: "rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
  trigger: "admin" as const,
  state: "done" as const,
  since: "2026-11-01T00:00:00.000Z",
  until: "2026-11-02T00:00:00.000Z",
  full: true,
  progress: 1,
  counts: { compared: 120, equal: 118, repaired: 1, waiting: 0, fees: 4, reported: 1 },
  differences: [
    {
      code: "unknown_payment" as const,
      kind: "charge" as const,
      reference: "pi_3PqV",
      transactionId: "txn_1PqV",
      orderId: null,
      provider: { amount: 9_000, currency: "EUR" },
      ledger: null,
      at: "2026-11-01T09:01:00.000Z",
    },
  ],
  startedAt: "2026-11-02T09:00:00.000Z",
  finishedAt: "2026-11-02T09:00:04.000Z",
};

/** A reconciliation as an admin sees it. */
export const ReconciliationView = z
  .object({
    id: z.string(),
    trigger: Trigger,
    state: ReconciliationState,
    since: z.string(),
    until: z.string(),
    full: z.boolean(),
    progress: z.number().meta({ description: "0 to 1." }),
    counts: Counts,
    differences: z.array(Difference).meta({ description: "What remains for a person: the first hundred." }),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: "Reconciliation", example });
export type ReconciliationView = z.output<typeof ReconciliationView>;
