/** What a history was made of, in numbers that can be added up. */
import type { Item } from "../../kit/invariants.ts";
import type { History } from "./shop.ts";

/** Names of what was counted, and how often. */
export type Counts = Record<string, number>;
export type Tally = {
  runs: number;
  steps: number;
  calls: number;
  requestsToStripe: number;
  modelledHours: number;
  /** CPU and waiting of the worker. */
  wallMs: number;
  faults: Counts;
  orders: Counts;
  refunds: Counts;
  disputes: Counts;
  other: Counts;
};

export const NOTHING: Tally = {
  ...{ runs: 0, steps: 0, calls: 0, requestsToStripe: 0, modelledHours: 0, wallMs: 0 },
  ...{ faults: {}, orders: {}, refunds: {}, disputes: {}, other: {} },
};

export function talliedFrom({ simulation, plan, steps, witness }: History, { startedAt }: { startedAt: number }): Tally {
  const { table } = simulation;
  const items = table.storage.all().map(({ item }) => item as unknown as Item);
  const of = (entity: string) => items.filter((item) => item["__edb_e__"] === entity);
  const happened = of("journal-entry").flatMap(({ events }) => (events as { type: string }[]).map(({ type }) => type));
  const total = (counts: Iterable<number>) => [...counts].reduce((sum, n) => sum + n, 0);
  return {
    runs: 1,
    steps,
    calls: total(table.meter.calls.values()),
    requestsToStripe: total(simulation.stripeRequests.values()),
    modelledHours: (simulation.now() - witness.beganMs) / 3_600_000,
    wallMs: performance.now() - startedAt,
    faults: {
      ...Object.fromEntries(simulation.faultsMet()),
      "process died": simulation.crashes(),
      ...(plan.trouble.skewMs > 0 ? { "clocks were wrong": 1 } : {}),
    },
    orders: counted(of("order"), ({ status }) => String(status)),
    refunds: counted(of("refund"), ({ status }) => String(status)),
    disputes: counted(of("dispute"), ({ status }) => String(status)),
    other: {
      ...counted([...happened.filter((type) => ["order.reclaiming", "order.reclaimed"].includes(type))], (type) => type),
      "event cancelled": of("cancellation").length,
      "calm history": plan.trouble.kind === "calm" ? 1 : 0,
    },
  };
}

function counted<T>(list: readonly T[], nameOf: (one: T) => string): Counts {
  const counts: Counts = {};
  for (const one of list) counts[nameOf(one)] = (counts[nameOf(one)] ?? 0) + 1;
  return counts;
}

/** Both together. */
export function sum(a: Tally, b: Tally): Tally {
  const adding = (one: Counts, other: Counts): Counts =>
    Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].sort().map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
  return Object.fromEntries(
    Object.entries(a).map(([name, value]) => {
      const other = b[name as keyof Tally];
      return [name, typeof value === "number" ? value + (other as number) : adding(value, other as Counts)];
    }),
  ) as Tally;
}
