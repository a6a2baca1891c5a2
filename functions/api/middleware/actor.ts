import * as Access from "@fashionistas/core/access";
import type { Actor } from "@fashionistas/core/actor";
import { required } from "@fashionistas/core/config";
import { defineError } from "@fashionistas/core/error";
import type { OrderId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { labelOf } from "./user-agent.ts";

const ambiguous = defineError("actor.ambiguous_credentials", "malformed", "The request says in more than one way who sent it");
const tokenInvalid = defineError("actor.token_invalid", "unauthenticated", "The bearer token is not valid");

/** Cognito signs with RS256; nothing else is accepted, whatever the token says of itself. */
const ALGORITHMS = ["RS256"];
const CLOCK_TOLERANCE_SECONDS = 30;

let keySet: JWTVerifyGetKey | undefined;

/** The headers that say who sends a request, of which there is one at most. */
export const CREDENTIALS = ["authorization", "x-api-key", "x-device-key"] as const;

export type Credentials = Partial<Record<"authorization" | "apiKey" | "deviceKey" | "orderToken" | "orderId" | "userAgent", string | undefined>>;

/**
 * Who sent this request: the bearer token's user, a key of somebody's, a door device, else the public; and which order's link
 * token came along.
 * @throws actor.ambiguous_credentials, actor.token_invalid, session.ended, user.suspended, api_key.invalid, device.key_invalid
 */
export async function actorOf({ authorization, apiKey, deviceKey, orderToken, orderId, userAgent }: Credentials): Promise<Actor> {
  if ([authorization, apiKey, deviceKey].filter((credential) => credential !== undefined).length > 1)
    throw ambiguous("Send one of Authorization, X-Api-Key and X-Device-Key.");
  if (apiKey !== undefined) return Access.admitKey(apiKey);
  if (deviceKey !== undefined) return Access.admitDevice(deviceKey);
  const holds = orderId && orderToken && Order.isTokenOf(orderId, orderToken) ? { holds: orderId as OrderId } : {};
  if (!authorization) return { kind: "public", ...holds };
  return { ...(await Access.signIn(identityIn(await verified(authorization), labelOf(userAgent)))), ...holds };
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
      requiredClaims: ["sub", "iat", "exp"],
    };
    return (await jwtVerify(token, keySet, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error;
    throw tokenInvalid("Get a new one: it is expired, or not for this API.");
  }
}

/** OIDC's standard claims; `origin_jti` is Cognito's name of a session, `sid` that of others. Roles are ours, not the issuer's. */
function identityIn(claims: JWTPayload, label: string): Access.Identity {
  const { email, phone_number: phone, name, auth_time: authTime, origin_jti: originJti, sid, iat, jti } = claims;
  const startedAt = typeof authTime === "number" ? authTime : iat!;
  const session = [originJti, sid].find((id) => typeof id === "string" && id !== "") ?? (typeof authTime === "number" ? authTime : (jti ?? iat));
  return {
    issuer: claims.iss!,
    subject: claims.sub!,
    session: String(session),
    startedAt,
    label,
    ...(typeof name === "string" && name.trim() !== "" ? { name: name.trim().slice(0, 200) } : {}),
    ...(typeof email === "string" && isTrue(claims["email_verified"]) ? { email } : {}),
    ...(typeof phone === "string" && isTrue(claims["phone_number_verified"]) ? { phone } : {}),
  };
}

// Some issuers write it as a text.
function isTrue(claim: unknown): boolean {
  return claim === true || claim === "true";
}
