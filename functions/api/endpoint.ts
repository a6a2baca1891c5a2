import { parse } from "@fashionistas/core/capability";
import { defineError } from "@fashionistas/core/error";
import type { Context, Hono } from "hono";
import type * as z from "zod";
import type { Access } from "./access.ts";
import { limited, type LimitClass } from "./middleware/rate-limit.ts";
import type { Env } from "./middleware/request.ts";

export type Api = Hono<Env>;

export type Endpoint = {
  method: "get" | "post" | "put" | "delete";
  /** Hono's notation: /events/:id */
  path: string;
  /** Who may call it, on whose thing, and what everybody else is told. The verb decides; the matrix compares. */
  access: Access;
  tag: string;
  summary: string;
  description?: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  success: { status: 200 | 201 | 202 | 204; description: string; schema?: z.ZodType };
  /** Codes of every error the endpoint answers with, beyond what follows from its access and its kind: input, tokens, body, key, 500. */
  errors?: readonly string[];
  /** Commits something: it may meet somebody else who does, or be told to come back. */
  commits?: true;
  /** Answers with an ETag, and with 304 when the caller has it. */
  etag?: true;
  /** What its calls are counted as; by default `read` for get, of public documents only with credentials, else `write`. */
  limit?: LimitClass;
  /** Of a POST without Idempotency-Key: why repeating it does no harm. Shown in the documentation. */
  repeating?: string;
};

const bodyMalformed = defineError("request.body_malformed", "malformed", "The body is not JSON");
const bodyTooDeep = defineError("request.body_too_deep", "malformed", "The body is nested too deeply");
const bodyTooLarge = defineError("request.body_too_large", "too_large", "The body is larger than 256 KB");
const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 32;

/** Every endpoint as it was declared: what the API's document is written from. */
export const endpoints: Endpoint[] = [];

/**
 * Declares an endpoint once: its documentation, its limit and its handler. The handler decodes, calls one verb and encodes; the
 * verb itself validates what it is given.
 */
export function endpoint(app: Api, spec: Endpoint, handle: (c: Context<Env>) => Promise<Response>): void {
  endpoints.push(spec);
  app[spec.method](spec.path, async (c) => {
    await limited(c, spec);
    return handle(c);
  });
}

/**
 * The JSON body as its schema has it. Strict here and not only in the verb, which also takes what the path and we ourselves
 * say: a body must not be able to say that.
 * @throws request.body_malformed, request.body_too_deep, request.body_too_large, input.invalid
 */
export async function jsonBody<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > MAX_BODY_BYTES) throw bodyTooLarge("Send less.");
  const value = bytes.byteLength === 0 ? {} : jsonOf(bytes);
  if (isDeeper(value, MAX_DEPTH)) throw bodyTooDeep(`Nest objects and lists at most ${MAX_DEPTH} deep.`);
  return parse(schema, value);
}

function jsonOf(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw bodyMalformed("Send a JSON object in UTF-8 with content-type application/json.");
  }
}

function isDeeper(value: unknown, than: number): boolean {
  if (value === null || typeof value !== "object") return false;
  return than === 0 || Object.values(value).some((member) => isDeeper(member, than - 1));
}

/** The id in the path, by its name there; a text that can be no id is a missing thing. */
export function pathId<T>(c: Context, schema: z.ZodType<T>, missing: () => Error, name = "id"): T {
  const parsed = schema.safeParse(c.req.param(name));
  if (!parsed.success) throw missing();
  return parsed.data;
}
