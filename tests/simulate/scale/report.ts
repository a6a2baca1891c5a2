import { atLeast, atMost, exactly, figuresInto, percentile, type Figure } from "../../../packages/scripts/src/bench/report.ts";
import type { ScaleResult, Served } from "./scale.ts";

/** What a sale at scale showed, what it promised, and what to ask AWS and Stripe for. */

export const PROMISED_P99_MS = 50;
/** Who is refused may have waited for somebody who looked at the whole stock. */
const PROMISED_REFUSAL_P99_MS = 500;
/** What is asked for above the busiest second, so that a busier one is no surprise. */
const HEADROOM = 1.5;
/** Regions that may be asked for, as AWS gives them: write units a second of a table, processes, requests a second. */
const DEFAULTS = { tableWrites: 40_000, lambdas: 1_000, requests: 10_000, busEntries: 10_000, stripe: 100 };
const HOLD_MINUTES = 15;
/** One makes the payment, one reads it when its webhook has come. */
const REQUESTS_PER_PAYMENT = 2;

export function figuresOf(result: ScaleResult): Figure[] {
  const figures: Figure[] = [];
  const figure = figuresInto(figures, "one type in high demand");
  const { served, stock, groups, arrivedMs, perSecond } = result;
  figure("groups of buckets", groups, "groups");
  figure("arrived", (served.length / arrivedMs) * 1_000, "buyers/s", atLeast(perSecond * 0.95));
  // The first who was refused came when the last seats were going.
  const lastSeatsMs = Math.min(...served.filter(isSoldOut).map(({ atMs }) => atMs));
  latencies(
    figure,
    "reserved",
    served.filter((one) => isReserved(one) && one.atMs < lastSeatsMs),
    PROMISED_P99_MS,
  );
  latencies(
    figure,
    "reserved, of the last seats",
    served.filter((one) => isReserved(one) && one.atMs >= lastSeatsMs),
  );
  latencies(figure, "reserved, payment started", served.filter(hasPayment));
  latencies(figure, "refused, sold out", served.filter(isSoldOut), PROMISED_REFUSAL_P99_MS);
  figure("other answers", served.filter((one) => !isReserved(one) && !hasPayment(one) && !isSoldOut(one)).length, "answers", exactly(0));
  figure("seats offered", stock.capacity, "seats");
  figure("seats reserved", stock.claimed, "seats", atMost(stock.capacity));
  figure("seats of orders and of buckets differ", Math.abs(stock.claimed - result.ordered), "seats", exactly(0));
  figure("broken buckets", stock.broken, "buckets", exactly(0));
  figure("throttled calls", sum(result.throttled.values()), "calls");
  figure("database calls each", result.calls / served.length, "calls");
  return figures;
}

/** The same load on one group: one partition is asked for ten times what it can take. */
export function figuresOfOneGroup(result: ScaleResult): Figure[] {
  const figures: Figure[] = [];
  const figure = figuresInto(figures, "the same load, one group");
  const tooMuch = result.perSecond >= 2 * result.writePerSecond;
  figure("groups of buckets", result.groups, "groups", exactly(1));
  figure(
    "answers: p99",
    percentile(
      result.served.map(({ tookMs }) => tookMs),
      0.99,
    ),
    "ms",
    tooMuch ? atLeast(PROMISED_P99_MS * 10) : undefined,
  );
  figure("failed", (result.served.filter(({ status }) => status >= 500).length / result.served.length) * 100, "%");
  figure("throttled calls", sum(result.throttled.values()), "calls", tooMuch ? atLeast(1) : undefined);
  figure("seats reserved", result.stock.claimed, "seats", atMost(result.stock.capacity));
  return figures;
}

/** Quotas for this load, from what was measured: the busiest second and half as much again. */
export function quotasOf(result: ScaleResult): Figure[] {
  const figures: Figure[] = [];
  const figure = figuresInto(figures, "quotas to ask for");
  const { served, perSecond, writes, reads, writesTogether } = result;
  const ask = (value: number) => Math.ceil((value * HEADROOM) / 1_000) * 1_000;
  for (const [index, peak] of writes) if (peak >= perSecond / 100) figure(`DynamoDB: peak writes, ${index}`, peak, "units/s");
  figure(`DynamoDB: table quota, indexes included (${DEFAULTS.tableWrites} by default)`, ask(writesTogether), "units/s");
  for (const [index, peak] of writes) if (peak >= perSecond / 100) figure(`DynamoDB: warm throughput, writes, ${index}`, ask(peak), "units/s");
  figure("DynamoDB: warm throughput, reads, table", ask(reads.get("table") ?? 0), "units/s");
  const meanMs = sum(served.map(({ tookMs }) => tookMs)) / served.length;
  figure("Lambda: concurrency by Little's law (arrivals × mean)", (perSecond * meanMs) / 1_000, "processes");
  figure("Lambda: processes that were started", result.lambdas, "processes");
  figure(`Lambda: provisioned concurrency (${DEFAULTS.lambdas} is the account's by default)`, Math.ceil((result.lambdas * HEADROOM) / 100) * 100, "processes");
  figure(`API Gateway: requests (${DEFAULTS.requests} is the account's by default)`, ask(perSecond), "requests/s");
  figure(`EventBridge: PutEvents entries (${DEFAULTS.busEntries} by default)`, ask((result.orders / result.arrivedMs) * 1_000), "entries/s");
  const waiting = served.filter(isReserved).length;
  const permitted = result.stripePermitsPerSecond;
  figure("Stripe: orders that wait for a payment to be started", waiting, "orders");
  figure(`Stripe: at ${permitted} payments a second they wait up to`, waiting / permitted / 60, "minutes");
  figure(
    `Stripe: requests (${DEFAULTS.stripe} by default), so that none waits longer than its hold`,
    Math.max(DEFAULTS.stripe, Math.ceil((waiting / (HOLD_MINUTES * 60)) * REQUESTS_PER_PAYMENT * HEADROOM)),
    "requests/s",
  );
  return figures;
}

const isReserved = ({ status, paying }: Served) => status === 201 && !paying;
const hasPayment = ({ status, paying }: Served) => status === 201 && paying;
const isSoldOut = ({ status, code }: Served) => status === 409 && code.startsWith("ticket_type.");

function latencies(figure: ReturnType<typeof figuresInto>, name: string, served: readonly Served[], promisedMs?: number): void {
  const took = served.map(({ tookMs }) => tookMs);
  figure(`${name}: buyers`, took.length, "buyers");
  if (took.length === 0) return;
  figure(`${name}: p50`, percentile(took, 0.5), "ms");
  figure(`${name}: p99`, percentile(took, 0.99), "ms", promisedMs === undefined ? undefined : atMost(promisedMs));
  figure(`${name}: p99.9`, percentile(took, 0.999), "ms");
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
