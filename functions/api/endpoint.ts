import { parse } from "@fashionistas/core/capability";
import { defineError, errorDefinitions, type ErrorDefinition } from "@fashionistas/core/error";
import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import type * as z from "zod";
import { Problem, STATUS_OF } from "./middleware/problem.ts";
import type { Env } from "./middleware/request.ts";

export type Api = OpenAPIHono<Env>;

export type Endpoint = {
  method: "get" | "post" | "put" | "delete";
  /** Hono's notation: /events/:id */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  success: { status: 200 | 201 | 204; description: string; schema?: z.ZodType };
  /** Codes of every error the endpoint answers with, beyond what any may: input.invalid, tokens, 500. */
  errors: readonly string[];
  /** Who may call: shown in the documentation; the verb decides. */
  security?: "bearer" | "bearer or none" | "bearer or order token";
};

const bodyMalformed = defineError("request.body_malformed", "malformed", "The body is not JSON");
const bodyTooLarge = defineError("request.body_too_large", "too_large", "The body is larger than 256 KB");
const MAX_BODY_BYTES = 256 * 1024;

const ALWAYS = ["input.invalid", "actor.token_invalid"];
const SECURITY = {
  bearer: [{ bearer: [] }],
  "bearer or none": [{}, { bearer: [] }],
  "bearer or order token": [{ orderToken: [] }, { bearer: [] }],
};

/**
 * Declares an endpoint once: its documentation and its handler. The handler decodes, calls one verb and encodes; the verb
 * itself validates what it is given.
 */
export function endpoint(app: Api, spec: Endpoint, handle: (c: Context<Env>) => Promise<Response>): void {
  app.openAPIRegistry.registerPath(documentation(spec));
  app[spec.method](spec.path, handle);
}

/**
 * The JSON body as its schema has it. Strict here and not only in the verb, which also takes what the path and we ourselves
 * say: a body must not be able to say that.
 * @throws request.body_malformed, request.body_too_large, input.invalid
 */
export async function jsonBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const text = await c.req.text();
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) throw bodyTooLarge("Send less.");
  return parse(schema, text === "" ? {} : jsonOf(text));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bodyMalformed("Send a JSON object with content-type application/json.");
  }
}

/** The id in the path; a text that can be no id is a missing thing. */
export function pathId<T>(c: Context, schema: z.ZodType<T>, missing: () => Error): T {
  const parsed = schema.safeParse(c.req.param("id"));
  if (!parsed.success) throw missing();
  return parsed.data;
}

function documentation(spec: Endpoint): RouteConfig {
  const { params, query, headers, body, success } = spec;
  return {
    method: spec.method,
    path: spec.path.replace(/:(\w+)/g, "{$1}"),
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description ? { description: spec.description } : {}),
    security: SECURITY[spec.security ?? "bearer or none"],
    request: {
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { headers } : {}),
      ...(body ? { body: { required: true, content: { "application/json": { schema: body } } } } : {}),
    },
    responses: {
      [success.status]: { description: success.description, ...(success.schema ? { content: { "application/json": { schema: success.schema } } } : {}) },
      ...errorResponses([...spec.errors, ...ALWAYS]),
      500: { description: "`internal`: something went wrong on our side", content: { "application/problem+json": { schema: Problem } } },
    },
  };
}

function errorResponses(codes: readonly string[]): RouteConfig["responses"] {
  const known = new Map(errorDefinitions().map((definition) => [definition.code, definition]));
  const byStatus = new Map<number, ErrorDefinition[]>();
  for (const code of codes) {
    const definition = known.get(code);
    if (!definition) throw new Error(`endpoint declares an unknown error code: ${code}`);
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
