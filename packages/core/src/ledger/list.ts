import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import * as Event from "../event/index.ts";
import { pageOf } from "../page.ts";
import { LedgerRows, type LedgerRow } from "./entity.ts";
import { ListLedger, type LedgerView } from "./schema.ts";

/** The money of an event, oldest first, for whoever manages it. @throws event.not_found */
export const list = capability(
  "ledger.list",
  { input: ListLedger, allow: TEAM, needs: "ledger:read" },
  async ({ eventId, since, until, ...page }, { actor }) => {
    await Event.managedBy(actor, eventId);
    const rows = LedgerRows.query.byEvent({ eventId }).between({ at: since ?? "0" }, { at: until ?? "~" });
    return pageOf(rows, page, ["ledger", eventId, since, until], viewOf);
  },
);

/** The face of a row. */
export function viewOf({ kind, reference, orderId, amount, currency, at }: LedgerRow): LedgerView {
  return { kind, reference, orderId, amount, currency, at };
}
