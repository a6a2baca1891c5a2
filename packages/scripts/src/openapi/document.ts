import { errorDefinitions, type ErrorDefinition } from "@fashionistas/core/error";
import { credentialsOf, refusalsOf } from "@fashionistas/functions/api/access";
import { app } from "@fashionistas/functions/api/app";
import { endpoints, type Endpoint } from "@fashionistas/functions/api/endpoint";
import { Problem, STATUS_OF } from "@fashionistas/functions/api/middleware/problem";
import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";

/** Errors that any endpoint may answer with. */
const ALWAYS = ["input.invalid", "actor.token_invalid", "session.ended", "user.suspended", "actor.keys_unavailable"];

const WITH_BODY = ["request.body_malformed", "request.body_too_large"];
const WITH_COMMIT = ["request.conflict", "request.busy"];
const WITH_KEY = ["idempotency_key.reused", "idempotency_key.in_progress"];

const SECURITY = {
  bearer: [{ bearer: [] }],
  "bearer or none": [{}, { bearer: [] }],
  "bearer or order token": [{ orderToken: [] }, { bearer: [] }],
};

/**
 * The OpenAPI 3.1 document of the endpoints that the routes declare. Written beforehand, so that the API's Lambda carries
 * neither the generator nor the whole of zod (370 KB).
 */
export function openapiDocument(): object {
  if (app.routes.length === 0) throw new Error("the routes are not registered");
  const documented = new OpenAPIHono();
  const { openAPIRegistry } = documented;
  openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer", bearerFormat: "JWT" });
  openAPIRegistry.registerComponent("securitySchemes", "orderToken", { type: "apiKey", in: "header", name: "Order-Token" });
  for (const endpoint of endpoints) openAPIRegistry.registerPath(pathOf(endpoint));
  return documented.getOpenAPI31Document({
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

function pathOf(spec: Endpoint): RouteConfig {
  const { params, query, headers, body, success } = spec;
  return {
    method: spec.method,
    path: spec.path.replace(/:(\w+)/g, "{$1}"),
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description ? { description: spec.description } : {}),
    security: SECURITY[credentialsOf(spec.access)],
    request: {
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { headers } : {}),
      ...(body ? { body: { required: true, content: { "application/json": { schema: body } } } } : {}),
    },
    responses: {
      [success.status]: { description: success.description, ...(success.schema ? { content: { "application/json": { schema: success.schema } } } : {}) },
      ...(spec.etag ? { 304: { description: "Not changed: what If-None-Match names is what there is" } } : {}),
      ...errorResponses([
        ...new Set([
          ...refusalsOf(spec.access),
          ...(spec.errors ?? []),
          ...ALWAYS,
          ...(body ? WITH_BODY : []),
          ...(spec.commits ? WITH_COMMIT : []),
          ...(headers && "Idempotency-Key" in headers.shape ? WITH_KEY : []),
        ]),
      ]),
      500: { description: "`internal`: something went wrong on our side", content: { "application/problem+json": { schema: Problem } } },
    },
  };
}

function errorResponses(codes: readonly string[]): RouteConfig["responses"] {
  const known = new Map(errorDefinitions().map((definition) => [definition.code, definition]));
  const byStatus = new Map<number, ErrorDefinition[]>();
  for (const code of codes) {
    const definition = known.get(code);
    if (!definition) throw new Error(`an endpoint declares an unknown error code: ${code}`);
    const status = STATUS_OF[definition.kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), definition]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, definitions]) => {
      const description = definitions.map(({ code, title }) => `\`${code}\`: ${title}`).join("\n\n");
      return [status, { description, content: { "application/problem+json": { schema: Problem } } }];
    }),
  );
}
