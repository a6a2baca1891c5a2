import { defineError } from "@fashionistas/core/error";
import { OpenAPIHono } from "@hono/zod-openapi";
import { docsPage } from "./docs.ts";
import type { Api } from "./endpoint.ts";
import { problem } from "./middleware/problem.ts";
import { request, type Env } from "./middleware/request.ts";
import { events } from "./routes/events.ts";
import { orders } from "./routes/orders.ts";
import { realtime } from "./routes/realtime.ts";
import { system } from "./routes/system.ts";
import { tickets } from "./routes/tickets.ts";

const routeNotFound = defineError("request.route_not_found", "missing", "No such path");

/** The HTTP API. Routes are adapters: they decode, call one verb and encode. */
export const app: Api = new OpenAPIHono<Env>();

app.onError(problem);
app.notFound((c) => problem(routeNotFound("See /docs for what there is."), c));
app.use(request);
for (const routes of [system, events, tickets, orders, realtime]) routes(app);

app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer", bearerFormat: "JWT" });
app.openAPIRegistry.registerComponent("securitySchemes", "orderToken", { type: "apiKey", in: "header", name: "Order-Token" });

/** The OpenAPI 3.1 document. */
export function openapi() {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Fashionistas",
      version: "0.1.0",
      description: "Tickets, money and news for fashion events. Errors are RFC 9457 problems with a stable `code`.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    servers: [{ url: "/" }],
  });
}

app.get("/openapi.json", (c) => c.json(openapi(), 200, { "cache-control": "public, max-age=300" }));
app.get("/docs", (c) => c.html(docsPage(), 200, { "cache-control": "public, max-age=300" }));
