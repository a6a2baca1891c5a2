import { defineError } from "../error.ts";

const notFound = defineError("api_key.not_found", "missing", "There is no such API key");
export const apiKeyNotFound = () => notFound("GET /api-keys lists yours.");
const invalid = defineError("api_key.invalid", "unauthenticated", "The API key is not valid");
/** The same for one that is malformed, unknown, wrong, expired, revoked, or whose owner may not have it any more. */
export const apiKeyInvalid = () => invalid("Check X-Api-Key: it is unknown, or no longer valid. Its owner can make another one.");
export const beyondOwn = defineError("api_key.beyond_own", "unprocessable", "You cannot give a key more than you have");
export const apiKeyOver = defineError("api_key.over", "conflict", "The API key has ended");
