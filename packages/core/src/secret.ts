import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { chanceBytes } from "./chance.ts";
import { orderTokenKey } from "./config.ts";

/**
 * A secret of 256 bits that can be made again: from what it opens, a seed kept there and the stage's key. Neither the table nor
 * the key alone tells it. `purpose` keeps secrets of different kinds apart, and apart from the links of orders.
 */
export function secretOf(purpose: string, words: readonly (string | number)[]): Buffer {
  return createHmac("sha256", orderTokenKey())
    .update(JSON.stringify([purpose, ...words]))
    .digest();
}

/** A new seed, or a secret that is never made again. */
export function newSecret(): string {
  return chanceBytes(32).toString("base64url");
}

/** What is kept of a secret of 256 bits: nobody can guess their way back from it. */
export function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Is this the digest that is kept? In constant time, and in the same when nothing is kept. */
export function isDigest(given: string, kept: string | undefined): boolean {
  const same = timingSafeEqual(Buffer.from(given), Buffer.from(kept ?? digestOf("")));
  return same && kept !== undefined;
}
