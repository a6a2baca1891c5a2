/**
 * What must hold at every moment of a history, read from the table's changes: every one of them, in the order in which they
 * were made.
 */
import { bucketOf, isWhole, type BucketRow } from "@fashionistas/core/pool";
import type { Item } from "../../kit/invariants.ts";
import type { Simulation } from "../../kit/simulation/index.ts";
import type { History, Refused } from "./shop.ts";

type Change = Simulation["table"]["changes"]["all"][number];
type Status = string;

/** Where an order may go from each status: the arrows of `order/rules/status.ts`, written down once more. */
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  nothing: ["held"],
  held: ["awaiting_payment", "fulfilled", "expiring", "reclaiming", "unfulfillable"],
  awaiting_payment: ["fulfilled", "expiring", "reclaiming", "unfulfillable"],
  expiring: ["fulfilled", "expired", "cancelled", "reclaiming", "unfulfillable"],
  expired: ["reclaiming", "unfulfillable"],
  cancelled: ["reclaiming", "unfulfillable"],
  reclaiming: ["awaiting_payment", "unfulfillable"],
  fulfilled: ["voided"],
  voided: [],
  unfulfillable: [],
};

/** A worker decides on what it has read: from so long before it was asked until it answered nobody may have touched the seats, or it is not blamed. */
const QUIET_MS = 30_000;

/** @returns one sentence per violation, with its moment */
export function brokenMoments(history: Pick<History, "simulation" | "refused" | "witness">): string[] {
  const { changes } = history.simulation.table;
  const pools = new Pools();
  const sold = soldOutFor(changes.all);
  const untrue = refusalsOf(history, pools);
  return changes.all.flatMap((change) => {
    const refused = untrue(change.at);
    const entity = String((change.after ?? change.before)?.["__edb_e__"]);
    if (entity === "bucket") return [...refused, ...pools.see(change)];
    if (entity === "order") return [...refused, ...wrongTurn(change), ...givenUpTooSoon(change, pools, sold)];
    return refused;
  });
}

/** Refusals for want of seats in the order in which they were answered: those until a moment for which there were seats from before they were asked for. */
function refusalsOf({ simulation, refused, witness }: Pick<History, "simulation" | "refused" | "witness">, pools: Pools): (untilMs: number) => string[] {
  const left = [...refused].sort((a, b) => a.answeredMs - b.answeredMs);
  const sharedBy = sharedCapacities(simulation);
  return (untilMs) => {
    const passed: string[] = [];
    for (; left[0] && left[0].answeredMs - witness.beganMs < untilMs; left.shift()) {
      const { atMs, code, lines } = left[0];
      const at = atMs - witness.beganMs;
      if (needsOf(lines, sharedBy).every(([poolId, seats]) => pools.left(poolId, at) >= seats))
        passed.push(`at ${(at / 1_000).toFixed(3)} s ${code} although there were seats: ${JSON.stringify(lines)}`);
    }
    return passed;
  };
}

type Shared = ReadonlyMap<string, readonly string[]>;

/** Type → its event and the capacities that it shares; which of them are pools, their buckets say. */
function sharedCapacities({ table }: Simulation): Shared {
  const events = table.storage.all().flatMap(({ item }) => (item["__edb_e__"] === "event" ? [item as unknown as Item] : []));
  return new Map(
    events.flatMap(({ eventId, offers, capacities }) =>
      (offers as { ticketTypeId: string }[]).map(({ ticketTypeId }) => {
        const shares = (capacities as { capacityId: string; ticketTypeIds: string[] }[]).filter(({ ticketTypeIds }) => ticketTypeIds.includes(ticketTypeId));
        return [ticketTypeId, [String(eventId), ...shares.map(({ capacityId }) => capacityId)]] as const;
      }),
    ),
  );
}

/** Seats that lines need of each of these. */
function needsOf(lines: Refused["lines"], sharedBy: Shared): [poolId: string, seats: number][] {
  const needs = new Map<string, number>();
  for (const { ticketTypeId, quantity } of lines)
    for (const poolId of [ticketTypeId, ...(sharedBy.get(ticketTypeId) ?? [])]) needs.set(poolId, (needs.get(poolId) ?? 0) + quantity);
  return [...needs];
}

const told = (change: Change, what: string) => `at ${(change.at / 1_000).toFixed(3)} s ${what}`;

class Pools {
  readonly #buckets = new Map<string, Map<string, BucketRow>>();
  readonly #touched = new Map<string, number>();

  see(change: Change): string[] {
    const bucket = bucketOf((change.after ?? change.before) as Record<string, unknown>);
    const of = this.#buckets.get(bucket.poolId) ?? this.#buckets.set(bucket.poolId, new Map()).get(bucket.poolId)!;
    if (change.after) of.set(change.key.sk, bucket);
    else of.delete(change.key.sk);
    this.#touched.set(bucket.poolId, change.at);
    return !change.after || isWhole(bucket) ? [] : [told(change, `bucket ${bucket.poolId}/${bucket.bucket} does not add up: ${JSON.stringify(bucket)}`)];
  }

  /** Seats that nobody has touched since a while before this moment; any number where there is no pool. */
  left(poolId: string, atMs: number): number {
    if (!this.#buckets.has(poolId)) return Infinity;
    if (atMs - (this.#touched.get(poolId) ?? 0) < QUIET_MS) return 0;
    return [...(this.#buckets.get(poolId)?.values() ?? [])].reduce((seats, { available }) => seats + available, 0);
  }
}

function wrongTurn(change: Change): string[] {
  const [from, to] = [String(change.before?.["status"] ?? "nothing"), String(change.after?.["status"] ?? "nothing")];
  if (from === to || NEXT[from]?.includes(to)) return [];
  return [told(change, `order ${change.key.pk} went from ${from} to ${to}`)];
}

type Order = Item & { orderId: string; status: Status; claims: { poolId: string; q: number }[] };
type Told = { type: string; data: { orderId?: string; reason?: string } };

/** Orders that were given up because nothing was left, as their domain events say. */
function soldOutFor(changes: readonly Change[]): Set<string | undefined> {
  const entries = changes.filter(({ before, after }) => before === undefined && after?.["__edb_e__"] === "journal-entry");
  const told = entries.flatMap(({ after }) => after!["events"] as unknown as Told[]);
  return new Set(told.filter(({ type, data }) => type === "order.unfulfillable" && data.reason === "sold_out").map(({ data }) => data.orderId));
}

/** Money went back as if nothing were left, and there was. */
function givenUpTooSoon(change: Change, pools: Pools, soldOut: ReadonlySet<string | undefined>): string[] {
  const [before, after] = [change.before, change.after] as unknown as [Order | undefined, Order | undefined];
  if (!before || before.status === after?.status || after?.status !== "unfulfillable" || !soldOut.has(after.orderId)) return [];
  return before.claims.every(({ poolId, q }) => pools.left(poolId, change.at) >= q) ? [told(change, `${before.pk} was given up although seats were left`)] : [];
}
