import { defineError } from "../error.ts";

const notFound = defineError("reconciliation.not_found", "missing", "Reconciliation not found");
export const reconciliationNotFound = () => notFound("There is no such reconciliation.");
