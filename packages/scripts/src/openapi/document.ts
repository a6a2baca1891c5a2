import { errorDefinitions, type ErrorDefinition } from "@fashionistas/core/error";
import { credentialsOf, refusalsOf, type Credential } from "@fashionistas/functions/api/access";
import { refusesUncounted } from "@fashionistas/core/rate-limit/rules/limits";
import { app } from "@fashionistas/functions/api/app";
import { endpoints, type Endpoint } from "@fashionistas/functions/api/endpoint";
import { Problem, STATUS_OF } from "@fashionistas/functions/api/middleware/problem";
import { classOf } from "@fashionistas/functions/api/middleware/rate-limit";
import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";

/** Errors that any endpoint may answer with. */
const ALWAYS = [
  ...["input.invalid", "actor.ambiguous_credentials", "actor.token_invalid", "session.ended", "user.suspended", "actor.keys_unavailable"],
  ...["api_key.invalid", "device.key_invalid", "actor.not_allowed"],
  ...["request.headers_too_large", "request.query_too_long"],
];

const WITH_BODY = ["request.body_malformed", "request.body_too_deep", "request.body_too_large"];
const WITH_LIMIT = ["request.too_many"];
/** Where what cannot be counted is refused. */
const WITH_STRICT_LIMIT = ["request.busy"];
const WITH_COMMIT = ["request.conflict", "request.busy"];
const WITH_KEY = ["idempotency_key.guessable", "idempotency_key.reused", "idempotency_key.in_progress"];

const ABOUT = `Tickets, money and news for fashion events. Errors are RFC 9457 problems with a stable \`code\`.

**Limits.** Calls are counted by who makes them: API key, else user, else device, else address. \`RateLimit-Policy\` says how many are allowed (\`q\`) in how many seconds (\`w\`), \`RateLimit\` how many are left (\`r\`) until how many seconds from now (\`t\`). One too many is a 429 that says when to come back in \`Retry-After\`; nothing was done. Public documents are not counted when they are read without credentials.

**Repeating.** With an \`Idempotency-Key\` a call is done once within 24 hours, and repeated calls get its answer. Keys of different callers never meet. Without signing in, the key is a secret of yours: whoever knows it, the path and the whole body gets the answer too, so it has to be random (a UUID), and another body under it is refused without a word about the first.

**Browsers.** Credentials are sent in headers alone. No cookie is set or read, so no other page can act for somebody who is signed in here. Pages of the stage's allowed origins may call the API; request bodies are limited to 256 KB and 32 levels, headers to 8 KB, a query to 4 KB.`;

const SECURITY: Record<Credential, Record<string, string[]>> = {
  none: {},
  orderToken: { orderToken: [] },
  bearer: { bearer: [] },
  apiKey: { apiKey: [] },
  deviceKey: { deviceKey: [] },
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
  for (const [scheme, name] of Object.entries({ apiKey: "X-Api-Key", deviceKey: "X-Device-Key", orderToken: "Order-Token" }))
    openAPIRegistry.registerComponent("securitySchemes", scheme, { type: "apiKey", in: "header", name });
  for (const endpoint of endpoints) openAPIRegistry.registerPath(pathOf(endpoint));
  return documented.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Fashionistas",
      version: "0.1.0",
      description: ABOUT,
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    servers: [{ url: "/" }],
  });
}

function pathOf(spec: Endpoint): RouteConfig {
  const { params, query, headers, body, success } = spec;
  const limit = classOf(spec);
  const notes = [spec.description, spec.repeating && `Repeating: ${spec.repeating}`, limit === "none" ? undefined : `Counted as \`${limit}\`.`];
  return {
    method: spec.method,
    path: spec.path.replace(/:(\w+)/g, "{$1}"),
    tags: [spec.tag],
    summary: spec.summary,
    ...(notes.some(Boolean) ? { description: notes.filter(Boolean).join("\n\n") } : {}),
    security: credentialsOf(spec.access).map((credential) => SECURITY[credential]),
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
          ...(limit === "none" ? [] : WITH_LIMIT),
          ...(limit !== "none" && refusesUncounted(limit) ? WITH_STRICT_LIMIT : []),
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
