/**
 * pnpm simulate --scale [--seed S] [--per-second N] [--seconds S] [--seats N] [--json]
 *
 * A sale at internet scale in modelled time: one type in high demand, then the same load on a type in one group, which fails.
 * Ends with 1 when a promise is broken.
 */
import { parseArgs } from "node:util";
import { tableOf } from "../../../packages/scripts/src/bench/report.ts";
import { progressBar } from "../progress.ts";
import { figuresOf, figuresOfOneGroup, quotasOf } from "./report.ts";
import { scale } from "./scale.ts";

const HELP = `pnpm simulate --scale [--seed S] [--per-second N] [--seconds S] [--seats N] [--json]

  --seed         of the arrivals, the placement of keys and the latencies: 1
  --per-second   buyers: 10000
  --seconds      of modelled time: 2
  --seats        of the one type that they want: 20000
  --json         figures, hot keys and the history's mark as JSON

The same load on a type in one group follows, which fails. Ends with 1 when a promise is broken.
`;

const { values: options } = parseArgs({
  options: {
    scale: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    "per-second": { type: "string", default: "10000" },
    seconds: { type: "string", default: "2" },
    seats: { type: "string", default: "20000" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Of the load on one group it takes this much to see it fail. */
const ONE_GROUP_SECONDS = 0.2;

async function runScale(): Promise<boolean> {
  const load = { seed: options.seed, perSecond: Number(options["per-second"]), seconds: Number(options.seconds), seats: Number(options.seats) };
  const bar = progressBar();
  const many = await scale({ ...load, highDemand: true, progress: (share) => bar.show("many groups", share) });
  const one = await scale({
    ...load,
    seconds: Math.min(load.seconds, ONE_GROUP_SECONDS),
    highDemand: false,
    progress: (share) => bar.show("one group", share),
  });
  bar.end();
  const figures = [...figuresOf(many), ...figuresOfOneGroup(one), ...quotasOf(many)];
  const hot = { writes: many.hot.write.slice(0, 5), reads: many.hot.read.slice(0, 5) };
  if (options.json) process.stdout.write(`${JSON.stringify({ seed: load.seed, figures, hot, history: many.history }, undefined, 2)}\n`);
  else process.stdout.write(`${tableOf(figures)}\n\nseed ${load.seed}, history ${many.history.slice(0, 16)}\n`);
  return figures.every(({ ok }) => ok !== false);
}

if (options.help) process.stdout.write(HELP);
else if (!(await runScale())) process.exitCode = 1;
