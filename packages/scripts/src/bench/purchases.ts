import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, atMost, percentile, sized, type Bench, type Section } from "./report.ts";
import { openShop, watchFulfilled, type Sale, type Shop } from "./shop.ts";
import { cpuByPart, PARTS, withStack, type Stack } from "./stack.ts";

/**
 * Paid purchases through the local HTTP API: each of 1, 16 and 64 buyers buys, pays and comes back when the order is
 * fulfilled. This process is the load generator and the stack is another one; both share the machine.
 */
export const purchases: Section = async (bench) => {
  const seconds = sized(bench, 15, 3, 1);
  await withStack({ demo: false }, async (stack) => {
    const shop = await openShop(stack.baseUrl);
    await load(bench, stack, shop, { buyers: 8, warmUpS: 0, seconds: sized(bench, 4, 2, 0.5) });
    for (const buyers of [1, 16, 64]) await report(bench, buyers, await load(bench, stack, shop, { buyers, warmUpS: sized(bench, 3, 1, 0.2), seconds }));
    shop.close();
  });
};

type Purchase = { callMs: number; wayMs: number; fulfilledAt: number };
type Load = { purchases: Purchase[]; perSecond: number; cpuMs: Record<string, number> };

const SEATS_PER_SECOND = 200;

/** Keeps so many buyers busy and measures the part after the warm-up. */
export async function load(
  { say }: Pick<Bench, "say">,
  stack: Stack,
  shop: Shop,
  { buyers, warmUpS, seconds }: { buyers: number; warmUpS: number; seconds: number },
): Promise<Load> {
  say(`${buyers} buyer${buyers === 1 ? "" : "s"} for ${warmUpS + seconds} s`);
  const sale = await shop.onSale({ seats: Math.ceil(SEATS_PER_SECOND * (warmUpS + seconds)) });
  const watch = watchFulfilled(shop, 10 + 1.5 * buyers);
  const from = Date.now() + warmUpS * 1_000;
  const until = from + seconds * 1_000;
  const purchases: Purchase[] = [];
  const buyer = async () => {
    while (Date.now() < until) purchases.push(await buyOnce(shop, sale, watch));
  };
  const measured = sleep(warmUpS * 1_000)
    .then(() => usage(stack))
    .then(async (before) => {
      await sleep(until - Date.now());
      const after = usage(stack);
      return Object.fromEntries(Object.entries(after).map(([part, ms]) => [part, ms - before[part as keyof typeof before]]));
    });
  await Promise.all(Array.from({ length: buyers }, buyer));
  watch.close();
  const inTime = purchases.filter(({ fulfilledAt }) => fulfilledAt >= from && fulfilledAt < until);
  const cpuMs = Object.fromEntries(Object.entries(await measured).map(([part, ms]) => [part, ms / Math.max(1, inTime.length)]));
  // A busy machine may finish none within a very short measurement: then any purchase tells more than nothing.
  return { purchases: inTime.length > 0 ? inTime : purchases, perSecond: inTime.length / seconds, cpuMs };
}

async function buyOnce(shop: Shop, sale: Sale, watch: ReturnType<typeof watchFulfilled>): Promise<Purchase> {
  const startedAt = Date.now();
  const started = performance.now();
  const { status, body } = await shop.purchase(sale);
  const callMs = performance.now() - started;
  if (status !== 201) throw new Error(`purchase: ${status} ${JSON.stringify(body)}`);
  const fulfilled = watch.fulfilled(body.order.id);
  await Promise.all([shop.pay(body), fulfilled]);
  const fulfilledAt = await fulfilled;
  return { callMs, wayMs: fulfilledAt - startedAt, fulfilledAt };
}

function usage(stack: Stack) {
  const { user, system } = process.cpuUsage();
  return { ...cpuByPart(stack), "load generator": (user + system) / 1_000 };
}

function report({ figure }: Bench, buyers: number, { purchases, perSecond, cpuMs }: Load): void {
  const at = `at ${buyers}`;
  figure(`purchases per second ${at}`, perSecond, "1/s", buyers === 64 ? atLeast(100) : undefined);
  const times = { "purchase call": purchases.map(({ callMs }) => callMs), "call to fulfilled": purchases.map(({ wayMs }) => wayMs) };
  for (const [what, values] of Object.entries(times)) {
    for (const share of [0.5, 0.95, 0.99]) {
      const budget = what === "purchase call" && share === 0.99 ? atMost(500) : undefined;
      figure(`${what} p${share * 100} ${at}`, percentile(values, share), "ms", budget);
    }
  }
  for (const part of [...PARTS, "load generator"]) figure(`cpu per purchase, ${part}, ${at}`, cpuMs[part] ?? 0, "ms");
}
