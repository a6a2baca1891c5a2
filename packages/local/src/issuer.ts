import { createPrivateKey, createPublicKey } from "node:crypto";
import { ROLES, type Role } from "@fashionistas/core/actor";
import { exportJWK, SignJWT } from "jose";

/** A local OIDC issuer: the same claims that the deployed user pool puts into its tokens. */
export type Issuer = { issuer: string; jwks(): Promise<object>; token(role: Role, subject?: string): Promise<string> };

const KEY_ID = "local-1";
const AUDIENCE = "fashionistas";
const TOKEN_HOURS = 12;

/** What the demo user of each role may do besides their role. */
const PERMISSIONS: Partial<Record<Role, string[]>> = { organizer: ["event.publish"] };

export function createIssuer(issuerKeyPem: string, baseUrl: string): Issuer {
  const privateKey = createPrivateKey(issuerKeyPem);
  const issuer = `${baseUrl}/_local`;
  return {
    issuer,
    async jwks() {
      return { keys: [{ ...(await exportJWK(createPublicKey(privateKey))), kid: KEY_ID, use: "sig", alg: "RS256" }] };
    },
    token(role, subject = demoUser(role)) {
      return new SignJWT({ role, permissions: PERMISSIONS[role] ?? [] })
        .setProtectedHeader({ alg: "RS256", kid: KEY_ID, typ: "JWT" })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${TOKEN_HOURS}h`)
        .sign(privateKey);
    },
  };
}

export { AUDIENCE };

/** The demo user of a role. */
export function demoUser(role: Role): string {
  return `usr_demo_${role}`;
}

export function isRole(text: unknown): text is Role {
  return (ROLES as readonly unknown[]).includes(text);
}
