/** `bench [--quick] [--only section] [--assembly dir]`: measures the product against the numbers it has to meet. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { figuresInto, RAISED_LIMITS, tableOf, type Figure, type Section, type Size } from "./bench/report.ts";

const SECTIONS: Record<string, () => Promise<Section>> = {
  purchases: async () => (await import("./bench/purchases.ts")).purchases,
  calls: async () => (await import("./bench/calls.ts")).calls,
  ratios: async () => (await import("./bench/ratios.ts")).ratios,
  engine: async () => (await import("./bench/engine.ts")).engine,
  bundles: async () => (await import("./bench/bundles.ts")).bundles,
  memory: async () => (await import("./bench/memory.ts")).memory,
  oversell: async () => (await import("./bench/oversell.ts")).oversell,
};

const RUN = fileURLToPath(new URL("../bin/run.mjs", import.meta.url));

const HELP = `pnpm bench [--quick] [--only section] [--assembly dir]

  --quick      about a minute instead of five
  --only       one of ${Object.keys(SECTIONS).join(", ")}; may be repeated
  --assembly   a directory that synth wrote, instead of building one
  --tiny       only shows that everything works

Progress goes to stderr; figures go to stdout, one JSON object a line, then a table.
`;

type Values = { quick?: boolean; tiny?: boolean; assembly?: string };

/** Runs one section in this process and writes its figures. */
async function runSection(name: string, { quick, tiny, assembly }: Values): Promise<void> {
  const size: Size = tiny ? "tiny" : quick ? "quick" : "full";
  const figures: Figure[] = [];
  const started = performance.now();
  const say = (text: string) => void process.stderr.write(`  ${name.padEnd(10)}${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
  const section = await SECTIONS[name]!();
  await section({ size, assembly, say, figure: figuresInto(figures, name) });
  say("done");
  for (const figure of figures) process.stdout.write(`${JSON.stringify(figure)}\n`);
}

/** Runs it in a process of its own: nothing of another section's heap, and nothing of the developer's environment. */
async function inChild(name: string, { quick, tiny, assembly }: Values): Promise<Figure[]> {
  const { PATH, HOME, BENCH_NODE_OPTIONS } = process.env;
  const env = { PATH, HOME, ...(BENCH_NODE_OPTIONS ? { BENCH_NODE_OPTIONS } : {}) };
  const flags = [...(quick ? ["--quick"] : []), ...(tiny ? ["--tiny"] : []), ...(assembly ? ["--assembly", assembly] : [])];
  const child = spawn(process.execPath, [RUN, "bench", "--section", name, ...flags], { env, stdio: ["ignore", "pipe", "inherit"] });
  const end = () => child.kill();
  process.once("exit", end);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number | null];
  process.removeListener("exit", end);
  if (code !== 0) throw new Error(`${name} failed`);
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Figure);
}

/** Runs the sections one after the other. @returns the exit code: 1 when a section failed, not when a budget is missed */
export async function main(argv: readonly string[]): Promise<number> {
  const flag = { type: "boolean" } as const;
  const options = {
    quick: flag,
    tiny: flag,
    help: flag,
    only: { type: "string", multiple: true },
    assembly: { type: "string" },
    section: { type: "string" },
  } as const;
  // What a section started ends in its exit handlers, which a signal alone would not run.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  // pnpm passes a lone "--" on.
  const { values } = parseArgs({ args: argv.filter((argument) => argument !== "--"), options });
  const names = values.only ?? Object.keys(SECTIONS);
  if (values.help || names.some((name) => !SECTIONS[name])) {
    process.stdout.write(HELP);
    return values.help ? 0 : 1;
  }
  if (values.section) {
    await runSection(values.section, values);
    return 0;
  }
  process.stderr.write(`Limits of calls are raised: RATE_LIMITS=${RAISED_LIMITS}\n`);
  const figures: Figure[] = [];
  let failures = 0;
  for (const name of names) {
    await inChild(name, values).then(
      (some) => figures.push(...some),
      (error: unknown) => {
        failures += 1;
        process.stderr.write(`${String(error)}\n`);
      },
    );
  }
  for (const figure of figures) process.stdout.write(`${JSON.stringify(figure)}\n`);
  if (figures.length > 0) process.stdout.write(`${tableOf(figures)}\n`);
  return failures === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await main(process.argv.slice(2)));
