import { ignoreRefusal, isMade } from "../db/transact.ts";
import { Hints, type HintRow, type Pool } from "./entity.ts";
import type { Shortage } from "./read.ts";
import { hintOf, hintsOf, LEASE_MS } from "./rules/hint.ts";

/** A buyer's hint about a pool: which of its items, and what it says, strongly consistent. */
export async function readHint({ poolId, groups }: Pool, hash: number): Promise<HintRow | undefined> {
  const { data } = await Hints.get({ poolId, hint: hintOf(groups, hash) }).go({ consistent: true });
  return data ?? undefined;
}

/**
 * The right to look at the whole pool, for one second, for the first of those who know the same hint.
 * @returns when it ends, or undefined when somebody else was faster
 */
export async function takeLease({ poolId, groups }: Pool, hash: number, known: HintRow | undefined, nowMs: number): Promise<number | undefined> {
  const leaseEndsMs = nowMs + LEASE_MS;
  const taking = Hints.upsert({ poolId, hint: hintOf(groups, hash) })
    .set({ leaseEndsMs })
    .where((row, { eq, notExists }) => {
      const sameLease = known ? eq(row.leaseEndsMs, known.leaseEndsMs) : notExists(row.leaseEndsMs);
      return `${sameLease} AND ${known?.seenAtMs === undefined ? notExists(row.seenAtMs) : eq(row.seenAtMs, known.seenAtMs)}`;
    });
  return (await isMade(taking.go())) ? leaseEndsMs : undefined;
}

/** Tells the others what a look found, and ends the lease. Whoever lost the lease meanwhile leaves that to its new holder. */
export async function writeHint({ poolId, groups }: Pool, hash: number, leaseEndsMs: number, seenAtMs: number, found: Shortage): Promise<void> {
  const { available, inHands, nextExpiryS = 0 } = found;
  await Hints.patch({ poolId, hint: hintOf(groups, hash) })
    .set({ seenAtMs, available, inHands, nextExpiryS, leaseEndsMs: 0 })
    .where((row, { eq }) => eq(row.leaseEndsMs, leaseEndsMs))
    .go()
    .catch(ignoreRefusal);
}

/** Nothing that was seen counts any more, and no look under way will: there are new seats. */
export async function forgetHints({ poolId, groups }: Pool): Promise<void> {
  const hints = Array.from({ length: hintsOf(groups) }, (_, hint) => ({ poolId, hint }));
  await Promise.all(hints.map((hint) => Hints.delete(hint).go()));
}

/** What a hint says to the one it refuses. */
export function shortageIn({ available = 0, inHands = 0, nextExpiryS = 0 }: HintRow): Shortage {
  return { available, inHands, nextExpiryS: nextExpiryS > 0 ? nextExpiryS : undefined };
}
