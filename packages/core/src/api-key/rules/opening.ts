/**
 * Until when a secret opens a key. The current one until the key expires; the one before the last rotation until the overlap
 * ends, too. Neither once the key is revoked. At the instant itself it is over.
 *
 *   expires 12-31, rotated 03-01 with an overlap of 24 hours:
 *   current → 12-31    previous → 03-02    revoked → never
 */
export type Opening = { validUntil: string; previousUntil?: string | undefined; revokedAt?: string | undefined };

/** The ISO instant until which this secret opens the key; undefined when it does not at this one. */
export function opensUntil(key: Opening, secret: "current" | "previous", at: string): string | undefined {
  if (key.revokedAt !== undefined) return undefined;
  const overlapEnd = key.previousUntil ?? "";
  const end = secret === "current" || key.validUntil < overlapEnd ? key.validUntil : overlapEnd;
  return at < end ? end : undefined;
}
