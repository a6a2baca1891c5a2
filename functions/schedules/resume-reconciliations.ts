import { now } from "@fashionistas/core/context";
import { log } from "@fashionistas/core/log";
import * as Reconciliation from "@fashionistas/core/reconciliation";
import { isoOf, MINUTE_MS } from "@fashionistas/core/time";
import { errorFields, onSchedule } from "../edge.ts";

/** Longer than a slice takes together with the tries of its queue that are worth waiting for. */
const STALLED_MINUTES = 10;
const AT_MOST = 20;

/** Goes on with reconciliations that stand still, because whoever did their last slice died too often. */
export const handler = onSchedule("resume-reconciliations", async () => {
  for (const { reconciliationId } of await Reconciliation.listStalled(isoOf(now() - STALLED_MINUTES * MINUTE_MS), AT_MOST))
    await Reconciliation.resume({ reconciliationId }).catch((error: unknown) =>
      log.warn("reconciliation not resumed", { reconciliationId, ...errorFields(error) }),
    );
});
