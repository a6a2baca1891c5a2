export { type SessionRow } from "./entity.ts";
export { end, endAll, endAllOf } from "./end.ts";
export { sessionEnded, sessionNotFound } from "./errors.ts";
export { find, list, listByUser, note } from "./read.ts";
export { isOver } from "./rules/standing.ts";
