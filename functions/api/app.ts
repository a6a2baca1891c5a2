import { defineError } from "@fashionistas/core/error";
import { Hono } from "hono";
import { DOCS_HEADERS, docsPage, docsPolicy } from "./docs.ts";
import type { Api } from "./endpoint.ts";
import { cors } from "./middleware/cors.ts";
import { problem } from "./middleware/problem.ts";
import { answerHeaders, request, type Env } from "./middleware/request.ts";
import { size } from "./middleware/size.ts";
import { openapiJson } from "./openapi.generated.ts";
import { apiKeys } from "./routes/api-keys.ts";
import { auditLogs } from "./routes/audit-logs.ts";
import { devices } from "./routes/devices.ts";
import { disputes } from "./routes/disputes.ts";
import { erasures } from "./routes/erasures.ts";
import { events } from "./routes/events.ts";
import { grants } from "./routes/grants.ts";
import { invitations } from "./routes/invitations.ts";
import { orders } from "./routes/orders.ts";
import { me } from "./routes/me.ts";
import { organizers } from "./routes/organizers.ts";
import { prices } from "./routes/prices.ts";
import { realtime } from "./routes/realtime.ts";
import { reconciliations } from "./routes/reconciliations.ts";
import { reports } from "./routes/reports.ts";
import { roles } from "./routes/roles.ts";
import { system } from "./routes/system.ts";
import { tickets } from "./routes/tickets.ts";
import { users } from "./routes/users.ts";
import { webhooks } from "./routes/webhooks.ts";

const routeNotFound = defineError("request.route_not_found", "missing", "No such path");

/** The HTTP API. Routes are adapters: they decode, call one verb and encode. */
export const app: Api = new Hono<Env>();

app.onError(problem);
app.notFound((c) => problem(routeNotFound("See /docs for what there is."), c));
app.use(answerHeaders, cors, size, request);
for (const routes of [
  system,
  events,
  organizers,
  grants,
  invitations,
  tickets,
  prices,
  orders,
  disputes,
  me,
  users,
  roles,
  apiKeys,
  devices,
  realtime,
  webhooks,
  reconciliations,
  reports,
  erasures,
  auditLogs,
])
  routes(app);

app.get("/openapi.json", (c) => c.body(openapiJson, 200, { "content-type": "application/json", "cache-control": "public, max-age=300" }));
app.get("/docs", (c) => c.html(docsPage(), 200, { ...DOCS_HEADERS, "content-security-policy": docsPolicy() }));
