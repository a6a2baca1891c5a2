import { Buckets, type Pool } from "./entity.ts";
import { readPool } from "./read.ts";

/** Removes the buckets of a pool that nobody can claim from any more. */
export async function drop(pool: Pick<Pool, "poolId" | "groups">): Promise<void> {
  const buckets = await readPool(pool);
  await Buckets.delete(buckets.map(({ poolId, group, bucket }) => ({ poolId, group, bucket }))).go();
}
