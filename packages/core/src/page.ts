import { createHmac } from "node:crypto";
import * as z from "zod";
import { personHashKey } from "./config.ts";
import { inputInvalid } from "./error.ts";

/** Query of every list: at most 100 items, and an opaque cursor from the page before. */
export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(2_000).optional(),
};

export type Page<T> = { items: T[]; nextCursor: string | null };

/**
 * Runs one page of an ElectroDB query and maps its rows. `list` says which list it is, the caller's filters included: a cursor
 * carries a keyed mark of it and is good for that list only.
 * @throws input.invalid when the cursor was not made for this list
 */
export async function pageOf<Row, T>(
  query: { go(options: { limit: number; cursor?: string | null }): Promise<{ data: Row[]; cursor: string | null }> },
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  list: readonly unknown[],
  map: (row: Row) => T,
): Promise<Page<T>> {
  const position = cursor === undefined ? null : positionIn(list, cursor);
  const { data, cursor: next } = await query.go({ limit, cursor: position });
  return { items: data.map(map), nextCursor: next === null ? null : `${next}.${markOf(list, next)}` };
}

function positionIn(list: readonly unknown[], cursor: string): string {
  const [position = "", mark, ...rest] = cursor.split(".");
  if (position !== "" && rest.length === 0 && mark === markOf(list, position)) return position;
  throw inputInvalid("Check cursor: take nextCursor of the page before, unchanged, with the same filters.", {
    fields: [{ path: "cursor", message: "Not a cursor of this list." }],
  });
}

function markOf(list: readonly unknown[], position: string): string {
  return createHmac("sha256", personHashKey())
    .update(JSON.stringify(["cursor", list, position]))
    .digest("base64url")
    .slice(0, 16);
}
