import { context } from "@fashionistas/core/context";
import * as RateLimit from "@fashionistas/core/rate-limit";
import type { Context } from "hono";
import { credentialsOf, type Access } from "../access.ts";
import { isPersonal, sourceOf, type Env } from "./request.ts";

/** The class that a route's calls are counted in. */
export type LimitClass = RateLimit.RateClass | "none";

type Route = { method: string; access: Access; limit?: LimitClass };

/** What the route says, else by its method. */
export function classOf({ method, limit }: Route): LimitClass {
  return limit ?? (method === "get" ? "read" : "write");
}

/** Public documents are the same for everybody and cached: reading them without credentials is not counted. */
export function countsAnonymous({ method, access, limit }: Route): boolean {
  return method !== "get" || !credentialsOf(access).includes("none") || limit !== undefined;
}

/**
 * Counts the call, says how its caller stands, and refuses it when it is one too many: before its body is looked at.
 * @throws request.too_many, request.busy
 */
export async function limited(c: Context<Env>, route: Route): Promise<void> {
  const name = classOf(route);
  if (name === "none" || !(isPersonal(c) || countsAnonymous(route))) return;
  const standing = await RateLimit.count(name, context().actor, sourceOf(c));
  if (!standing) return;
  const { limit, seconds, taken, left, endsInSeconds } = standing;
  // draft-ietf-httpapi-ratelimit-headers: quota and window; what remains, and in how many seconds it is whole again.
  c.header("ratelimit-policy", `"${name}";q=${limit};w=${seconds}`);
  c.header("ratelimit", `"${name}";r=${left};t=${endsInSeconds}`);
  if (taken) return;
  throw RateLimit.tooMany(`At most ${limit} of these in ${seconds} seconds: come back in ${endsInSeconds}.`, { retryAfterSeconds: endsInSeconds });
}
