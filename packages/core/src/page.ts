import * as z from "zod";
import { inputInvalid } from "./error.ts";

/** Query of every list: at most 100 items, and an opaque cursor from the page before. */
export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(2_000).optional(),
};

export type Page<T> = { items: T[]; nextCursor: string | null };

/**
 * Runs one page of an ElectroDB query and maps its rows.
 * @throws input.invalid when the cursor was not one of ours
 */
export async function pageOf<Row, T>(
  query: { go(options: { limit: number; cursor?: string | null }): Promise<{ data: Row[]; cursor: string | null }> },
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  map: (row: Row) => T,
): Promise<Page<T>> {
  if (cursor !== undefined && !isCursor(cursor)) throw badCursor();
  const { data, cursor: nextCursor } = await query.go({ limit, cursor: cursor ?? null }).catch((error: unknown) => {
    if (cursor !== undefined && isValidationError(error)) throw badCursor();
    throw error;
  });
  return { items: data.map(map), nextCursor };
}

function isCursor(text: string): boolean {
  try {
    return typeof JSON.parse(Buffer.from(text, "base64url").toString("utf8")) === "object";
  } catch {
    return false;
  }
}

// The engine refuses a start key that does not belong to the query.
function isValidationError(error: unknown): boolean {
  const text = error instanceof Error ? `${error.name} ${error.message} ${error.cause instanceof Error ? error.cause.name : ""}` : "";
  return text.includes("ValidationException") || text.includes("cursor");
}

function badCursor() {
  return inputInvalid("Check cursor: take nextCursor of the page before, unchanged.", {
    fields: [{ path: "cursor", message: "Not a cursor of this list." }],
  });
}
