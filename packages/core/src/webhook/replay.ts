import { capability } from "../capability.ts";
import { newEnvelope, pendingShardOf } from "../db/journal.ts";
import { isMade } from "../db/transact.ts";
import type { Envelope } from "../domain-event.ts";
import { inTurns } from "../in-turns.ts";
import { log } from "../log.ts";
import { pageOf } from "../page.ts";
import { isoOf, MINUTE_MS } from "../time.ts";
import { Webhooks, type WebhookRow } from "./entity.ts";
import { idOf } from "./key.ts";
import { RECEIVED } from "./receive.ts";
import { ReplayWebhooks } from "./schema.ts";
import { inStretch } from "./walk.ts";

const ROWS_PER_CALL = 200;
const AT_ONCE = 10;

/**
 * Marks received events as to be processed again: the sweeper publishes them within a minute, as a new domain event each.
 * What waits to be published already is left alone. Bounded per call: `nextCursor` goes on. Repeating it is harmless, as every
 * effect of a webhook is.
 */
export const replay = capability(
  "webhook.replay",
  { input: ReplayWebhooks, allow: ["admin", "key"], needs: "webhooks:write" },
  async ({ vendor, since, until, states, externalId, cursor }, { now }): Promise<{ marked: number; nextCursor: string | null }> => {
    const stretch = { vendor, since, until: until ?? isoOf(now), states, externalId };
    const list = ["replay", vendor, since, until, states, externalId];
    const { items, nextCursor } = await pageOf(inStretch(stretch, now), { limit: ROWS_PER_CALL, cursor }, list, (row) => row);
    const outcomes = await inTurns(items, AT_ONCE, (row) => markAgain(row, now));
    const marked = outcomes.filter(Boolean).length;
    log.info("webhooks replayed", { vendor, marked });
    return { marked, nextCursor };
  },
);

async function markAgain(row: WebhookRow, now: number): Promise<boolean> {
  const { vendor, externalId, type, publishedAt } = row;
  if (publishedAt === undefined) return false;
  const id = idOf(row);
  const [before] = row.events as Envelope[];
  const facts = before?.data["facts"] ?? {};
  const event = newEnvelope({ type: "webhook", id, version: 1 }, RECEIVED[vendor]({ externalId, type, facts: facts as never }));
  // Old enough to be published by the sweeper's next run.
  const pending = { pendingShard: pendingShardOf(id), pendingSince: isoOf(now - 2 * MINUTE_MS) };
  const marking = Webhooks.patch({ vendor, day: row.day, shard: row.shard, externalId })
    .set({ state: "received", events: [event], ...pending })
    .remove(["publishedAt"])
    .where((standing, { eq }) => `${eq(standing.state, row.state)} AND ${eq(standing.publishedAt, publishedAt)}`);
  return isMade(marking.go());
}
