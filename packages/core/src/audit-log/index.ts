export { auditLogNotFound } from "./errors.ts";
export { list } from "./read.ts";
