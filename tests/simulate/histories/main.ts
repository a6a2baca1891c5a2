/**
 * pnpm simulate [--runs N] [--seed S] [--workers N] [--json]
 *
 * Tells N random whole-shop histories, of the seeds S, S + 1, …, and checks every invariant in each. `--runs 1 --seed S` tells
 * exactly the one that failed. Ends with 1 when anything is violated.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { serveHistories, tellAll, WORKER } from "./workers.ts";
import { progressBar } from "../progress.ts";
import { failureText, Report } from "./report.ts";

const HELP = `pnpm simulate [--runs N] [--seed S] [--workers N] [--json]

  --runs      how many histories: 100
  --seed      of the first one: 1; the next ones count up
  --workers   processes at once: as many as there are cores
  --json      the report as JSON

Every history is a shop that something goes wrong in; each must keep every promise. Ends with 1 when one does not, and says how
to repeat exactly that one. A sale at internet scale: pnpm simulate --scale --help
`;

const LINE_EVERY_MS = 10_000;

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      workers: { type: "string", default: String(availableParallelism()) },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return process.stdout.write(HELP);
  const [runs, workers] = [Number(values.runs), Math.min(Number(values.runs), Number(values.workers))];
  if (![runs, workers].every((n) => Number.isSafeInteger(n) && n > 0)) throw new Error("--runs and --workers are whole numbers above 0");
  const report = new Report();
  const show = process.stderr.isTTY ? bar(runs) : lines(runs);
  await tellAll(seedsFrom(values.seed, runs), {
    workers,
    heard(told) {
      const failure = report.add(told);
      if (failure) process.stderr.write(failureText(failure));
      show(report);
    },
  });
  process.stdout.write(`${values.json ? JSON.stringify(report.asJson(), undefined, 2) : report.asText()}\n`);
  return report.failures.length === 0;
}

/** Numbers count up; any other seed gets a number behind it. The first is always the seed itself. */
function* seedsFrom(seed: string, runs: number): Generator<string> {
  const first = Number(seed);
  for (let n = 0; n < runs; n++) yield Number.isSafeInteger(first) ? String(first + n) : n === 0 ? seed : `${seed}/${n}`;
}

function bar(runs: number): (report: Report) => void {
  const { show, end } = progressBar();
  return ({ total, failures }) => {
    show(failures.length > 0 ? `${failures.length} failed` : "histories", total.runs / runs);
    if (total.runs === runs) end();
  };
}

function lines(runs: number): (report: Report) => void {
  let saidAt = performance.now();
  return ({ total, failures }) => {
    if (performance.now() - saidAt < LINE_EVERY_MS) return;
    saidAt = performance.now();
    process.stderr.write(`${total.runs}/${runs} histories, ${failures.length} failed\n`);
  };
}

if (process.argv.includes(WORKER)) serveHistories();
else if (!(await main())) process.exitCode = 1;
