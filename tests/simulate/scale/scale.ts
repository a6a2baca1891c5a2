/**
 * A sale at internet scale, in modelled time and within DynamoDB's limits: buyers arrive for one ticket type, whether or not
 * those before them were served, each with an idempotency key, an e-mail and often a phone that count under the limit per
 * person. Every request goes through the deployed handler. More seats are asked for than there are, so it sells out on the way;
 * the relay and the availability of open pages run along.
 */
import { isWhole, readPool } from "@fashionistas/core/pool";
import * as TicketType from "@fashionistas/core/ticket-type";
import { hottest, peakPerSecond, together, type Meter } from "../../kit/dynamo/meter.ts";
import { LIMITS, type Limits } from "../../kit/dynamo/throughput.ts";
import { createSimulation } from "../../kit/simulation/index.ts";
import { onSale, purchase } from "../../kit/simulation/shop.ts";
import { Fleet } from "./fleet.ts";

export type Load = {
  seed: string;
  /** Buyers who arrive in a second. */
  perSecond: number;
  seconds: number;
  seats: number;
  /** With groups of buckets on partitions of their own, or all buckets in one group. */
  highDemand: boolean;
  limits?: Partial<Limits>;
  /** Told how far it is. */
  progress?: (share: number) => void;
};

/** What one buyer met: when they meant to arrive, how long they waited, and what they were told. */
export type Served = { atMs: number; tookMs: number; status: number; code: string; paying: boolean };

export type ScaleResult = Awaited<ReturnType<typeof scale>>;

const REST_MS = 5_000;
const SKEW_MS = 50;
const SHARDS = 64;
const STRIPE_PERMITS = 40;

export async function scale({ seed, perSecond, seconds, seats, highDemand, limits, progress }: Load) {
  const simulation = await createSimulation({
    seed,
    limits: { ...LIMITS, ...limits },
    lagMs: { reads: 20, indexes: 100 },
    faults: { skewMs: SKEW_MS, deliveries: { lateMs: 250 } },
    shards: SHARDS,
    readers: ["outbox", "projections"],
    consumers: [],
    paymentStartsPerSecond: STRIPE_PERMITS,
  });
  simulation.table.changes.keeps = false;
  const arrivals = simulation.chance.of("arrivals");
  const buyers = simulation.chance.of("buyers");
  const fleet = new Fleet(simulation, "api");
  const served: Served[] = [];
  let [orders, ordered] = [0, 0];

  async function buy(typeId: string, n: number): Promise<void> {
    const intendedMs = simulation.now();
    const quantity = buyers.pick([1, 1, 2, 2, 2, 3, 4]);
    const phone = buyers.is(0.5) ? { phone: `+39333${String(1_000_000 + n)}` } : {};
    const buyer = { name: "Anna Rossi", email: `buyer-${n}@example.com`, ...phone };
    const { status, body } = await fleet.use((process) => purchase(simulation, typeId, "", { quantity, buyer, key: `key-${n}`, process }));
    served.push({
      atMs: intendedMs,
      tookMs: simulation.now() - intendedMs,
      status,
      code: String(body.code ?? ""),
      paying: status === 201 && body.payment !== null,
    });
    if (status !== 201) return;
    orders += 1;
    ordered += quantity;
  }

  return simulation.run(async () => {
    const { typeId } = await onSale(simulation, { quantityTotal: seats, maxPerBuyer: 4, highDemand }, { capacity: seats });
    await simulation.sleep(REST_MS);
    const [beganMs, callsBefore] = [simulation.now(), callsOf(simulation)];
    const many = Math.round(perSecond * seconds);
    const running: Promise<void>[] = [];
    for (let n = 0; n < many; n++) {
      await simulation.sleep(arrivals.exponential(1_000 / perSecond));
      running.push(buy(typeId, n));
      if (n % 200 === 0) progress?.(n / many);
    }
    const arrivedMs = simulation.now() - beganMs;
    await Promise.all(running);
    const calls = callsOf(simulation) - callsBefore;
    progress?.(1);
    const type = await simulation.as({ kind: "system", name: "count" }, () => TicketType.find(typeId));
    const buckets = await readPool({ poolId: typeId, groups: type!.groups });
    return {
      ...{ perSecond, writePerSecond: limits?.writePerSecond ?? LIMITS.writePerSecond, stripePermitsPerSecond: STRIPE_PERMITS, groups: type!.groups },
      ...{ served, orders, ordered, arrivedMs, calls, lambdas: fleet.started, stock: stockOf(buckets) },
      ...loadOf(simulation.table.meter),
      history: simulation.trace.hash(),
    };
  });
}

function callsOf({ table }: { table: { meter: { calls: Map<string, number> } } }): number {
  return [...table.meter.calls.values()].reduce((sum, calls) => sum + calls, 0);
}

function stockOf(buckets: Awaited<ReturnType<typeof readPool>>) {
  const sum = (of: (bucket: (typeof buckets)[number]) => number) => buckets.reduce((total, bucket) => total + of(bucket), 0);
  return {
    capacity: sum(({ capacity }) => capacity),
    available: sum(({ available }) => available),
    claimed: sum(({ claims }) => Object.values(claims).reduce((seats, { q }) => seats + q, 0)),
    broken: buckets.filter((bucket) => !isWhole(bucket)).length,
  };
}

function loadOf(meter: Meter) {
  const peaks = (of: Map<string, number[]>) => new Map([...of].map(([index, slots]) => [index, peakPerSecond(slots)]));
  return {
    writes: peaks(meter.writes),
    reads: peaks(meter.reads),
    writesTogether: peakPerSecond(together([...meter.writes.values()])),
    hot: { write: hottest(meter, "write", 12), read: hottest(meter, "read", 12) },
    throttled: meter.throttled,
    conflicts: meter.conflicts,
  };
}
