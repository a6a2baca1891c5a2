import { claim } from "./claim.ts";
import { BUCKET_SEATS, type BucketRow, type Claim } from "./entity.ts";
import { expire } from "./expire.ts";
import { release } from "./release.ts";
import { gathered, wholeFits } from "./rules/pick.ts";

/** Who wants how many seats, until when. */
export type Party = { orderId: string; quantity: number; expiresAtS: number; nowS: number };

const DOORS_TRIED = 4;

/** Claims the party's seats in these buckets, in one of them or gathered; undefined, and nothing kept, when they do not take it. */
export async function takeFrom(buckets: readonly BucketRow[], party: Party, hash: number): Promise<Claim[] | undefined> {
  const mine = buckets.flatMap((bucket) => {
    const standing = bucket.claims[party.orderId];
    return standing && standing.s !== "x" ? [claimIn(bucket, standing.q)] : [];
  });
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

async function gather(rooms: readonly BucketRow[], party: Party, mine: readonly Claim[]): Promise<Claim[] | undefined> {
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

/** Expired held claims are seats like any other: whoever meets them gives them back, but only when the party needs them. */
export async function withoutExpired(bucket: BucketRow, { quantity, nowS }: Pick<Party, "quantity" | "nowS">): Promise<BucketRow> {
  if (bucket.available >= Math.min(quantity, BUCKET_SEATS)) return bucket;
  let { available } = bucket;
  for (const [orderId, standing] of Object.entries(bucket.claims)) {
    if (standing.s !== "h" || standing.e > nowS) continue;
    if ((await expire(claimIn(bucket, standing.q), orderId, nowS)).outcome === "done") available += standing.q;
  }
  return { ...bucket, available };
}

function claimIn({ poolId, group, bucket }: BucketRow, q: number): Claim {
  return { poolId, group, bucket, q };
}

function seatsOf(claims: readonly Claim[]): number {
  return claims.reduce((seats, { q }) => seats + q, 0);
}
