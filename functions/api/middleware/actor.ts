import { ROLES, type Actor, type Role } from "@fashionistas/core/actor";
import type { OrderId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import type { JWTPayload } from "jose";
import { verified } from "./token.ts";

/**
 * Who sent this request: the bearer token's user, else the public; and which order's link token came along.
 * @throws actor.token_invalid, actor.keys_unavailable
 */
export async function actorOf(request: { authorization: string | undefined; orderToken: string | undefined; orderId: string | undefined }): Promise<Actor> {
  const holds = request.orderId && request.orderToken && Order.isTokenOf(request.orderId, request.orderToken) ? { holds: request.orderId as OrderId } : {};
  if (!request.authorization) return { kind: "public", ...holds };
  const claims = await verified(request.authorization);
  const permissions = Array.isArray(claims["permissions"]) ? claims["permissions"].map(String) : [];
  return { kind: roleOf(claims), userId: claims.sub!, permissions, ...holds };
}

function roleOf(claims: JWTPayload): Role {
  const role = claims["role"] ?? claims["custom:role"];
  return (ROLES as readonly unknown[]).includes(role) ? (role as Role) : "attendee";
}
