import type { Money } from "../money.ts";
import { pageOf, type Page } from "../page.ts";
import { PriceChanges, type PriceChangeRow } from "./entity.ts";
import type { PriceChangeView } from "./schema.ts";

/** A page of the prices of a type, newest first. Decides nothing about who may see them. */
export function pageOfType(ticketTypeId: string, page: { limit: number; cursor?: string | undefined }): Promise<Page<PriceChangeView>> {
  const query = PriceChanges.query.byType({ ticketTypeId });
  const newestFirst = { go: (options: { limit: number; cursor?: string | null }) => query.go({ ...options, order: "desc" }) };
  return pageOf(newestFirst, page, ["price-history", ticketTypeId], viewOf);
}

function viewOf({ at, from, to, reason, by }: PriceChangeRow): PriceChangeView {
  return { at, from: (from as Money | undefined) ?? null, to: to as Money, reason, by };
}
