/** What a run of histories says in the end, and of each that failed. */
import { createHash } from "node:crypto";
import { sum, NOTHING, type Counts, type Tally } from "./tally.ts";
import type { Told } from "./history.ts";

export type Failure = { seed: string; violations: string[]; trace: string[] };

export class Report {
  total: Tally = NOTHING;
  readonly failures: Failure[] = [];
  readonly #hashes = new Map<string, string>();
  readonly #startedAt = performance.now();

  add(told: Told | { seed: string; broken: string }): Failure | undefined {
    const failure = "broken" in told ? { seed: told.seed, violations: [told.broken], trace: [] } : told;
    if (!("broken" in told)) {
      this.total = sum(this.total, told.tally);
      this.#hashes.set(told.seed, told.hash);
    }
    if (failure.violations.length === 0) return undefined;
    const { seed, violations, trace } = failure;
    this.failures.push({ seed, violations, trace });
    return this.failures.at(-1);
  }

  /** Of all that happened, in the order of the seeds: the same for the same seeds, however many workers told them. */
  hash(): string {
    const told = [...this.#hashes].sort(([a], [b]) => (a < b ? -1 : 1));
    return createHash("sha256").update(JSON.stringify(told)).digest("hex");
  }

  wallSeconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  asJson(): object {
    const { total, failures } = this;
    const seconds = this.wallSeconds();
    return {
      ...total,
      hash: this.hash(),
      wallSeconds: seconds,
      runsPerSecond: total.runs / seconds,
      failures: failures.map(({ seed, violations }) => ({ seed, violations })),
    };
  }

  asText(): string {
    const { total, failures } = this;
    const seconds = this.wallSeconds();
    const rows: [string, string][] = [
      ["histories", `${number(total.runs)}, ${number(failures.length)} with a violation`],
      ["steps", number(total.steps)],
      ["calls of the table", number(total.calls)],
      ["requests to Stripe", number(total.requestsToStripe)],
      ["modelled time", `${number(total.modelledHours)} h`],
      ["wall time", `${number(seconds)} s, ${(total.runs / seconds).toFixed(1)} histories/s`],
      ["faults", inWords(total.faults)],
      ["orders", inWords(total.orders)],
      ["refunds", inWords(total.refunds)],
      ["disputes", inWords(total.disputes)],
      ["also", inWords(total.other)],
      ["hash", this.hash().slice(0, 16)],
      ...(failures.length > 0 ? [["failed", failures.map(({ seed }) => seed).join(" ")] as [string, string]] : []),
    ];
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
  }
}

/** A failed history: what it violates, how it ended, and how to tell it again. */
export function failureText({ seed, violations, trace }: Failure): string {
  return [
    `\nseed ${seed}: ${violations.length} violated`,
    ...violations.map((what) => `  ✗ ${what}`),
    ...(trace.length > 0 ? ["  the end of its history:", ...trace.slice(-40).map((line) => `    ${line.slice(0, 200)}`)] : []),
    `  again: pnpm simulate --runs 1 --seed ${seed}\n`,
  ].join("\n");
}

const number = (n: number) => Math.round(n).toLocaleString("en-GB");

function inWords(counts: Counts): string {
  return Object.entries(counts)
    .filter(([, times]) => times > 0)
    .map(([name, times]) => `${number(times)} ${name}`)
    .join(", ");
}
