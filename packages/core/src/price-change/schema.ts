import * as z from "zod";
import { Money } from "../money.ts";

/** created: with the type · edited: its document. */
export const PriceChangeReason = z.enum(["created", "edited"]);
export type PriceChangeReason = z.output<typeof PriceChangeReason>;

/** One change of a price, as the team sees it. */
export const PriceChangeView = z
  .object({
    at: z.string(),
    from: Money.nullable().meta({ description: "null: it was the first price." }),
    to: Money,
    reason: PriceChangeReason,
    by: z.object({ kind: z.string(), id: z.string().optional() }),
  })
  .meta({
    id: "PriceChange",
    example: {
      at: "2026-11-02T09:00:00.000Z",
      from: { amount: 18_000, currency: "EUR" },
      to: { amount: 19_800, currency: "EUR" },
      reason: "edited",
      by: { kind: "organizer", id: "usr_demo_organizer" },
    },
  });
export type PriceChangeView = z.output<typeof PriceChangeView>;
