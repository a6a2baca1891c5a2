import type { FakeStore } from "@fashionistas/integrations/fake-store";
import type { EngineClient } from "./engine-client.ts";

/**
 * Where the local server keeps what AWS and the vendors would keep: queues, stream checkpoints, schedules, vendor state.
 * A table of its own in the same engine, so that whatever was acknowledged survives `kill -9`.
 */
export type LocalStore = FakeStore & {
  /** Many small things at once; not all or nothing. */
  putMany(entries: readonly Entry[]): Promise<void>;
  removeMany(entries: readonly Pick<Entry, "collection" | "id">[]): Promise<void>;
  /** The newest entries of a collection, newest first. */
  newest<T>(collection: string, limit: number): Promise<{ id: string; value: T }[]>;
};

type Entry = { collection: string; id: string; value: unknown };
type Item = { pk: { S: string }; sk: { S: string }; value: { S: string } };
type Requests = { [request: string]: object }[];

const BATCH = 25;

export function localStore(engine: EngineClient, TableName: string): LocalStore {
  const keyOf = ({ collection, id }: Pick<Entry, "collection" | "id">) => ({ pk: { S: collection }, sk: { S: id } });
  const itemOf = (entry: Entry): Item => ({ ...keyOf(entry), value: { S: JSON.stringify(entry.value) } });
  const valueOf = <T>({ value }: Item) => JSON.parse(value.S) as T;

  async function query<T>(collection: string, options: { ScanIndexForward: boolean; Limit?: number }): Promise<{ id: string; value: T }[]> {
    const found: { id: string; value: T }[] = [];
    let ExclusiveStartKey: object | undefined;
    do {
      const input = {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: collection } },
        ...options,
      };
      const page = await engine.call<{ Items?: Item[]; LastEvaluatedKey?: object }>("Query", { ...input, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) });
      for (const item of page.Items ?? []) found.push({ id: item.sk.S, value: valueOf<T>(item) });
      ExclusiveStartKey = options.Limit === undefined ? page.LastEvaluatedKey : undefined;
    } while (ExclusiveStartKey);
    return found;
  }

  async function batch(requests: Requests): Promise<void> {
    for (let i = 0; i < requests.length; i += BATCH) {
      let RequestItems: Record<string, Requests> = { [TableName]: requests.slice(i, i + BATCH) };
      while (Object.keys(RequestItems).length > 0) {
        const { UnprocessedItems = {} } = await engine.call<{ UnprocessedItems?: Record<string, Requests> }>("BatchWriteItem", { RequestItems });
        RequestItems = UnprocessedItems;
      }
    }
  }

  return {
    async get<T>(collection: string, id: string) {
      const { Item } = await engine.call<{ Item?: Item }>("GetItem", { TableName, Key: keyOf({ collection, id }), ConsistentRead: true });
      return Item && valueOf<T>(Item);
    },
    async put(collection, id, value) {
      await engine.call("PutItem", { TableName, Item: itemOf({ collection, id, value }) });
    },
    async putAll(entries) {
      if (entries.length === 1) await engine.call("PutItem", { TableName, Item: itemOf(entries[0]!) });
      else if (entries.length > 1)
        await engine.call("TransactWriteItems", { TransactItems: entries.map((entry) => ({ Put: { TableName, Item: itemOf(entry) } })) });
    },
    async remove(collection, id) {
      await engine.call("DeleteItem", { TableName, Key: keyOf({ collection, id }) });
    },
    list: (collection) => query(collection, { ScanIndexForward: true }),
    newest: (collection, limit) => query(collection, { ScanIndexForward: false, Limit: limit }),
    putMany: (entries) => batch(entries.map((entry) => ({ PutRequest: { Item: itemOf(entry) } }))),
    removeMany: (entries) => batch(entries.map((entry) => ({ DeleteRequest: { Key: keyOf(entry) } }))),
  };
}
