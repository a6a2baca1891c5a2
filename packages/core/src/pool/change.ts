import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { refusedItem } from "../db/transact.ts";
import { bucketOf, keyOf, type BucketRow, type Claim } from "./entity.ts";

/**
 * `done`: the change is made, now or by an earlier try. `refused`: the condition failed on `standing`
 * (undefined: there is no such bucket).
 */
export type Outcome = { outcome: "done" } | { outcome: "refused"; standing: BucketRow | undefined };

/** An update in DynamoDB's own words, over the stored attribute names of `entity.ts`. */
export type Change = { update: string; condition: string; names?: Record<string, string>; values: Record<string, unknown> };

const TableName = tableName();

/**
 * One conditional write on one bucket, sent as it is: building it through ElectroDB would cost a fifth of what the whole call
 * costs. Every condition names an attribute that only a bucket has, so none is made by it. A refusal is no error: it brings the
 * bucket as it stands, and when that is what the change would have made (`alreadySo`), it is done.
 */
export async function change(
  at: Pick<Claim, "poolId" | "group" | "bucket">,
  { update, condition, names, values }: Change,
  alreadySo: (standing: BucketRow) => boolean = () => false,
): Promise<Outcome> {
  try {
    await client.send(
      new UpdateCommand({
        TableName,
        Key: keyOf(at),
        UpdateExpression: update,
        ConditionExpression: condition,
        ...(names ? { ExpressionAttributeNames: names } : {}),
        ExpressionAttributeValues: values,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return { outcome: "done" };
  } catch (error) {
    const refused = refusedItem(error);
    if (!refused) throw error;
    const standing = refused.standing && bucketOf(refused.standing);
    return standing && alreadySo(standing) ? { outcome: "done" } : { outcome: "refused", standing };
  }
}
