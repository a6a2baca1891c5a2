export { advance } from "./advance.ts";
export { ReconciliationContinued, ReconciliationFinished, ReconciliationStarted } from "./domain-events.ts";
export { Reconciliations, type ReconciliationRow } from "./entity.ts";
export { reconciliationNotFound } from "./errors.ts";
export { find, get, list, listStalled, viewOf } from "./read.ts";
export { resume } from "./resume.ts";
export { compare, type Movement } from "./rules/compare.ts";
export { start, startScheduled } from "./start.ts";
