import { ReconciliationContinued, ReconciliationStarted } from "@fashionistas/core/reconciliation/domain-events";
import { reconcileSlice } from "@fashionistas/integrations/stripe/reconcile";
import { onDomainEvent } from "../../edge.ts";

/** Compares the next slice of a reconciliation. */
export const handler = onDomainEvent("reconcile", (envelope) =>
  reconcileSlice((envelope.type === ReconciliationStarted.type ? ReconciliationStarted : ReconciliationContinued).of(envelope)),
);
