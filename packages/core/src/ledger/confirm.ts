import * as z from "zod";
import { capability } from "../capability.ts";
import { ignoreRefusal } from "../db/transact.ts";
import { LedgerRows } from "./entity.ts";
import { LedgerKind } from "./schema.ts";

const ConfirmRow = z.strictObject({ orderId: z.string(), kind: LedgerKind, reference: z.string(), transactionId: z.string() });

/** Notes the provider's transaction that a booked fact is, once. Repeating it changes nothing. */
export const confirm = capability("ledger.confirm", { input: ConfirmRow, allow: ["system"] }, async ({ transactionId, ...key }): Promise<void> => {
  await LedgerRows.patch(key)
    .set({ transactionId })
    .where((row, { notExists }) => notExists(row.transactionId))
    .go()
    .catch(ignoreRefusal);
});
