import { chance } from "../chance.ts";
import { memory } from "../memory.ts";
import { COPIES, Copies } from "./entity.ts";

const MOST_REMEMBERED = 1_000;
const copied = memory(() => new Set<string>());

/** The row, or a copy of it when it is one that is copied. Strongly consistent. */
export async function readOneOf<Row>(of: string, isCopied: (row: Row) => boolean, readRow: () => Promise<Row | undefined>): Promise<Row | undefined> {
  const known = copied();
  if (known.has(of)) {
    const { data } = await Copies.get({ of, copy: Math.floor(chance() * COPIES) }).go({ consistent: true });
    if (data) return data.row as Row;
    known.delete(of);
  }
  const row = await readRow();
  if (!row || !isCopied(row)) return row;
  if (known.size === MOST_REMEMBERED) known.clear();
  known.add(of);
  return row;
}
