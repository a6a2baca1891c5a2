import * as AuditLog from "@fashionistas/core/audit-log";
import { AuditLogView, ListAuditLogs } from "@fashionistas/core/audit-log/schema";
import * as z from "zod";
import { TEAM } from "../access.ts";
import { endpoint, type Api } from "../endpoint.ts";

/** /audit-logs: what was done, by whom and when. */
export function auditLogs(app: Api): void {
  endpoint(
    app,
    {
      method: "get",
      path: "/audit-logs",
      access: TEAM.of("audit_log"),
      tag: "Audit log",
      summary: "List what was done, newest first",
      description:
        "By entity, or by who did it. Admins see everything; organizers name one of their events, or something that belongs to it. A page may be short although more follow: go by nextCursor. Entries hold no personal data and are kept for seven years.",
      query: ListAuditLogs,
      success: {
        status: 200,
        description: "A page; pass nextCursor on for the next one",
        schema: z.object({ items: z.array(AuditLogView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await AuditLog.list(c.req.query() as z.input<typeof ListAuditLogs>)),
  );
}
