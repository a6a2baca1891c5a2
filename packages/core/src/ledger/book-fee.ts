import * as z from "zod";
import { capability } from "../capability.ts";
import { isMade } from "../db/transact.ts";
import { recording } from "./entity.ts";

const BookFee = z.strictObject({
  orderId: z.string(),
  eventId: z.string(),
  /** The provider's transaction from which the fee was kept back. */
  transactionId: z.string(),
  amount: z.int().min(1),
  currency: z.string(),
  at: z.string(),
});

/**
 * Books what the provider kept for itself, in the currency it kept it in. A fact of its own that changes nothing about the
 * order: one conditional put, without the order's journal. @returns whether it was new
 */
export const bookFee = capability("ledger.book_fee", { input: BookFee, allow: ["system"] }, ({ transactionId, ...fee }): Promise<boolean> =>
  isMade(recording({ ...fee, kind: "fee", reference: transactionId, transactionId }).go()),
);
