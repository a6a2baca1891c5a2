/**
 * How long seats are kept.
 *
 *   new order              now + hold (15 minutes by default)
 *   asked for more, once   expiresAt + hold
 *   payment declined       at least now + 10 minutes, so that another card can be tried
 *   never                  later than 40 minutes after the first claim by way of declines
 *
 * Worked example: placed at 12:00 → 12:15. Declined at 12:12 → 12:22. Declined at 12:21 → 12:31. Declined at 12:30 → 12:40,
 * and there it stays.
 */
import { MINUTE_MS } from "../../time.ts";

export const RETRY_MINUTES = 10;
export const LONGEST_MINUTES = 40;

/** End of a new hold (epoch ms). */
export function firstExpiry(now: number, holdMinutes: number): number {
  return now + holdMinutes * MINUTE_MS;
}

/** End after the one explicit extension (epoch ms). */
export function extendedExpiry(expiresAt: number, holdMinutes: number): number {
  return expiresAt + holdMinutes * MINUTE_MS;
}

/** End after a declined payment (epoch ms); never earlier than it was. */
export function expiryAfterDecline({ now, expiresAt, firstClaimedAt }: { now: number; expiresAt: number; firstClaimedAt: number }): number {
  const wanted = Math.min(now + RETRY_MINUTES * MINUTE_MS, firstClaimedAt + LONGEST_MINUTES * MINUTE_MS);
  return Math.max(expiresAt, wanted);
}
