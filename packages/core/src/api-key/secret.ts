import type { ApiKeyId } from "../id.ts";
import { digestOf, secretOf } from "../secret.ts";
import type { ApiKeyRow } from "./entity.ts";

/** The public part of a key: how its secrets begin, and all that lists show of them. */
export function prefixOf(apiKeyId: string): string {
  return apiKeyId.replace(/^key_/, "fk_");
}

/** One of the secrets that a key has had, the first being 1. Never stored: made again for whoever repeats the call that made it. */
export function secretTextOf({ apiKeyId, seed }: Pick<ApiKeyRow, "apiKeyId" | "seed">, generation: number): string {
  return `${prefixOf(apiKeyId)}_${secretOf("api-key", [apiKeyId, seed, generation]).toString("base64url")}`;
}

/** What X-Api-Key says: which key, and the digest of its secret. Undefined when it cannot be one. */
export function presentedIn(text: string): { apiKeyId: ApiKeyId; digest: string } | undefined {
  const id = /^fk_([0-9A-HJKMNP-TV-Z]{26})_[\w-]{43}$/.exec(text)?.[1];
  return id === undefined ? undefined : { apiKeyId: `key_${id}`, digest: digestOf(text) };
}
