import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

/** `slice`: the job's version from which to go on; a worker that finds another one leaves it to somebody else. */
const slice = z.object({ reconciliationId: z.string(), slice: z.int() });

export const ReconciliationStarted = defineDomainEvent("reconciliation.started", 1, slice);
export const ReconciliationContinued = defineDomainEvent("reconciliation.continued", 1, slice);
export const ReconciliationFinished = defineDomainEvent(
  "reconciliation.finished",
  1,
  z.object({ reconciliationId: z.string(), state: z.enum(["done", "failed"]), repaired: z.int(), reported: z.int() }),
);
