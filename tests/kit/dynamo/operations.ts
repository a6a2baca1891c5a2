import { TABLE_INDEXES, TABLE_KEYS } from "@fashionistas/core/db/table";
import { at, holds, projected, updated } from "./evaluate.ts";
import { Invalid, parseCondition, parseProjection, parseUpdate, Placeholders, Unfit, type Condition } from "./expression.ts";
import { indexKeyOf, INDEX_NAMES, keyOf, type IndexName, type IndexWrite, type Key, type Storage } from "./storage.ts";
import { compareText, copyItem, equal, sizeOfItem, type Item, type Value } from "./values.ts";

/** What each operation of DynamoDB does to the items: reads and decides here, time and limits elsewhere (`model.ts`). */
export type Input = Readonly<Record<string, any>>;

const KB = 1_024;
const ITEM_BYTES = 400 * KB;
const PAGE_BYTES = 1_024 * KB;

export type WriteKind = "Put" | "Update" | "Delete" | "ConditionCheck";

/** A write that was decided: refused by its condition, or what it changes. `units`: of one write outside a transaction. */
export type Plan = { key: Key; before: Item | undefined; units: number } & (
  | { refused: true }
  | { refused: false; after: Item | undefined; indexWrites: IndexWrite[] }
);

/** What a write does now. @throws Invalid */
export function plan(storage: Storage, kind: WriteKind, input: Input): Plan {
  const placeholders = new Placeholders(input["ExpressionAttributeNames"], input["ExpressionAttributeValues"]);
  const put = kind === "Put" ? copyItem(input["Item"]) : undefined;
  const key = requireKey(put ?? input["Key"], put === undefined);
  const condition = input["ConditionExpression"] === undefined ? undefined : parseCondition(input["ConditionExpression"], placeholders);
  const update = kind === "Update" && input["UpdateExpression"] !== undefined ? parseUpdate(input["UpdateExpression"], placeholders) : undefined;
  placeholders.requireAllUsed();
  const keyPaths = update && [...update.set.map(({ path }) => path), ...update.remove, ...update.add.map(({ path }) => path)];
  if (keyPaths?.some(([name]) => name === TABLE_KEYS.pk || name === TABLE_KEYS.sk))
    throw new Invalid("Cannot update attribute. This attribute is part of the key");
  const before = storage.get(key);
  if (condition && !holds(condition, before)) return { key, before, units: writeUnits(before), refused: true };
  if (kind === "ConditionCheck") return { key, before, units: writeUnits(before), refused: false, after: before, indexWrites: [] };
  const after = kind === "Delete" ? undefined : (put ?? (update ? updated(before ?? { ...key }, update) : (before ?? { ...key })));
  if (after) requireItem(after);
  const units = Math.max(writeUnits(before), writeUnits(after));
  const indexWrites = after === before ? [] : storage.indexWrites(before, after);
  return { key, before, units, refused: false, after, indexWrites };
}

/** Write units of an item: one for each KB begun. */
export function writeUnits(item: Item | undefined): number {
  return item ? Math.max(1, Math.ceil(sizeOfItem(item) / KB)) : 1;
}

function requireKey(key: Item | undefined, alone: boolean): Key {
  const { pk, sk } = keyOf(key ?? {});
  if (typeof pk !== "string" || typeof sk !== "string" || pk === "" || sk === "")
    throw new Invalid("One or more parameter values were invalid: a key attribute is missing, empty or not a string");
  if (alone && Object.keys(key!).length !== 2) throw new Invalid("The provided key element does not match the schema");
  return { pk, sk };
}

function requireItem(item: Item): void {
  if (sizeOfItem(item) > ITEM_BYTES) throw new Unfit("Item size has exceeded the maximum allowed size");
  for (const index of INDEX_NAMES) {
    for (const name of [TABLE_INDEXES[index].pk, TABLE_INDEXES[index].sk]) {
      const value = item[name];
      if (value !== undefined && (typeof value !== "string" || value === "")) throw new Unfit(`Type mismatch for Index Key ${name}`);
    }
  }
}

/** The attributes that ReturnValues asks for. */
export function returned(returnValues: string | undefined, { before, after }: { before: Item | undefined; after: Item | undefined }): Item | undefined {
  switch (returnValues ?? "NONE") {
    case "NONE":
      return undefined;
    case "ALL_OLD":
      return before;
    case "ALL_NEW":
      return after;
    default:
      throw new Error(`the model does not know ReturnValues ${returnValues}: nobody here asks for it`);
  }
}

export type Read = { output: Record<string, unknown>; units: number };

/** One item, as it was at `moment`. */
export function getItem(storage: Storage, input: Input, moment: number | undefined): Read {
  const item = storage.get(requireKey(input["Key"], true), moment);
  const units = readUnits(item ? sizeOfItem(item) : 0, input["ConsistentRead"]);
  return { output: item ? { Item: cut(input)(item) } : {}, units };
}

function readUnits(bytes: number, consistent: boolean | undefined): number {
  return Math.max(1, Math.ceil(bytes / (4 * KB))) * (consistent ? 1 : 0.5);
}

function cut(input: Input): (item: Item) => Item {
  if (input["ProjectionExpression"] === undefined) return copyItem;
  const paths = parseProjection(input["ProjectionExpression"], new Placeholders(input["ExpressionAttributeNames"], undefined));
  return (item) => copyItem(projected(item, paths));
}

/** Where a query looks. */
export function queriedPartition(input: Input): { index: IndexName | undefined; pk: string } {
  const { index, pk } = readQuery(input);
  return { index, pk };
}

