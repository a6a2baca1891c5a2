import { optional } from "@fashionistas/core/config";
import type { MiddlewareHandler } from "hono";
import { corsOrigins, isAllowed } from "../settings.ts";
import type { Env } from "./request.ts";

const METHODS = "GET, HEAD, POST, PUT, DELETE";
const MAY_BE_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Order-Token", "X-Api-Key", "X-Device-Key"].join(", ");
const MAY_BE_READ = ["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"].join(", ");
const PREFLIGHT_SECONDS = "7200";

/**
 * Which pages may call the API: those of CORS_ORIGINS, never with cookies. The only place that decides: API Gateway's own CORS is
 * off. An answer to another page is the same without the headers, and its browser keeps it from it.
 */
export const cors: MiddlewareHandler<Env> = async (c, next) => {
  c.header("vary", "Origin");
  const origin = c.req.header("origin");
  const allowed = origin !== undefined && isAllowed(origin, corsOrigins(optional("CORS_ORIGINS", "")));
  if (allowed) {
    c.header("access-control-allow-origin", origin);
    c.header("access-control-expose-headers", MAY_BE_READ);
  }
  const isPreflight = c.req.method === "OPTIONS" && origin !== undefined && c.req.header("access-control-request-method") !== undefined;
  if (!isPreflight) return next();
  if (allowed) {
    c.header("access-control-allow-methods", METHODS);
    c.header("access-control-allow-headers", MAY_BE_SENT);
    c.header("access-control-max-age", PREFLIGHT_SECONDS);
  }
  return c.body(null, 204);
};
