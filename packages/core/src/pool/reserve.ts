import { createHash } from "node:crypto";
import { claim } from "./claim.ts";
import { BUCKET_SEATS, type BucketRow, type Claim, type Pool } from "./entity.ts";
import { expire } from "./expire.ts";
import { readPool, readWindow } from "./read.ts";
import { release } from "./release.ts";
import { groupsToTry } from "./rules/groups.ts";
import { gathered, wholeFits } from "./rules/pick.ts";

/** Who wants how many seats, until when. */
export type Party = { orderId: string; quantity: number; expiresAtS: number; nowS: number };

/** What is left when there are not enough seats. `nextExpiryS`: when the first held seat may come back (epoch seconds). */
export type Shortage = { available: number; inHands: number; nextExpiryS: number | undefined };

export type Reservation = { claims: Claim[] } | { shortage: Shortage };

const DOORS_TRIED = 4;
const ROUNDS = 5;

/**
 * Finds and claims seats. First, unseen, in the bucket that the order hashes to: while there is stock that is one write and no
 * read. Then by looking: the group chosen by hash, one query, the fullest bucket first, then neighbouring groups; parties that
 * fit into no bucket are gathered. Work is bounded. Only when all that fails is the whole pool read.
 * Repeating it with the same order finds the claims of the first try.
 */
export async function reserve(pool: Pool, party: Party): Promise<Reservation> {
  const hash = createHash("sha256").update(party.orderId).digest().readUInt32BE();
  const unseen = await takeUnseen(pool, party, hash);
  if (unseen) return { claims: [unseen] };
  for (const group of groupsToTry(hash, pool.groups)) {
    const claims = await takeFrom(await readWindow(pool, group, hash), party, hash);
    if (claims) return { claims };
  }
  for (let round = 1; ; round++) {
    const whole = await readPool(pool);
    const claims = await takeFrom(whole, party, hash);
    if (claims) return { claims };
    const shortage = shortageOf(whole, party.nowS);
    // There were seats when we read, somebody was faster: look again, but not for ever.
    if (shortage.available < party.quantity || round === ROUNDS) return { shortage };
  }
}

async function takeUnseen({ poolId, groups, seats }: Pool, { orderId, quantity, expiresAtS }: Party, hash: number): Promise<Claim | undefined> {
  if (quantity > BUCKET_SEATS || seats === 0) return undefined;
  const bucket = hash % Math.ceil(seats / BUCKET_SEATS);
  const wanted = { poolId, group: bucket % groups, bucket, q: quantity };
  return (await claim(wanted, orderId, expiresAtS)).outcome === "done" ? wanted : undefined;
}

async function takeFrom(buckets: BucketRow[], party: Party, hash: number): Promise<Claim[] | undefined> {
  const mine = buckets.filter(({ claims }) => (claims[party.orderId]?.q ?? 0) > 0).map((bucket) => claimIn(bucket, bucket.claims[party.orderId]!.q));
  if (seatsOf(mine) === party.quantity) return mine;
  const rooms = await Promise.all(buckets.map((bucket) => withoutExpired(bucket, party)));
  if (mine.length === 0 && party.quantity <= BUCKET_SEATS) {
    for (const room of wholeFits(rooms, party.quantity, hash).slice(0, DOORS_TRIED)) {
      const wanted = claimIn(room, party.quantity);
      if ((await claim(wanted, party.orderId, party.expiresAtS)).outcome === "done") return [wanted];
    }
  }
  return gather(rooms, party, mine);
}

async function gather(rooms: BucketRow[], party: Party, mine: Claim[]): Promise<Claim[] | undefined> {
  const taken = [...mine];
  const free = rooms.filter(({ bucket, group }) => !mine.some((part) => part.bucket === bucket && part.group === group));
  for (const { room, q } of gathered(free, party.quantity - seatsOf(mine)) ?? []) {
    const wanted = claimIn(room, q);
    if ((await claim(wanted, party.orderId, party.expiresAtS)).outcome === "refused") break;
    taken.push(wanted);
  }
  if (seatsOf(taken) === party.quantity) return taken;
  await Promise.all(taken.map((part) => release(part, party.orderId)));
  return undefined;
}

// Expired held claims are seats like any other: whoever meets them gives them back, but only when the room needs them.
async function withoutExpired(bucket: BucketRow, { quantity, nowS }: Party): Promise<BucketRow> {
  if (bucket.available >= Math.min(quantity, BUCKET_SEATS)) return bucket;
  let { available } = bucket;
  for (const [orderId, standing] of Object.entries(bucket.claims)) {
    if (standing.s !== "h" || standing.e > nowS) continue;
    if ((await expire(claimIn(bucket, standing.q), orderId, nowS)).outcome === "done") available += standing.q;
  }
  return { ...bucket, available };
}

function shortageOf(buckets: readonly BucketRow[], nowS: number): Shortage {
  const held = buckets.flatMap(({ claims }) => Object.values(claims)).filter(({ s }) => s === "h" || s === "p");
  const ends = held.filter(({ e }) => e > nowS).map(({ e }) => e);
  return {
    available: buckets.reduce((seats, bucket) => seats + bucket.available, 0),
    inHands: held.reduce((seats, { q }) => seats + q, 0),
    nextExpiryS: ends.length > 0 ? Math.min(...ends) : undefined,
  };
}

function claimIn({ poolId, group, bucket }: BucketRow, q: number): Claim {
  return { poolId, group, bucket, q };
}

function seatsOf(claims: readonly Claim[]): number {
  return claims.reduce((seats, { q }) => seats + q, 0);
}
