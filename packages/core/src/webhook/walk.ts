import { KEPT } from "../kept.ts";
import { DAY_MS, dayOf, isoOf, msOf } from "../time.ts";
import { Webhooks, type WebhookRow } from "./entity.ts";
import { INBOX_SHARDS, keyOn, UNDATED } from "./key.ts";
import type { Vendor, WebhookState } from "./schema.ts";

/** Queries per call at most: a stretch of empty days is passed over in several pages. */
const PARTITIONS_PER_CALL = 60;

export type Stretch = {
  vendor: Vendor;
  since: string;
  until: string;
  states?: readonly WebhookState[] | undefined;
  externalId?: string | undefined;
};

type Position = { at: number; cursor: string | null };

/**
 * The events of a stretch of time as a query that can be paged through: day by day, and within a day in no particular order.
 * A page may hold fewer than its limit although more follow.
 */
export function inStretch(stretch: Stretch, now: number) {
  const parts = partitionsOf(stretch, now);
  return {
    async go({ limit, cursor }: { limit: number; cursor?: string | null }): Promise<{ data: WebhookRow[]; cursor: string | null }> {
      const data: WebhookRow[] = [];
      let position: Position | undefined = cursor ? positionIn(cursor) : { at: 0, cursor: null };
      for (let queries = 0; queries < PARTITIONS_PER_CALL && data.length < limit; queries++) {
        const part: Partition | undefined = position && parts[position.at];
        if (!position || !part) return { data, cursor: null };
        const page: { data: WebhookRow[]; cursor: string | null } = await Webhooks.query
          .byDay(part)
          .go({ cursor: position.cursor, limit: limit - data.length });
        data.push(...page.data.filter((row) => concerns(stretch, row)));
        position = page.cursor === null ? { at: position.at + 1, cursor: null } : { at: position.at, cursor: page.cursor };
      }
      return { data, cursor: position && position.at < parts.length ? textOf(position) : null };
    },
  };
}

type Partition = { vendor: Vendor; day: string; shard: string; externalId?: string };

function partitionsOf({ vendor, since, until, externalId }: Stretch, now: number): Partition[] {
  const dated = vendor === "stripe" ? [] : [UNDATED];
  return [...daysBetween(since, until, now), ...dated].flatMap((day): Partition[] =>
    externalId === undefined ? INBOX_SHARDS.map((shard) => ({ vendor, day, shard })) : [keyOn(vendor, day, externalId)],
  );
}

// Nothing is kept longer, whatever is asked for. A vendor's clock may be ahead of ours.
function daysBetween(since: string, until: string, now: number): string[] {
  const first = Math.max(msOf(since), now - KEPT.webhooks.days() * DAY_MS);
  const last = Math.min(msOf(until), now + DAY_MS);
  const days: string[] = [];
  for (let at = msOf(dayOf(isoOf(first))); at <= last; at += DAY_MS) days.push(dayOf(isoOf(at)));
  return days;
}

function concerns({ since, until, states }: Stretch, row: WebhookRow): boolean {
  const at = row.occurredAt ?? row.receivedAt;
  return at >= since && at <= until && (states === undefined || states.includes(row.state));
}

function textOf(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

function positionIn(text: string): Position {
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Position;
}
