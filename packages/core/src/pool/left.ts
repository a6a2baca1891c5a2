import type { Pool } from "./entity.ts";
import { countSeats, readPool, type Shortage } from "./read.ts";

/** What somebody would find now who wants seats of this pool. Takes nothing; held seats whose time has passed are there again. */
export async function left(pool: Pool, nowS: number): Promise<Shortage> {
  const buckets = await readPool(pool);
  const { available, held } = countSeats(buckets, nowS);
  const ends = buckets.flatMap(({ claims }) => Object.values(claims)).flatMap(({ s, e }) => (s !== "s" && e > nowS ? [e] : []));
  return { available, inHands: held, nextExpiryS: ends.length > 0 ? Math.min(...ends) : undefined };
}
