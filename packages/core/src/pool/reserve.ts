import { createHash } from "node:crypto";
import { claim } from "./claim.ts";
import { BUCKET_SEATS, type BucketRow, type Claim, type Pool } from "./entity.ts";
import { readHint } from "./hint.ts";
import { lookEverywhere } from "./look.ts";
import { readWindow, type Shortage } from "./read.ts";
import { groupsToTry } from "./rules/groups.ts";
import { foundTooLittle } from "./rules/hint.ts";
import { takeFrom, withoutExpired, type Party } from "./take-from.ts";

export type Reservation = { claims: Claim[] } | { shortage: Shortage };

/**
 * Finds and claims seats. First, unseen, in the bucket that the order hashes to: while there is stock that is one write and no
 * read. Then by looking: the group chosen by hash, one query, the fullest bucket first, then neighbouring groups; parties that
 * fit into no bucket are gathered. Work is bounded. Only when all that fails the whole pool is read, by one buyer at a time;
 * where that was done not long ago and found too little, it is the first thing to be asked.
 * Repeating it with the same order finds the claims of the first try. A refusal is at most two seconds old.
 */
export async function reserve(pool: Pool, party: Party): Promise<Reservation> {
  const hash = createHash("sha256").update(party.orderId).digest().readUInt32BE();
  const { claims, room } = await takeUnseen(pool, party, hash);
  if (claims) return { claims };
  // A bucket with nothing left may be the first or the last one: the hint knows. One with a few seats says that there are more.
  const hint = room?.available === 0 ? await readHint(pool, hash) : undefined;
  if (foundTooLittle(hint, party.quantity)) return lookEverywhere(pool, party, hash, hint);
  for (const group of groupsToTry(hash, pool.groups)) {
    const found = await takeFrom(await readWindow(pool, group, hash), party, hash);
    if (found) return { claims: found };
  }
  return lookEverywhere(pool, party, hash);
}

/** `room`: the bucket that had too little. */
async function takeUnseen({ poolId, groups, seats }: Pool, party: Party, hash: number): Promise<{ claims?: Claim[]; room?: BucketRow | undefined }> {
  const { orderId, quantity, expiresAtS } = party;
  if (quantity > BUCKET_SEATS || seats === 0) return {};
  const bucket = hash % Math.ceil(seats / BUCKET_SEATS);
  const wanted = { poolId, group: bucket % groups, bucket, q: quantity };
  const first = await claim(wanted, orderId, expiresAtS);
  if (first.outcome === "done") return { claims: [wanted] };
  const room = first.standing && (await withoutExpired(first.standing, party));
  if (!room || room.available === first.standing?.available || room.available < quantity) return { room };
  return (await claim(wanted, orderId, expiresAtS)).outcome === "done" ? { claims: [wanted] } : { room };
}
