import {
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
} from "@aws-sdk/lib-dynamodb";
import type { FakeStore } from "@fashionistas/integrations/fake-store";

/**
 * Where the local server keeps what AWS and the vendors would keep: queues, stream checkpoints, schedules, vendor state.
 * A table of its own in the same engine, so that whatever was acknowledged survives `kill -9`.
 */
export type LocalStore = FakeStore & {
  /** Many small things at once; not all or nothing. */
  putMany(entries: readonly { collection: string; id: string; value: unknown }[]): Promise<void>;
  removeMany(entries: readonly { collection: string; id: string }[]): Promise<void>;
  /** The newest entries of a collection, newest first. */
  newest<T>(collection: string, limit: number): Promise<{ id: string; value: T }[]>;
};

const BATCH = 25;

export function localStore(client: DynamoDBDocumentClient, TableName: string): LocalStore {
  const item = (entry: { collection: string; id: string; value: unknown }) => ({ pk: entry.collection, sk: entry.id, value: JSON.stringify(entry.value) });
  const query = async <T>(collection: string, options: { ScanIndexForward: boolean; Limit?: number }): Promise<{ id: string; value: T }[]> => {
    const found: { id: string; value: T }[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": collection },
          ...options,
          ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
        }),
      );
      for (const row of page.Items ?? []) found.push({ id: String(row["sk"]), value: JSON.parse(String(row["value"])) as T });
      ExclusiveStartKey = options.Limit === undefined ? page.LastEvaluatedKey : undefined;
    } while (ExclusiveStartKey);
    return found;
  };
  const batch = async (requests: readonly object[]) => {
    for (let i = 0; i < requests.length; i += BATCH) {
      let pending: Record<string, object[]> | undefined = { [TableName]: requests.slice(i, i + BATCH) as object[] };
      while (pending && Object.keys(pending).length > 0) {
        const { UnprocessedItems } = await client.send(new BatchWriteCommand({ RequestItems: pending as never }));
        pending = UnprocessedItems as Record<string, object[]> | undefined;
      }
    }
  };
  return {
    async get<T>(collection: string, id: string) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: { pk: collection, sk: id }, ConsistentRead: true }));
      return Item ? (JSON.parse(String(Item["value"])) as T) : undefined;
    },
    async put(collection, id, value) {
      await client.send(new PutCommand({ TableName, Item: item({ collection, id, value }) }));
    },
    async putAll(entries) {
      if (entries.length === 1) await client.send(new PutCommand({ TableName, Item: item(entries[0]!) }));
      else if (entries.length > 1)
        await client.send(new TransactWriteCommand({ TransactItems: entries.map((entry) => ({ Put: { TableName, Item: item(entry) } })) }));
    },
    async remove(collection, id) {
      await client.send(new DeleteCommand({ TableName, Key: { pk: collection, sk: id } }));
    },
    list: (collection) => query(collection, { ScanIndexForward: true }),
    newest: (collection, limit) => query(collection, { ScanIndexForward: false, Limit: limit }),
    putMany: (entries) => batch(entries.map((entry) => ({ PutRequest: { Item: item(entry) } }))),
    removeMany: (entries) => batch(entries.map(({ collection, id }) => ({ DeleteRequest: { Key: { pk: collection, sk: id } } }))),
  };
}
