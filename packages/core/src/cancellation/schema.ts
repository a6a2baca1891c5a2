import * as z from "zod";
import { EventIdSchema } from "../id.ts";
import { Money } from "../money.ts";

export const Phase = z.enum(["ending", "refunding", "settling", "done"]);
export type Phase = z.output<typeof Phase>;

export const OfEvent = z.strictObject({ eventId: EventIdSchema });

/** How far the refunds of a cancelled event came. */
export const CancellationView = z
  .object({
    eventId: z.string(),
    phase: Phase.meta({
      description: "ending: unpaid orders are cancelled · refunding: sold orders are voided · settling: refunds are on their way · done",
    }),
    orders: z.object({
      ended: z.int().meta({ description: "Unpaid orders that were cancelled." }),
      sold: z.int().meta({ description: "Orders with tickets." }),
      voided: z.int().meta({ description: "Of those, how many are refunded or about to be." }),
    }),
    refunds: z.object({ pending: z.int(), succeeded: z.int(), failed: z.int(), amount: Money.meta({ description: "All that did not fail." }) }),
    startedAt: z.string(),
    updatedAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({
    id: "Cancellation",
    example: {
      eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      phase: "settling",
      orders: { ended: 3, sold: 210, voided: 210 },
      refunds: { pending: 12, succeeded: 197, failed: 1, amount: { amount: 945_000, currency: "EUR" } },
      startedAt: "2026-11-02T09:00:00.000Z",
      updatedAt: "2026-11-02T09:02:10.000Z",
      finishedAt: null,
    },
  });
export type CancellationView = z.output<typeof CancellationView>;
