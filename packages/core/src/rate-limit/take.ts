/**
 * Permits per second, counted in the table: one conditional write per batch. A process takes a few at a time and uses them
 * within the second, so that a busy limit costs a fraction of a write per permit. One that is refused knows that this second is
 * used up, and asks no more: a crowd of processes that all ask again and again would be more than one item can answer.
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

/** `left`: permits of this second that are ours; `usedUp`: no more can be had. */
type Lease = { second: number; left: number; usedUp: boolean };
const leases = memory(() => new Map<string, Lease>());

/** Takes one permit of `perSecond`. @returns false when this second's permits are used up, over all processes */
export async function take(name: string, perSecond: number): Promise<boolean> {
  const second = Math.floor(now() / SECOND_MS);
  const lease = leases().get(name);
  if (lease?.second === second && lease.left > 0) {
    lease.left -= 1;
    return true;
  }
  if (lease?.second === second && lease.usedUp) return false;
  let permits = Math.min(perSecond, Math.max(1, Math.min(10, Math.floor(perSecond / 20))));
  while (permits > 0) {
    const left = await leftAfter(name, second, permits, perSecond);
    if (left === undefined) {
      leases().set(name, { second, left: permits - 1, usedUp: false });
      return true;
    }
    permits = Math.min(left, permits - 1);
  }
  leases().set(name, { second, left: 0, usedUp: true });
  return false;
}

/** Takes permits. @returns undefined, or when there are not so many, how many are left */
async function leftAfter(name: string, second: number, permits: number, perSecond: number): Promise<number | undefined> {
  try {
    await Windows.upsert({ name, second, ttl: second + 60 })
      .add({ taken: permits })
      .where(({ taken }, { lte, notExists }) => `(${notExists(taken)} OR ${lte(taken, perSecond - permits)})`)
      .go({ params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } });
    return undefined;
  } catch (error) {
    const refused = refusedItem(error);
    if (!refused) throw error;
    return perSecond - Number(refused.standing?.["taken"] ?? perSecond);
  }
}
