import { hash32 } from "../simulation/chance.ts";

/**
 * What a table can take. A partition takes 1,000 write and 3,000 read units a second, with a bounded burst; keys lie on
 * partitions by a seeded hash, several may share one, and each index has partitions of its own. A request passes while its
 * partitions are not in debt, and then pays: what it costs is known only afterwards, as in DynamoDB.
 */
export type Limits = {
  /** Warm partitions of the table and of each index: what its warm throughput divides into. */
  partitions: number;
  writePerSecond: number;
  readPerSecond: number;
  /** How many seconds' worth a rested partition may take at once. */
  burstSeconds: number;
  /** Write units a second of the table with its indexes: the account's quota; undefined: none. */
  tableWritePerSecond: number | undefined;
};

export const LIMITS: Limits = { partitions: 512, writePerSecond: 1_000, readPerSecond: 3_000, burstSeconds: 0.5, tableWritePerSecond: undefined };

type Bucket = { tokens: number; at: number };
export type Place = { index: string; pk: string };
export type Throttle = { of: "partition" | "table"; index: string; pk: string; kind: "read" | "write" };

export class Throughput {
  readonly #limits: Limits;
  readonly #seed: string;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: Limits, seed: string) {
    this.#limits = limits;
    this.#seed = seed;
  }

  /** The partition of a key. */
  partitionOf({ index, pk }: Place): number {
    return hash32(`${this.#seed}|${index}|${pk}`) % this.#limits.partitions;
  }

  /** Which of these places is in debt, if any: then the request is throttled. */
  throttled(places: readonly Place[], kind: "read" | "write", nowMs: number): Throttle | undefined {
    for (const place of places) if (this.#bucket(place, kind, nowMs).tokens <= 0) return { of: "partition", ...place, kind };
    const quota = this.#limits.tableWritePerSecond;
    if (kind === "read" || quota === undefined || this.#refilled("table", quota, nowMs).tokens > 0) return undefined;
    return { of: "table", ...places[0]!, kind };
  }

  spend(place: Place, kind: "read" | "write", units: number, nowMs: number): void {
    this.#bucket(place, kind, nowMs).tokens -= units;
    const quota = this.#limits.tableWritePerSecond;
    if (kind === "write" && quota !== undefined) this.#refilled("table", quota, nowMs).tokens -= units;
  }

  #bucket(place: Place, kind: "read" | "write", nowMs: number): Bucket {
    const perSecond = kind === "read" ? this.#limits.readPerSecond : this.#limits.writePerSecond;
    return this.#refilled(`${kind}|${place.index}|${this.partitionOf(place)}`, perSecond, nowMs);
  }

  #refilled(id: string, perSecond: number, nowMs: number): Bucket {
    const burst = perSecond * this.#limits.burstSeconds;
    let bucket = this.#buckets.get(id);
    if (!bucket) this.#buckets.set(id, (bucket = { tokens: burst, at: nowMs }));
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.at) * perSecond) / 1_000);
    bucket.at = nowMs;
    return bucket;
  }
}
