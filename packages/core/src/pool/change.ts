import { refusedItem } from "../db/transact.ts";
import { Buckets, bucketOf, type BucketRow, type Claim } from "./entity.ts";

/**
 * `done`: the change is made, now or by an earlier try. `refused`: the condition failed on `standing`
 * (undefined: there is no such bucket).
 */
export type Outcome = { outcome: "done" } | { outcome: "refused"; standing: BucketRow | undefined };

type Patch = ReturnType<typeof Buckets.patch>;
type Change = { go(options: object): Promise<unknown> };

/**
 * One conditional write on one bucket. A refusal is no error: it brings the bucket as it stands, and when that is what
 * the change would have made (`alreadySo`), it is done.
 */
export async function change(
  at: Pick<Claim, "poolId" | "group" | "bucket">,
  build: (patch: Patch) => Change,
  alreadySo: (standing: BucketRow) => boolean,
): Promise<Outcome> {
  try {
    await build(Buckets.patch({ poolId: at.poolId, group: at.group, bucket: at.bucket })).go({ params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } });
    return { outcome: "done" };
  } catch (error) {
    const refused = refusedItem(error);
    if (!refused) throw error;
    const standing = refused.standing && bucketOf(refused.standing);
    return standing && alreadySo(standing) ? { outcome: "done" } : { outcome: "refused", standing };
  }
}
