import { ROLES, type Actor, type Role } from "@fashionistas/core/actor";
import { required } from "@fashionistas/core/config";
import { defineError } from "@fashionistas/core/error";
import type { OrderId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";

const tokenInvalid = defineError("actor.token_invalid", "unauthenticated", "The bearer token is not valid");

/** Cognito signs with RS256; nothing else is accepted, whatever the token says of itself. */
const ALGORITHMS = ["RS256"];
const CLOCK_TOLERANCE_SECONDS = 30;

let keySet: JWTVerifyGetKey | undefined;

/**
 * Who sent this request: the bearer token's user, else the public; and which order's link token came along.
 * @throws actor.token_invalid
 */
export async function actorOf(request: { authorization: string | undefined; orderToken: string | undefined; orderId: string | undefined }): Promise<Actor> {
  const holds = request.orderId && request.orderToken && Order.isTokenOf(request.orderId, request.orderToken) ? { holds: request.orderId as OrderId } : {};
  if (!request.authorization) return { kind: "public", ...holds };
  const claims = await verified(request.authorization);
  const permissions = Array.isArray(claims["permissions"]) ? claims["permissions"].map(String) : [];
  return { kind: roleOf(claims), userId: claims.sub!, permissions, ...holds };
}

async function verified(authorization: string): Promise<JWTPayload> {
  const token = /^Bearer ([A-Za-z0-9_.-]+)$/i.exec(authorization)?.[1];
  if (!token) throw tokenInvalid("Send it as: Authorization: Bearer <token>.");
  keySet ??= createRemoteJWKSet(new URL(required("AUTH_JWKS_URL")));
  try {
    const options = {
      issuer: required("AUTH_ISSUER"),
      audience: required("AUTH_AUDIENCE"),
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ["sub", "exp"],
    };
    return (await jwtVerify(token, keySet, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error;
    throw tokenInvalid("Get a new one: it is expired, or not for this API.");
  }
}

function roleOf(claims: JWTPayload): Role {
  const role = claims["role"] ?? claims["custom:role"];
  return (ROLES as readonly unknown[]).includes(role) ? (role as Role) : "attendee";
}
