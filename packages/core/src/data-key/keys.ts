import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { chanceBytes } from "../chance.ts";
import { keysTableName } from "../config.ts";
import { client } from "../db/client.ts";
import { readAll } from "../db/read-all.ts";
import { log } from "../log.ts";
import { DataKeys, type DataKeyRow } from "./entity.ts";
import { keyOf, wrappingKey } from "./ring.ts";
import { KEY_BYTES, seal, unseal } from "./seal.ts";

/** A new key for a subject, and the write that keeps it as part of the caller's transaction. A key that stands already stays. */
export async function making(subjectId: string, { at, reason }: { at: string; reason: string }) {
  const { kek, key: wrapping } = await wrappingKey();
  const key = chanceBytes(KEY_BYTES);
  const kept = { wrapped: seal(wrapping, subjectId, key), kek, reason, createdAt: at };
  return { key, operation: DataKeys.upsert({ subjectId }).ifNotExists(kept).set({ seenAt: at }) };
}

/** Deletes a subject's key as part of the caller's transaction: what it sealed is unreadable from then on, wherever copies lie. */
export function forgetting(subjectId: string) {
  return DataKeys.delete({ subjectId });
}

/** The keys of those of these subjects who have one. */
export async function keysOf(subjectIds: readonly string[]): Promise<Map<string, Buffer>> {
  const rows = await readAll(
    [...new Set(subjectIds)].map((subjectId) => ({ subjectId })),
    (keys) => DataKeys.get(keys).go({ consistent: true }),
  );
  return new Map((await Promise.all(rows.map(opened))).flatMap((entry) => (entry ? [entry] : [])));
}

// A wrapped key that does not open was moved or changed. Whoever asks is told that there is none: nothing is shown.
async function opened({ subjectId, wrapped, kek }: DataKeyRow): Promise<[string, Buffer] | undefined> {
  const key = unseal(await keyOf(kek), subjectId, wrapped);
  if (!key) log.error("data key does not open", { subjectId });
  return key ? [subjectId, key] : undefined;
}

/** Is there a key of this subject? */
export async function isKept(subjectId: string): Promise<boolean> {
  const { data } = await DataKeys.get({ subjectId }).go({ consistent: true });
  return data !== null;
}

export type KeptKey = Pick<DataKeyRow, "subjectId" | "reason" | "createdAt" | "seenAt">;

/** A page of all keys, in no order, without the keys themselves. `cursor`: of the page before; undefined after the last one. */
export async function pageOfKeys(limit: number, cursor: string | undefined): Promise<{ keys: KeptKey[]; cursor: string | undefined }> {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new ScanCommand({
      TableName: keysTableName(),
      Limit: limit,
      FilterExpression: "begins_with(pk, :key)",
      ExpressionAttributeValues: { ":key": "KEY#" },
      ProjectionExpression: "subjectId, reason, createdAt, seenAt",
      ...(cursor ? { ExclusiveStartKey: JSON.parse(cursor) as Record<string, unknown> } : {}),
    }),
  );
  return { keys: Items as KeptKey[], cursor: LastEvaluatedKey && JSON.stringify(LastEvaluatedKey) };
}
