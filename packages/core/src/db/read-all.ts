import { storageBusy, VisibleError } from "../error.ts";
import { retry } from "../retry.ts";

/** The most keys that one call reads. */
const BATCH_KEYS = 100;

/** Reads up to 100 items in one call. What the table leaves out for being too busy is asked for again. @throws request.busy when that does not end */
export async function readAll<Key, Row>(keys: readonly Key[], read: (keys: Key[]) => Promise<{ data: Row[]; unprocessed: Key[] }>): Promise<Row[]> {
  if (keys.length > BATCH_KEYS) throw new RangeError(`${keys.length} items are more than one call reads`);
  if (keys.length === 0) return [];
  const rows: Row[] = [];
  let left = [...keys];
  await retry({ attempts: 8, baseMs: 5, capMs: 250, again: (error) => error instanceof VisibleError }, async () => {
    const { data, unprocessed } = await read(left);
    rows.push(...data);
    left = unprocessed;
    if (left.length > 0) throw storageBusy("Try again in a moment.", { retryAfterSeconds: 1 });
  });
  return rows;
}
