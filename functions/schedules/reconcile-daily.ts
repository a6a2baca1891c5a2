import * as Reconciliation from "@fashionistas/core/reconciliation";
import { onSchedule } from "../edge.ts";

/** Starts comparing all money that can still move with Stripe's, and all orders with their charges. */
export const handler = onSchedule("reconcile-daily", () => Reconciliation.startScheduled({ trigger: "daily" }));
