/**
 * Rows that a crowd reads. One item answers 3,000 strongly consistent reads a second, and a type in high demand is bought by
 * 10,000 buyers in one; so its row, and its event's, stand in eight copies on partitions of their own. They are written in the
 * transaction that writes the row, so each of them is the row: no cache, nothing to wait for.
 *
 *  1. A buyer in a crowd opens a row.       byCopy
 *
 * Whoever has met such a row once reads a copy from then on, any of them; where there is none (any more), the row itself answers.
 */
import { Entity } from "electrodb";
import { chance } from "../chance.ts";
import { tableName } from "../config.ts";
import { memory } from "../memory.ts";
import { client } from "./client.ts";
import { SERVICE } from "./service.ts";
import { write, type Write } from "./transact.ts";

export const COPIES = 8;

export const Copies = new Entity(
  {
    model: { entity: "copy", version: "1", service: SERVICE },
    attributes: {
      of: { type: "string", required: true },
      copy: { type: "number", required: true },
      row: { type: "any", required: true },
    },
    indexes: {
      byCopy: {
        pk: { field: "pk", composite: ["of", "copy"], template: "COPY#${of}#${copy}", casing: "none" },
        sk: { field: "sk", composite: [], template: "COPY", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

const MOST_REMEMBERED = 1_000;
const copied = memory(() => new Set<string>());

const ALL = Array.from({ length: COPIES }, (_, copy) => copy);

/** Writes the copies of a row as part of the caller's transaction, whose condition says what the row was. */
export function copying(of: string, row: object): Write[] {
  return ALL.map((copy) => write(Copies.put({ of, copy, row })));
}

/** Removes the copies as part of the caller's transaction. */
export function uncopying(of: string): Write[] {
  return ALL.map((copy) => write(Copies.delete({ of, copy })));
}

/** Removes the copies of a row that is about to be removed. Repeating it finds none. */
export async function removeCopies(of: string): Promise<void> {
  await Copies.delete(ALL.map((copy) => ({ of, copy }))).go();
}

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
