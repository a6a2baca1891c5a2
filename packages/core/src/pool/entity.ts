/**
 * A bucket: at most 16 seats of a pool, in one item of at most 1 KB, so that every operation costs one write unit.
 *
 *   capacity ≤ 16   available   returned     claims { <orderId>: { q, s: h | p | s | x, e, r<n>: true } }
 *   invariant   available + returned + Σ (q − restocked) == capacity, nothing negative
 *
 *  1. A buyer looks for seats in a group of buckets.                       byPool
 *  2. A buyer takes seats from one bucket.                                 claim: available ≥ q, claim absent
 *  3. An order that starts paying locks its claim.                         start-payment: held, not expired
 *  4. An order that is paid keeps its seats.                               confirm: held or paying
 *  5. A buyer asks for more time.                                          extend: held
 *  6. Anybody who meets an expired held claim gives its seats back.        expire: held, expired
 *  7. An order that ended gives its seats back.                            release: held or paying
 *  8. The organizer offers more or fewer seats.                            fit
 *  9. A refunded ticket's seat is sold again.                              restock: sold, ticket n not restocked
 * 10. An order that can never be fulfilled gives everything back.          take-back: nothing restocked
 * 11. A buyer who finds no seats asks what the last look at them all saw.  Hints.byPool; written under its lease
 *
 * No operation is part of a transaction and no bucket is in an index. A claim stays in its bucket until its seats are
 * given back, and once sold for ever, so every operation may be repeated for ever. Names are one letter long because sixteen
 * claims share a KB.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const BUCKET_SEATS = 16;

/** `h` held, `p` paying, `s` sold, `x` barred for ever: no seats any more. */
export type ClaimState = "h" | "p" | "s" | "x";

/** `e`: epoch seconds at which a held claim ends. `r<n>`: the seat of the order's ticket n is back on sale. */
export type StandingClaim = { q: number; s: ClaimState; e: number } & { [restocked: `r${number}`]: true };

/** Entries of a claim besides its restocked tickets. */
export const CLAIM_WORDS = 3;

/** Seats a claim still has. */
export function seatsIn(claim: StandingClaim): number {
  return claim.q - (Object.keys(claim).length - CLAIM_WORDS);
}

export const Buckets = new Entity(
  {
    model: { entity: "bucket", version: "1", service: SERVICE },
    attributes: {
      poolId: { type: "string", field: "p", required: true },
      group: { type: "number", field: "g", required: true },
      bucket: { type: "number", field: "b", required: true, padding: { length: 6, char: "0" } },
      /** The event whose availability this bucket feeds. */
      eventId: { type: "string", field: "v", required: true },
      capacity: { type: "number", field: "c", required: true },
      available: { type: "number", field: "a", required: true },
      returned: { type: "number", field: "r", required: true },
      // Not required, or ElectroDB would refuse to remove a single claim.
      claims: { type: "any", field: "m" },
    },
    indexes: {
      byPool: {
        pk: { field: "pk", composite: ["poolId", "group"], template: "POOL#${poolId}#G${group}", casing: "none" },
        sk: { field: "sk", composite: ["bucket"], template: "B#${bucket}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

/** What somebody found who looked at the whole pool, and who may look now (`rules/hint.ts`). It decides nothing. */
export const Hints = new Entity(
  {
    model: { entity: "pool-hint", version: "1", service: SERVICE },
    attributes: {
      poolId: { type: "string", required: true },
      hint: { type: "number", required: true },
      seenAtMs: { type: "number" },
      available: { type: "number" },
      inHands: { type: "number" },
      nextExpiryS: { type: "number" },
      /** Until when somebody has the lease; 0 when nobody has. */
      leaseEndsMs: { type: "number", required: true },
    },
    indexes: {
      byPool: {
        pk: { field: "pk", composite: ["poolId", "hint"], template: "POOL#${poolId}#H${hint}", casing: "none" },
        sk: { field: "sk", composite: [], template: "HINT", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type HintRow = EntityItem<typeof Hints>;

export type BucketRow = Omit<EntityItem<typeof Buckets>, "claims"> & { claims: Record<string, StandingClaim> };

/** A pool of seats: the stock of a ticket type (`tt_…`) or the room of an event (`evt_…`). `seats` as configured. */
export type Pool = { poolId: string; eventId: string; groups: number; seats: number };

/** Where the seats of an order are. */
export type Claim = { poolId: string; group: number; bucket: number; q: number };

/** The key of a bucket, as the entity's templates make it. */
export function keyOf({ poolId, group, bucket }: Pick<Claim, "poolId" | "group" | "bucket">): { pk: string; sk: string } {
  return { pk: `POOL#${poolId}#G${group}`, sk: `B#${String(bucket).padStart(6, "0")}` };
}

/** Buckets as the stream and refusals show them: raw attribute names. */
export function bucketOf(raw: Record<string, unknown>): BucketRow {
  return {
    poolId: raw["p"] as string,
    group: raw["g"] as number,
    bucket: raw["b"] as number,
    eventId: raw["v"] as string,
    capacity: raw["c"] as number,
    available: raw["a"] as number,
    returned: raw["r"] as number,
    claims: (raw["m"] ?? {}) as Record<string, StandingClaim>,
  };
}
