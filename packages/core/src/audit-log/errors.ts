import { defineError } from "../error.ts";

const notFound = defineError("audit_log.not_found", "missing", "Nothing is recorded of it");
export const auditLogNotFound = () =>
  notFound("Nothing is recorded of such an entity. What happened to tickets, refunds and payments is recorded of their order: ask for its id.");
