import { truncatedAddress } from "@fashionistas/core/address";
import { withContext } from "@fashionistas/core/context";
import { newId } from "@fashionistas/core/id";
import * as RateLimit from "@fashionistas/core/rate-limit";
import type { Context, MiddlewareHandler } from "hono";
import type { LambdaEvent } from "hono/aws-lambda";
import { actorOf, CREDENTIALS } from "./actor.ts";

export type Env = { Bindings: { event?: LambdaEvent }; Variables: { requestId: string } };

/** For an API that is called and never shown: no page may frame it, and what it answers is no page of its own. */
const SECURITY_HEADERS: Record<string, string> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
};

/** Every answer, refusals included, gets an id and the security headers; what answers somebody in particular is never stored. */
export const answerHeaders: MiddlewareHandler<Env> = async (c, next) => {
  const requestId = newId("req");
  c.set("requestId", requestId);
  c.header("x-request-id", requestId);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
  if (isPersonal(c)) c.header("cache-control", "private, no-store");
  await next();
};

/** Every request gets an actor: by its headers alone, never by a cookie, which a browser would send on behalf of any page. */
export const request: MiddlewareHandler<Env> = async (c, next) => {
  const requestId = c.get("requestId");
  const address = truncatedAddress(sourceOf(c) ?? "");
  const trace = { requestId, correlationId: requestId, ...(address ? { address } : {}) };
  const credentials = {
    authorization: c.req.header("authorization"),
    apiKey: c.req.header("x-api-key"),
    deviceKey: c.req.header("x-device-key"),
    orderToken: c.req.header("order-token"),
    orderId: /^\/orders\/([^/]+)/.exec(c.req.path)?.[1],
    userAgent: c.req.header("user-agent"),
  };
  const actor = await withContext({ actor: { kind: "public" }, ...trace }, () => actorOf(credentials, () => welcome(c)));
  await withContext({ actor, ...trace }, next);
};

/** Sessions that begin are counted by where they come from. @throws request.too_many */
async function welcome(c: Context<Env>): Promise<void> {
  const standing = await RateLimit.count("sign_in", { kind: "public" }, sourceOf(c));
  if (!standing || standing.taken) return;
  const { limit, seconds, endsInSeconds } = standing;
  throw RateLimit.tooMany(`At most ${limit} sign-ins in ${seconds} seconds: come back in ${endsInSeconds}.`, { retryAfterSeconds: endsInSeconds });
}

/** The address that API Gateway saw; what headers like X-Forwarded-For say is anybody's invention. */
export function sourceOf(c: Context<Env>): string | undefined {
  const context = (c.env?.event as { requestContext?: { http?: { sourceIp?: string } } } | undefined)?.requestContext;
  return context?.http?.sourceIp || undefined;
}

/** Does the answer depend on who asks? */
export function isPersonal(c: Context): boolean {
  return c.req.method !== "GET" || [...CREDENTIALS, "order-token"].some((name) => c.req.header(name) !== undefined);
}
