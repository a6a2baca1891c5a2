import { actorRef } from "../actor.ts";
import { context } from "../context.ts";
import type { Head } from "../db/journal.ts";
import { write, type Write } from "../db/transact.ts";
import type { Money } from "../money.ts";
import { PriceChanges } from "./entity.ts";
import type { PriceChangeReason } from "./schema.ts";

/** `from`: undefined for the first price. */
export type NewPrice = {
  ticketTypeId: string;
  eventId: string;
  from?: Money | undefined;
  to: Money;
  reason: PriceChangeReason;
};

/** The write that remembers a new price, for the transaction that gives the type this head; whoever acts is its author. */
export function adding({ from, ...row }: NewPrice, { version, updatedAt }: Head): Write {
  return write(PriceChanges.create({ ...row, ...(from ? { from } : {}), at: updatedAt, n: version, by: actorRef(context().actor) }));
}
