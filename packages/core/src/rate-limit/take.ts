/**
 * Permits per window of time, counted in the table: one conditional write per batch. A process may take a few at a time and use
 * them within the window, so that a busy limit costs a fraction of a write per permit. One that is refused knows that this window
 * is used up, and asks no more: a crowd of processes that all ask again and again would be more than one item can answer.
 *
 * Never more than the limit are given out for a window, by however many processes, whatever their clocks say: a window is an item.
 * A clock that is wrong uses the neighbouring window early or late.
 *
 *  1. An entry asks for a permit.        byWindow: taken ≤ limit − batch
 */
import { Entity } from "electrodb";
import { tableName } from "../config.ts";
import { now } from "../context.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { refusedItem } from "../db/transact.ts";
import { memory } from "../memory.ts";
import { SECOND_MS } from "../time.ts";

const Windows = new Entity(
  {
    model: { entity: "rate-window", version: "1", service: SERVICE },
    attributes: {
      name: { type: "string", required: true },
      /** The window's first second since the epoch. */
      second: { type: "number", required: true },
      taken: { type: "number", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byWindow: {
        pk: { field: "pk", composite: ["name", "second"], template: "RATE#${name}#${second}", casing: "none" },
        sk: { field: "sk", composite: [], template: "RATE", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

/** `limit` permits in every window of `seconds`, of which a process takes up to `batch` at a time. */
export type Permits = { limit: number; seconds: number; batch: number };

/** `left`: permits that can still be had in this window, as far as this process knows; `endsInSeconds`: when the next one begins. */
export type Taken = { taken: boolean; left: number; endsInSeconds: number };

/** `left`: permits of this window that are ours; `others`: how many were left in the table; `usedUp`: no more can be had. */
type Lease = { second: number; left: number; others: number; usedUp: boolean };
const leases = memory(() => new Map<string, Lease>());
const MOST_LEASES = 1_000;
/** An item outlives its window by this, for clocks that are late. */
const KEPT_SECONDS = 60;

/** Takes one permit. Not taken: this window's permits are used up, over all processes. */
export async function take(name: string, { limit, seconds, batch }: Permits): Promise<Taken> {
  const nowS = now() / SECOND_MS;
  const second = Math.floor(nowS / seconds) * seconds;
  const endsInSeconds = Math.max(1, Math.ceil(second + seconds - nowS));
  const ours = () => {
    const lease = leases().get(name);
    return lease?.second === second ? lease : undefined;
  };
  const lease = ours();
  if (lease && lease.left > 0) {
    lease.left -= 1;
    return { taken: true, left: lease.left + lease.others, endsInSeconds };
  }
  if (lease?.usedUp) return { taken: false, left: 0, endsInSeconds };
  let permits = Math.min(limit, Math.max(1, batch));
  while (permits > 0) {
    const row = { name, second, ttl: second + seconds + KEPT_SECONDS };
    const { done, left } = await added(row, permits, limit);
    if (done) {
      const kept = (ours()?.left ?? 0) + permits - 1;
      if (kept > 0) remember(name, { second, left: kept, others: left, usedUp: false });
      return { taken: true, left: kept + left, endsInSeconds };
    }
    permits = Math.min(left, permits - 1);
  }
  remember(name, { second, left: ours()?.left ?? 0, others: 0, usedUp: true });
  return { taken: false, left: 0, endsInSeconds };
}

/** Forgets the longest unused first: what is forgotten is asked for again. */
function remember(name: string, lease: Lease): void {
  leases().delete(name);
  leases().set(name, lease);
  for (const oldest of leases().keys()) {
    if (leases().size <= MOST_LEASES) return;
    leases().delete(oldest);
  }
}

/** Takes permits, all or none. @returns how many are left then */
async function added(row: { name: string; second: number; ttl: number }, permits: number, limit: number): Promise<{ done: boolean; left: number }> {
  try {
    const { data } = await Windows.upsert(row)
      .add({ taken: permits })
      .where(({ taken }, { lte, notExists }) => `(${notExists(taken)} OR ${lte(taken, limit - permits)})`)
      .go({ response: "all_new", params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } });
    return { done: true, left: limit - data.taken };
  } catch (error) {
    const refused = refusedItem(error);
    if (!refused) throw error;
    return { done: false, left: limit - Number(refused.standing?.["taken"] ?? limit) };
  }
}
