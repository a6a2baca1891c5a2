import { required } from "@fashionistas/core/config";
import { defineError } from "@fashionistas/core/error";
import { log } from "@fashionistas/core/log";
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";

const tokenInvalid = defineError("actor.token_invalid", "unauthenticated", "The bearer token is not valid");
const keysUnavailable = defineError("actor.keys_unavailable", "unavailable", "Nobody can be recognised right now");

/** Cognito signs with RS256; nothing else is accepted, whatever the token says of itself. */
const ALGORITHMS = ["RS256"];
const CLOCK_TOLERANCE_SECONDS = 30;
/** Cognito calls what it issues for other purposes "access". */
const OUR_USE = "id";

const KEYS_FRESH_MS = 10 * 60_000;
/** A key id that we do not know makes us look for new keys, but never more often. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 3_000;
/** An issuer that did not answer is left alone so long. */
const RETRY_SECONDS = 5;

let keySet: JWTVerifyGetKey | undefined;

/**
 * The claims of a bearer token that our issuer signed, for us, and that is valid now.
 * @throws actor.token_invalid, actor.keys_unavailable
 */
export async function verified(authorization: string): Promise<JWTPayload> {
  const token = /^Bearer ([A-Za-z0-9_.-]+)$/i.exec(authorization)?.[1];
  if (!token) throw tokenInvalid("Send it as: Authorization: Bearer <token>.");
  keySet ??= issuerKeys(new URL(required("AUTH_JWKS_URL")));
  try {
    const { payload } = await jwtVerify(token, keySet, {
      issuer: required("AUTH_ISSUER"),
      audience: required("AUTH_AUDIENCE"),
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ["sub", "iat", "exp"],
    });
    if ((payload["token_use"] ?? OUR_USE) !== OUR_USE) throw tokenInvalid("Send the ID token.");
    if (typeof payload.sub !== "string" || payload.sub === "") throw tokenInvalid("Send one that says whose it is.");
    return payload;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw tokenInvalid("Get a new one: it is expired, or not for this API.");
  }
}

/**
 * The issuer's published keys, remembered. While it does not answer, those that were read last still count, so that its outage
 * is not ours; only what they can't decide is put off.
 */
function issuerKeys(url: URL): JWTVerifyGetKey {
  let silentUntil = 0;
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: KEYS_FRESH_MS,
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: async (address, init) => {
      if (Date.now() < silentUntil) throw new Error("the issuer did not answer a moment ago");
      return fetch(address, init);
    },
  });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (Date.now() >= silentUntil) {
        silentUntil = Date.now() + RETRY_SECONDS * 1_000;
        log.error("the issuer's keys could not be read", { reason: error instanceof Error ? error.message : "unknown" });
      }
      const known = remote.jwks();
      const key = known && (await createLocalJWKSet(known)(header, token).catch(() => undefined));
      if (key) return key;
      throw keysUnavailable("The identity provider does not answer. Try again.", { retryAfterSeconds: RETRY_SECONDS });
    }
  };
}
