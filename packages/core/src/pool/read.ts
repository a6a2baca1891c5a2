import { BUCKET_SEATS, Buckets, seatsIn, type BucketRow, type Pool } from "./entity.ts";

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
    for (const claim of Object.values(bucket.claims)) {
      if (claim.s === "s") count.sold += seatsIn(claim);
      else if (claim.s === "h" && claim.e <= nowS) count.available += claim.q;
      else count.held += claim.q;
    }
  }
  return count;
}

/** What is left when there are not enough seats. `nextExpiryS`: when the first held seat may come back (epoch seconds). */
export type Shortage = { available: number; inHands: number; nextExpiryS: number | undefined };

/** What these buckets have to say to a party that is too large for them. */
export function shortageOf(buckets: readonly BucketRow[], nowS: number): Shortage {
  const { available, held } = countSeats(buckets, nowS);
  const ends = buckets.flatMap(({ claims }) => Object.values(claims).flatMap(({ s, e }) => ((s === "h" || s === "p") && e > nowS ? [e] : [])));
  return { available, inHands: held, nextExpiryS: ends.length > 0 ? Math.min(...ends) : undefined };
}

/** Does the bucket keep its promise? Seats add up, nothing is negative, at most sixteen. */
export function isWhole(bucket: BucketRow): boolean {
  const parts = [bucket.available, bucket.returned, ...Object.values(bucket.claims).map(seatsIn)];
  const seats = parts.reduce((sum, part) => sum + part, 0);
  return seats === bucket.capacity && bucket.capacity <= BUCKET_SEATS && parts.every((part) => part >= 0);
}