function readQuery(input: Input) {
  const index = input["IndexName"] as IndexName | undefined;
  if (index !== undefined && !INDEX_NAMES.includes(index)) throw new Invalid(`The table does not have the specified index: ${index}`);
  if (index !== undefined && input["ConsistentRead"]) throw new Invalid("Consistent reads are not supported on global secondary indexes");
  const names = index === undefined ? TABLE_KEYS : TABLE_INDEXES[index];
  const placeholders = new Placeholders(input["ExpressionAttributeNames"], input["ExpressionAttributeValues"]);
  const parts = conjuncts(parseCondition(input["KeyConditionExpression"], placeholders));
  const filter = input["FilterExpression"] === undefined ? undefined : parseCondition(input["FilterExpression"], placeholders);
  const isPk = (part: Condition) => part.is === "compare" && part.by === "=" && nameIn(part) === names.pk;
  const hash = parts.filter(isPk);
  const range = parts.filter((part) => !isPk(part));
  const pk = hash[0]?.is === "compare" && hash[0].right.is === "value" ? hash[0].right.value : undefined;
  const known = range.every(
    (part) => nameIn(part) === names.sk && (part.is === "between" || part.is === "begins_with" || (part.is === "compare" && part.by !== "<>")),
  );
  if (typeof pk !== "string" || hash.length !== 1 || range.length > 1 || !known) throw new Invalid("Query key condition not supported");
  return { index, names, pk, range: range[0], filter };
}

function conjuncts(condition: Condition): Condition[] {
  return condition.is === "and" ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition];
}

function nameIn(part: Condition): string | number | undefined {
  const what = part.is === "compare" ? part.left : part.is === "between" || part.is === "begins_with" ? part.what : undefined;
  return what?.is === "path" && what.path.length === 1 ? what.path[0] : undefined;
}

/** A page of one partition, of the table as it was at `moment` or of an index as it is. */
export function query(storage: Storage, input: Input, moment: number | undefined): Read {
  const { index, names, pk, range, filter } = readQuery(input);
  const all = index === undefined ? storage.partition(pk, moment) : storage.indexPartition(index, pk);
  const within = range ? all.filter(({ sk }) => holds(range, { [names.sk]: sk })) : all;
  const backward = input["ScanIndexForward"] === false;
  const ordered = backward ? within.toReversed() : within;
  const start = input["ExclusiveStartKey"] as Item | undefined;
  const from = start ? ordered.findIndex((row) => isBeyond(row, start, names.sk, backward)) : 0;
  return page(from < 0 ? [] : ordered.slice(from), input, filter, (row) => ({ ...row.key, ...(index ? { [names.pk]: pk, [names.sk]: row.sk } : {}) }));
}

function isBeyond(row: { sk: string; key: Key }, start: Item, skName: string, backward: boolean): boolean {
  const order =
    compareText(row.sk, start[skName] as string) ||
    compareText(row.key.pk, start[TABLE_KEYS.pk] as string) ||
    compareText(row.key.sk, start[TABLE_KEYS.sk] as string);
  return backward ? order < 0 : order > 0;
}

/** A page of the whole table. */
export function scan(storage: Storage, input: Input): Read {
  if (input["IndexName"] !== undefined || input["Segment"] !== undefined)
    throw new Error("the model scans the table alone, in one segment: nobody here asks for more");
  const placeholders = new Placeholders(input["ExpressionAttributeNames"], input["ExpressionAttributeValues"]);
  const filter = input["FilterExpression"] === undefined ? undefined : parseCondition(input["FilterExpression"], placeholders);
  const start = input["ExclusiveStartKey"] as Key | undefined;
  const rows = storage.all();
  const from = start ? rows.findIndex(({ key }) => (compareText(key.pk, start.pk) || compareText(key.sk, start.sk)) > 0) : 0;
  return page(from < 0 ? [] : rows.slice(from), input, filter, ({ key }) => ({ ...key }));
}

function page<Row extends { key: Key; item: Item }>(rows: readonly Row[], input: Input, filter: Condition | undefined, lastKey: (row: Row) => Item): Read {
  const limit = (input["Limit"] as number | undefined) ?? Infinity;
  const cutItem = cut(input);
  const items: Item[] = [];
  let [bytes, seen] = [0, 0];
  while (seen < rows.length && seen < limit && bytes < PAGE_BYTES) {
    const { item } = rows[seen++]!;
    bytes += sizeOfItem(item);
    if (!filter || holds(filter, item)) items.push(cutItem(item));
  }
  // DynamoDB names a last key as soon as a page is full, whether or not anything follows.
  const last = seen > 0 && (seen === limit || seen < rows.length) ? { LastEvaluatedKey: lastKey(rows[seen - 1]!) } : {};
  const counted = { Count: items.length, ScannedCount: seen, ...last };
  return { output: input["Select"] === "COUNT" ? counted : { Items: items, ...counted }, units: readUnits(bytes, input["ConsistentRead"]) };
}

/** @throws Invalid when the transaction touches one item twice, or more than a hundred */
export function requireTransaction(keys: readonly Key[]): void {
  if (keys.length === 0 || keys.length > 100) throw new Invalid("Member must have length between 1 and 100");
  if (new Set(keys.map(({ pk, sk }) => `${pk}\n${sk}`)).size < keys.length)
    throw new Invalid("Transaction request cannot include multiple operations on one item");
}

/** Does a change leave the item as it was? Then the stream says nothing. */
export function isNoChange(before: Item | undefined, after: Item | undefined): boolean {
  return before === after || (before !== undefined && after !== undefined && equal(before as Value, after as Value));
}

export { at, indexKeyOf };
