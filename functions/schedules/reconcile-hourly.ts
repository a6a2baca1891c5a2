import * as Reconciliation from "@fashionistas/core/reconciliation";
import { onSchedule } from "../edge.ts";

/** Starts comparing the money of the last hours with Stripe's. */
export const handler = onSchedule("reconcile-hourly", () => Reconciliation.startScheduled({ trigger: "hourly" }));
