import { AUDIENCE, LOCAL_ISSUER } from "./issuer.ts";
import type { Keys } from "./keys.ts";

/**
 * The environment that the deployed functions get from their stacks. Whatever is set already wins, so that the local server
 * can be pointed at any other implementation of a vendor's API.
 */
export function setEnvironment(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) process.env[name] ||= value;
}

/** One developer is everybody at once, mostly from one address: ten times what a stage allows. */
export const LOCAL_RATE_LIMITS = "read=6000/60, write=1200/60, purchase=300/60, code=100/600, sign_in=3000/300";

/** What does not depend on anything that runs: keys, identity, names. */
export function baseEnvironment(keys: Keys, { endpoint, baseUrl }: { endpoint: string; baseUrl: string }): Record<string, string> {
  const { issuerKey: _, ...secrets } = keys;
  return {
    ...secrets,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    TABLE_NAME: "fashionistas",
    KEYS_TABLE_NAME: "fashionistas-keys",
    DYNAMODB_ENDPOINT: endpoint,
    EVENT_BUS_NAME: "fashionistas",
    AUTH_ISSUER: LOCAL_ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_JWKS_URL: `${baseUrl}/_local/jwks.json`,
    WEBSOCKET_URL: `${baseUrl.replace(/^http/, "ws")}/ws/{channel}?ticket={ticket}`,
    WEBSOCKET_API_ENDPOINT: `${baseUrl}/_local/websocket`,
    DOCS_ASSETS_URL: "/_local/swagger-ui",
    CORS_ORIGINS: "loopback",
    RATE_LIMITS: LOCAL_RATE_LIMITS,
    // The stand-in for Stripe takes what one machine can send; FAKE_RATE_LIMITS=1 brings the real limits back.
    PAYMENT_STARTS_PER_SECOND: process.env["FAKE_RATE_LIMITS"] === "1" ? "40" : "2000",
    MESSAGE_DOUBT_SECONDS: "15",
    POWERTOOLS_LOG_LEVEL: "WARN",
  };
}
