import { VisibleError, type ErrorKind } from "@fashionistas/core/error";
import { log } from "@fashionistas/core/log";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { errorFields } from "../../edge.ts";

/** What each kind of refusal is in HTTP. */
export const STATUS_OF: Record<ErrorKind, 400 | 401 | 402 | 403 | 404 | 409 | 410 | 412 | 413 | 414 | 422 | 429 | 431 | 503> = {
  malformed: 400,
  unauthenticated: 401,
  payment_declined: 402,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  gone: 410,
  stale: 412,
  too_large: 413,
  query_too_long: 414,
  headers_too_large: 431,
  unprocessable: 422,
  too_many: 429,
  unavailable: 503,
};

/** RFC 9457. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({
    id: "Problem",
    example: {
      type: "/docs#input.invalid",
      title: "The input is not valid",
      status: 400,
      detail: "Check buyer.email: see errors for what each should be.",
      code: "input.invalid",
      requestId: "req_01J8Z3K4M5N6P7Q8R9S0T1V2W3",
      errors: [{ path: "buyer.email", message: "Expected an e-mail address like anna@example.com." }],
    },
  });

/** The answer to an error: what the caller may know, or a constant 500. */
export function problem(error: unknown, c: Context): Response {
  const requestId = (c.get("requestId") as string | undefined) ?? "";
  if (!(error instanceof VisibleError)) {
    log.error("unexpected error", { requestId, path: c.req.routePath, ...errorFields(error) });
    return answer(c, 500, {
      type: "about:blank",
      title: "Something went wrong on our side",
      status: 500,
      detail: "Try again; if it stays, tell us the requestId.",
      code: "internal",
      requestId,
    });
  }
  const status = STATUS_OF[error.kind];
  const { fields, retryAfterSeconds, facts } = error.extras;
  const members = {
    type: `/docs#${error.code}`,
    title: error.title,
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(fields ? { errors: fields } : {}),
    ...facts,
  };
  return answer(c, status, members, {
    ...(retryAfterSeconds ? { "retry-after": String(retryAfterSeconds) } : {}),
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
  });
}

// Through the context, so that what it has set already (the request's id, security headers) stays.
function answer(c: Context, status: ContentfulStatusCode, members: object, headers: Record<string, string> = {}): Response {
  return c.body(JSON.stringify(members), status, { "content-type": "application/problem+json", "cache-control": "no-store", ...headers });
}
