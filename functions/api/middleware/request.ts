import { truncatedAddress } from "@fashionistas/core/address";
import { withContext } from "@fashionistas/core/context";
import { newId } from "@fashionistas/core/id";
import type { Context, MiddlewareHandler } from "hono";
import { actorOf } from "./actor.ts";

export type Env = { Variables: { requestId: string } };

const SECURITY_HEADERS: Record<string, string> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-frame-options": "DENY",
};

/** Every request gets an id, an actor and the security headers; what answers somebody in particular is never stored. */
export const request: MiddlewareHandler<Env> = async (c, next) => {
  const requestId = newId("req");
  c.set("requestId", requestId);
  c.header("x-request-id", requestId);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
  if (isPersonal(c)) c.header("cache-control", "private, no-store");
  const address = truncatedAddress(sourceIpOf(c));
  const trace = { requestId, correlationId: requestId, ...(address ? { address } : {}) };
  const credentials = {
    authorization: c.req.header("authorization"),
    orderToken: c.req.header("order-token"),
    orderId: /^\/orders\/([^/]+)/.exec(c.req.path)?.[1],
    userAgent: c.req.header("user-agent"),
  };
  const actor = await withContext({ actor: { kind: "public" }, ...trace }, () => actorOf(credentials));
  await withContext({ actor, ...trace }, next);
};

// As API Gateway saw it: a header could say anything.
function sourceIpOf(c: Context): string | undefined {
  const { event } = c.env as { event?: { requestContext?: { http?: { sourceIp?: string } } } };
  return event?.requestContext?.http?.sourceIp;
}

/** Does the answer depend on who asks? */
export function isPersonal(c: Context): boolean {
  return c.req.method !== "GET" || c.req.header("authorization") !== undefined || c.req.header("order-token") !== undefined;
}
