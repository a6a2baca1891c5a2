import * as Access from "@fashionistas/core/access";
import type { Actor } from "@fashionistas/core/actor";
import { defineError } from "@fashionistas/core/error";
import type { OrderId } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import type { JWTPayload } from "jose";
import { verified } from "./token.ts";
import { labelOf } from "./user-agent.ts";

const ambiguous = defineError("actor.ambiguous_credentials", "malformed", "The request says in more than one way who sent it");

/** The headers that say who sends a request, of which there is one at most. */
export const CREDENTIALS = ["authorization", "x-api-key", "x-device-key"] as const;

export type Credentials = Partial<Record<"authorization" | "apiKey" | "deviceKey" | "orderToken" | "orderId" | "userAgent", string | undefined>>;

/**
 * Who sent this request: the bearer token's user, a key of somebody's, a door device, else the public; and which order's link
 * token came along.
 * `welcome` is asked about each session that was never seen.
 * @throws actor.ambiguous_credentials, actor.token_invalid, actor.keys_unavailable, session.ended, user.suspended, api_key.invalid, device.key_invalid
 */
export async function actorOf({ authorization, apiKey, deviceKey, orderToken, orderId, userAgent }: Credentials, welcome: () => Promise<void>): Promise<Actor> {
  if ([authorization, apiKey, deviceKey].filter((credential) => credential !== undefined).length > 1)
    throw ambiguous("Send one of Authorization, X-Api-Key and X-Device-Key.");
  if (apiKey !== undefined) return Access.admitKey(apiKey);
  if (deviceKey !== undefined) return Access.admitDevice(deviceKey);
  const holds = orderId && orderToken && Order.isTokenOf(orderId, orderToken) ? { holds: orderId as OrderId } : {};
  if (!authorization) return { kind: "public", ...holds };
  return { ...(await Access.signIn(identityIn(await verified(authorization), labelOf(userAgent)), welcome)), ...holds };
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
