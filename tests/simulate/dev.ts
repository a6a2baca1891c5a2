import { scale } from "./scale.ts";
const arg = (n: string, d: number) => Number(process.argv[process.argv.indexOf(`--${n}`) + 1] ?? d) || d;
const t = performance.now();
const r = await scale({
  seed: "1",
  perSecond: arg("rate", 10000),
  seconds: arg("seconds", 1),
  seats: arg("seats", 24000),
  highDemand: !process.argv.includes("--one"),
});
const pct = (v: number[], p: number) => [...v].sort((a, b) => a - b)[Math.floor(v.length * p)]?.toFixed(1);
const by = new Map<string, number[]>();
for (const s of r.served) {
  const k = `${s.status} ${s.code}`;
  by.set(k, [...(by.get(k) ?? []), s.tookMs]);
}
console.log("real ms", performance.now() - t, "steps", r.simulation.table.meter.calls);
for (const [k, v] of by) console.log(k, v.length, "p50", pct(v, 0.5), "p90", pct(v, 0.9), "p99", pct(v, 0.99), "max", pct(v, 0.99999));
console.log(r.stock, r.lambdas, "calls", r.calls, r.groups, r.arrivedMs, r.servedMs);
console.log(r.writes, r.reads, r.writesTogether);
console.log(r.hot);
console.log([...r.throttled].sort((a, b) => b[1] - a[1]).slice(0, 25), [...r.conflicts].slice(0, 20));
