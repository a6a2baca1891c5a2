import { TABLE_INDEXES, TABLE_KEYS } from "@fashionistas/core/db/table";
import { compareText, type Item } from "./values.ts";

/**
 * The items of one table: partitions of records sorted by sort key, each with its recent versions, and the entries of the
 * global secondary indexes, which follow when they are told to. `at` is always a moment in milliseconds.
 */
export type Key = { pk: string; sk: string };
export type IndexName = keyof typeof TABLE_INDEXES;
export const INDEX_NAMES = Object.keys(TABLE_INDEXES) as IndexName[];

type Version = { from: number; item: Item | undefined };
type Row = { key: Key; versions: Version[]; changes: number };
type Entry = { key: Key; pk: string; sk: string; item: Item; change: number };

/** What an index does when an item changes: one write to put, to change or to remove an entry, two to move it. */
export type IndexWrite = { index: IndexName; pk: string; item: Item };

const POSITION_LAST = Number.POSITIVE_INFINITY;

export class Storage {
  readonly #partitions = new Map<string, Row[]>();
  readonly #indexes = new Map<IndexName, { partitions: Map<string, Entry[]>; entries: Map<string, Entry>; latest: Map<string, number> }>(
    INDEX_NAMES.map((name) => [name, { partitions: new Map(), entries: new Map(), latest: new Map() }]),
  );
  /** How long versions are kept for reads that lag behind. */
  readonly #keptMs: number;

  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  /** The item as it was at this moment; without one, as it is. */
  get({ pk, sk }: Key, at = POSITION_LAST): Item | undefined {
    const rows = this.#partitions.get(pk);
    if (!rows) return undefined;
    const row = rows[placeOf(rows, sk)];
    return row?.key.sk === sk ? versionAt(row, at) : undefined;
  }

  /** Puts or removes an item at a moment. @returns its number among the changes of this item */
  set(key: Key, item: Item | undefined, at: number): number {
    let rows = this.#partitions.get(key.pk);
    if (!rows) this.#partitions.set(key.pk, (rows = []));
    const place = placeOf(rows, key.sk);
    let row = rows[place];
    if (row?.key.sk !== key.sk) rows.splice(place, 0, (row = { key, versions: [], changes: 0 }));
    row.versions.push({ from: at, item });
    row.changes += 1;
    while (row.versions.length > 1 && row.versions[1]!.from <= at - this.#keptMs) row.versions.shift();
    return row.changes;
  }

  /** The entries of an item's change in an index. */
  indexWrites(before: Item | undefined, after: Item | undefined): IndexWrite[] {
    return INDEX_NAMES.flatMap((index): IndexWrite[] => {
      const [old, next] = [indexKeyOf(index, before), indexKeyOf(index, after)];
      const moved = old && next && (old.pk !== next.pk || old.sk !== next.sk);
      if (old && next && !moved) return [{ index, pk: next.pk, item: after! }];
      return [...(old ? [{ index, pk: old.pk, item: before! }] : []), ...(next ? [{ index, pk: next.pk, item: after! }] : [])];
    });
  }

  /** Lets the indexes know of an item's change; one that comes after a later one of the same item changes nothing. */
  index(key: Key, item: Item | undefined, change: number): void {
    const id = `${key.pk}\n${key.sk}`;
    for (const name of INDEX_NAMES) {
      const { partitions, entries, latest } = this.#indexes.get(name)!;
      const next = indexKeyOf(name, item);
      const old = entries.get(id);
      if ((!next && !old) || (latest.get(id) ?? 0) >= change) continue;
      latest.set(id, change);
      if (old) {
        const part = partitions.get(old.pk)!;
        part.splice(placeOfEntry(part, old), 1);
        entries.delete(id);
      }
      if (!next) continue;
      const entry = { key, ...next, item: item!, change };
      let part = partitions.get(next.pk);
      if (!part) partitions.set(next.pk, (part = []));
      part.splice(placeOfEntry(part, entry), 0, entry);
      entries.set(id, entry);
    }
  }

  /** The items of a partition as they were at this moment, by sort key. */
  partition(pk: string, at = POSITION_LAST): { sk: string; key: Key; item: Item }[] {
    return (this.#partitions.get(pk) ?? []).flatMap((row) => {
      const item = versionAt(row, at);
      return item ? [{ sk: row.key.sk, key: row.key, item }] : [];
    });
  }

  /** The items of a partition of an index, by its sort key. */
  indexPartition(index: IndexName, pk: string): { sk: string; key: Key; item: Item }[] {
    return this.#indexes.get(index)!.partitions.get(pk) ?? [];
  }

  /** Every item, partition by partition. */
  all(): { key: Key; item: Item }[] {
    return [...this.#partitions.keys()].sort(compareText).flatMap((pk) => this.partition(pk));
  }
}

function versionAt(row: Row, at: number): Item | undefined {
  for (let i = row.versions.length - 1; i >= 0; i--) if (row.versions[i]!.from <= at) return row.versions[i]!.item;
  return undefined;
}

/** The key of an item in an index, when it has one. */
export function indexKeyOf(index: IndexName, item: Item | undefined): { pk: string; sk: string } | undefined {
  const names = TABLE_INDEXES[index];
  const [pk, sk] = [item?.[names.pk], item?.[names.sk]];
  return typeof pk === "string" && typeof sk === "string" ? { pk, sk } : undefined;
}

/** The key of an item in the table. */
export function keyOf(item: Item): Key {
  return { pk: item[TABLE_KEYS.pk] as string, sk: item[TABLE_KEYS.sk] as string };
}

function placeOf(rows: readonly Row[], sk: string): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(rows[middle]!.key.sk, sk) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function placeOfEntry(entries: readonly Entry[], entry: Entry): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = entries[middle]!;
    if ((compareText(one.sk, entry.sk) || compareText(one.key.pk, entry.key.pk) || compareText(one.key.sk, entry.key.sk)) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
