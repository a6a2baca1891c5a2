/**
 * Permits per second, counted in the table: one conditional write per batch. A process takes a few at a time and uses them
 * within the second, so that a busy limit costs a fraction of a write per permit.
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

type Lease = { second: number; left: number };
const leases = memory(() => new Map<string, Lease>());

/** Takes one permit of `perSecond`. @returns false when this second's permits are used up, over all processes */
export async function take(name: string, perSecond: number): Promise<boolean> {
  const second = Math.floor(now() / SECOND_MS);
  const lease = leases().get(name);
  if (lease?.second === second && lease.left > 0) {
    lease.left -= 1;
    return true;
  }
  const batch = Math.max(1, Math.min(10, Math.floor(perSecond / 20)));
  for (const permits of batch === 1 ? [1] : [batch, 1]) {
    if (!(await taken(name, second, permits, perSecond))) continue;
    leases().set(name, { second, left: permits - 1 });
    return true;
  }
  return false;
}

async function taken(name: string, second: number, permits: number, perSecond: number): Promise<boolean> {
  if (permits > perSecond) return false;
  try {
    await Windows.upsert({ name, second, ttl: second + 60 })
      .add({ taken: permits })
      .where(({ taken }, { lte, notExists }) => `(${notExists(taken)} OR ${lte(taken, perSecond - permits)})`)
      .go();
    return true;
  } catch (error) {
    if (refusedItem(error)) return false;
    throw error;
  }
}
