import { ignoreRefusal } from "../db/transact.ts";
import { storageBusy } from "../error.ts";
import { inTurns } from "../in-turns.ts";
import { change } from "./change.ts";
import { BUCKET_SEATS, Buckets, type BucketRow, type Pool } from "./entity.ts";
import { forgetHints } from "./hint.ts";
import { readPool } from "./read.ts";
import { sweep } from "./sweep.ts";

const AT_ONCE = 32;
const ROUNDS = 50;

/**
 * Makes the pool hold `seats` seats: growing adds buckets, shrinking takes seats that are available, those of expired holds
 * among them (`nowS`: epoch seconds); claims are never moved.
 * Repeating and racing are harmless: each step is conditioned on what was read, and the pool is read again until it fits.
 * @throws request.busy when others, who want another number, keep changing it
 * @returns the seats it holds in the end: more than asked for when seats were claimed that should have gone
 */
export async function fit(pool: Pool, seats: number, nowS: number): Promise<number> {
  for (let round = 1; round <= ROUNDS; round++) {
    const buckets = await readPool(pool);
    const standing = buckets.reduce((sum, { capacity }) => sum + capacity, 0);
    if (standing === seats) return standing;
    if (standing < seats) await grow(pool, buckets, seats - standing);
    else if ((await sweep(pool, nowS)) === 0 && !(await shrink(buckets, standing - seats))) return standing;
  }
  throw storageBusy("Others change the same seats: try again in a moment.", { retryAfterSeconds: 1 });
}

async function grow(pool: Pool, buckets: readonly BucketRow[], missing: number): Promise<void> {
  const first = buckets.reduce((next, { bucket }) => Math.max(next, bucket + 1), 0);
  const news = Array.from({ length: Math.ceil(missing / BUCKET_SEATS) }, (_, i) => ({
    bucket: first + i,
    capacity: Math.min(BUCKET_SEATS, missing - i * BUCKET_SEATS),
  }));
  await inTurns(news, AT_ONCE, ({ bucket, capacity }) => putBucket(pool, bucket, capacity));
  await forgetHints(pool);
}

async function putBucket({ poolId, eventId, groups }: Pool, bucket: number, capacity: number): Promise<void> {
  await Buckets.create({ poolId, eventId, group: bucket % groups, bucket, capacity, available: capacity, returned: 0, claims: {} })
    .go()
    .catch(ignoreRefusal);
}

// The emptiest buckets last: a party still finds room in the fullest one.
async function shrink(buckets: readonly BucketRow[], tooMany: number): Promise<boolean> {
  let left = tooMany;
  let progress = false;
  for (const { poolId, group, bucket, available, capacity } of [...buckets].sort((a, b) => a.available - b.available)) {
    const k = Math.min(available, left);
    if (k === 0) continue;
    await change(
      { poolId, group, bucket },
      { update: "SET c = c - :k, a = a - :k", condition: "a >= :k AND c = :capacity", values: { ":k": k, ":capacity": capacity } },
    );
    progress = true;
    left -= k;
  }
  return progress;
}
