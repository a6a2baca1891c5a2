import * as z from "zod";
import { EventIdSchema } from "../id.ts";
import { PageQuery } from "../page.ts";
import { Instant } from "../time.ts";

/** What kind of money moved; `rules/balance.ts` says which way. */
export const LedgerKind = z.enum(["charge", "refund", "refund_failure", "dispute", "dispute_reversal", "fee"]);
export type LedgerKind = z.output<typeof LedgerKind>;

export const ListLedger = z.strictObject({ ...PageQuery, eventId: EventIdSchema, since: Instant.optional(), until: Instant.optional() });

/** One fact: money that moved. */
export const LedgerView = z
  .object({
    kind: LedgerKind,
    reference: z.string(),
    orderId: z.string(),
    amount: z.int(),
    currency: z.string(),
    at: z.string(),
  })
  .meta({
    id: "LedgerRow",
    example: {
      kind: "charge",
      reference: "pi_3PqV",
      orderId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      amount: 9_000,
      currency: "EUR",
      at: "2026-11-02T09:01:00.000Z",
    },
  });
export type LedgerView = z.output<typeof LedgerView>;

/** The money of one order. */
export const OrderLedger = z
  .object({
    items: z.array(LedgerView),
    currency: z.string(),
    captured: z.int(),
    returned: z.int().meta({ description: "What the buyer has back." }),
    disputed: z.int().meta({ description: "What the buyer's bank took back." }),
    fees: z.int().meta({ description: "Those in the order's currency." }),
    net: z.int(),
  })
  .meta({ id: "OrderLedger", example: { items: [], currency: "EUR", captured: 9_000, returned: 0, disputed: 0, fees: 291, net: 8_709 } });
export type OrderLedger = z.output<typeof OrderLedger>;
