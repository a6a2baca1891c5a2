import { expire } from "./expire.ts";
import type { Pool } from "./entity.ts";
import { readPool } from "./read.ts";

/** Gives back every held seat whose time has passed, orphans of a crash included. @returns how many seats came back */
export async function sweep(pool: Pick<Pool, "poolId" | "groups">, nowS: number): Promise<number> {
  let seats = 0;
  for (const { poolId, group, bucket, claims } of await readPool(pool)) {
    for (const [orderId, { q, s, e }] of Object.entries(claims)) {
      if (s !== "h" || e > nowS) continue;
      if ((await expire({ poolId, group, bucket, q }, orderId, nowS)).outcome === "done") seats += q;
    }
  }
  return seats;
}
