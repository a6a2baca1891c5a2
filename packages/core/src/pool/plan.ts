import type { BucketRow, Claim, Pool } from "./entity.ts";
import { readPool } from "./read.ts";
import type { Party } from "./take-from.ts";
import { gathered, wholeFits } from "./rules/pick.ts";
import { sweep } from "./sweep.ts";

/**
 * Where an order's seats can be taken now: those it has already, the rest where most are left, in one bucket if one has room.
 * Claims nothing: the caller writes the plan down first, so that everybody who repeats it takes the same seats.
 * @returns undefined when the pool has not enough
 */
export async function plan(pool: Pool, { orderId, quantity, nowS }: Omit<Party, "expiresAtS">): Promise<Claim[] | undefined> {
  await sweep(pool, nowS);
  const buckets = await readPool(pool);
  const mine = buckets.filter(({ claims }) => claims[orderId]);
  const kept = within(quantity, mine, orderId);
  const missing = quantity - kept.reduce((seats, { q }) => seats + q, 0);
  const free = buckets.filter((bucket) => !mine.includes(bucket));
  const [whole] = wholeFits(free, missing, 0);
  const parts = whole ? [{ room: whole, q: missing }] : gathered(free, missing);
  if (!parts) return undefined;
  return [...kept, ...parts.filter(({ q }) => q > 0).map(({ room: { poolId, group, bucket }, q }) => ({ poolId, group, bucket, q }))];
}

// Others who rescued it by an earlier plan may have claimed more than it needs: what is not planned stays held and ends by itself.
function within(quantity: number, buckets: readonly BucketRow[], orderId: string): Claim[] {
  const standing = buckets.map((bucket) => ({ bucket, claim: bucket.claims[orderId]! }));
  const sold = standing.filter(({ claim }) => claim.s === "s");
  const claims: Claim[] = [];
  let left = quantity;
  for (const { bucket, claim } of new Set([...sold, ...standing])) {
    if (claim.q > left) continue;
    left -= claim.q;
    claims.push({ poolId: bucket.poolId, group: bucket.group, bucket: bucket.bucket, q: claim.q });
  }
  return claims;
}
