import { createPrivateKey, createPublicKey, randomUUID } from "node:crypto";
import { ROLES, type Role } from "@fashionistas/core/actor";
import { exportJWK, SignJWT } from "jose";

/** A local OIDC issuer: its tokens carry the claims of the deployed user pool's ID tokens. */
export type Issuer = { jwks(): Promise<object>; token(subject: string, claims?: Claims): Promise<string> };
export type Claims = { email?: string; email_verified?: boolean; phone_number?: string; phone_number_verified?: boolean; name?: string };

const KEY_ID = "local-1";
const TOKEN_HOURS = 12;

/** The same on every port, so that people stay who they are. */
export const LOCAL_ISSUER = "http://issuer.localhost";
export const AUDIENCE = "fashionistas";

export function createIssuer(issuerKeyPem: string): Issuer {
  const privateKey = createPrivateKey(issuerKeyPem);
  return {
    async jwks() {
      return { keys: [{ ...(await exportJWK(createPublicKey(privateKey))), kid: KEY_ID, use: "sig", alg: "RS256" }] };
    },
    token(subject, claims = verifiedEmailOf(subject)) {
      const session = { auth_time: Math.floor(Date.now() / 1_000), origin_jti: randomUUID(), jti: randomUUID(), token_use: "id" };
      return new SignJWT({ ...claims, ...session })
        .setProtectedHeader({ alg: "RS256", kid: KEY_ID, typ: "JWT" })
        .setIssuer(LOCAL_ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_HOURS}h`)
        .sign(privateKey);
    },
  };
}

/** The e-mail address that the issuer verified of somebody of whom nothing else is said. */
export function verifiedEmailOf(subject: string) {
  return { email: `${subject.toLowerCase().replace(/[^a-z0-9]+/g, "-")}@example.com`, email_verified: true };
}

/** What the issuer calls the demo user of a role. */
export function demoUser(role: Role): string {
  return `demo-${role}`;
}

export function isRole(text: unknown): text is Role {
  return (ROLES as readonly unknown[]).includes(text);
}
