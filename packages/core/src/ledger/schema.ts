import * as z from "zod";

/** What kind of money moved; `rules/balance.ts` says which way. */
export const LedgerKind = z.enum(["charge", "refund", "refund_failure", "dispute", "dispute_reversal", "fee"]);
export type LedgerKind = z.output<typeof LedgerKind>;

/** One fact: money that moved, at the instant the provider gives it. */
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
