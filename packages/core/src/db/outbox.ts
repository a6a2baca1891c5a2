import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { tableName } from "../config.ts";
import type { Envelope } from "../domain-event.ts";
import { retry } from "../retry.ts";
import { client } from "./client.ts";
import { envelopesOf, PENDING_SHARDS, shardNames, type JournalEntry } from "./journal.ts";
import { isConflict } from "./transact.ts";

/**
 * The outbox is not an item of its own: journal entries and inbox rows carry their domain events and, until these are
 * published, a key in the sparse index gsi4. What follows works on both alike.
 */
export type OutboxRow = { pk: string; sk: string; events: Envelope[] };

/** The outbox row in a raw item, or undefined when it has nothing to publish. */
export function outboxRowOf(item: Record<string, unknown>): OutboxRow | undefined {
  const { pk, sk, events, gsi4pk } = item;
  if (typeof pk !== "string" || typeof sk !== "string" || gsi4pk === undefined || !Array.isArray(events)) return undefined;
  return { pk, sk, events: envelopesOf(item as JournalEntry) };
}

/**
 * Takes a published row out of the pending index. Repeating it changes nothing. A consumer that is faster than this may be
 * marking the same row in a transaction: then it is repeated.
 */
export async function markPublished({ pk, sk }: Pick<OutboxRow, "pk" | "sk">, at: string): Promise<void> {
  const command = new UpdateCommand({
    TableName: tableName(),
    Key: { pk, sk },
    UpdateExpression: "SET publishedAt = :at REMOVE gsi4pk, gsi4sk, pendingShard, pendingSince",
    ConditionExpression: "attribute_exists(pk)",
    ExpressionAttributeValues: { ":at": at },
  });
  await retry({ attempts: 8, baseMs: 5, capMs: 250, again: isConflict }, () => client.send(command));
}

/** Rows that have been pending since before `at`, oldest first, at most `limit` per shard. */
export async function* pendingSince(at: string, limit: number): AsyncGenerator<OutboxRow> {
  for (const shard of shardNames(PENDING_SHARDS)) {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName(),
        IndexName: "gsi4",
        KeyConditionExpression: "gsi4pk = :pk AND gsi4sk < :at",
        ExpressionAttributeValues: { ":pk": `PENDING#${shard}`, ":at": at },
        Limit: limit,
      }),
    );
    for (const item of Items) {
      const row = outboxRowOf(item);
      if (row) yield row;
    }
  }
}
