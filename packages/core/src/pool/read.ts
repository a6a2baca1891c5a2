import { BUCKET_SEATS, Buckets, type BucketRow, type Pool } from "./entity.ts";

/** Buckets that a buyer sees of one group: enough to find seats in, few enough to read at once. */
export const WINDOW_BUCKETS = 32;

/**
 * A buyer's view of one group: up to 32 buckets from a place that their hash decides, in one query. Eventually consistent:
 * a claim is decided by its own condition, not by this.
 */
export async function readWindow({ poolId, groups, seats }: Pool, group: number, hash: number): Promise<BucketRow[]> {
  const inGroup = Math.ceil(seats / BUCKET_SEATS / groups);
  const first = (hash % Math.max(1, inGroup - WINDOW_BUCKETS + 1)) * groups;
  const { data } = await Buckets.query.byPool({ poolId, group }).gte({ bucket: first }).go({ limit: WINDOW_BUCKETS });
  return data as BucketRow[];
}

/** All buckets of a pool, strongly consistent. */
export async function readPool({ poolId, groups }: Pick<Pool, "poolId" | "groups">): Promise<BucketRow[]> {
  const all = await Promise.all(Array.from({ length: groups }, (_, group) => Buckets.query.byPool({ poolId, group }).go({ pages: "all", consistent: true })));
  return all.flatMap(({ data }) => data as BucketRow[]);
}

export type Count = { capacity: number; available: number; returned: number; held: number; sold: number };

/** Seats by state. Held seats whose time has passed count as available: the next buyer gets them. */
export function countSeats(buckets: readonly BucketRow[], nowS: number): Count {
  const count: Count = { capacity: 0, available: 0, returned: 0, held: 0, sold: 0 };
  for (const bucket of buckets) {
    count.capacity += bucket.capacity;
    count.available += bucket.available;
    count.returned += bucket.returned;
    for (const { q, s, e } of Object.values(bucket.claims)) {
      if (s === "s") count.sold += q;
      else if (s === "h" && e <= nowS) count.available += q;
      else count.held += q;
    }
  }
  return count;
}

/** Does the bucket keep its promise? Seats add up, nothing is negative, at most sixteen. */
export function isWhole(bucket: BucketRow): boolean {
  const claimed = Object.values(bucket.claims).reduce((seats, { q }) => seats + q, 0);
  const parts = [bucket.available, bucket.returned, ...Object.values(bucket.claims).map(({ q }) => q)];
  return bucket.available + bucket.returned + claimed === bucket.capacity && bucket.capacity <= 16 && parts.every((part) => part >= 0);
}
