/** `bench [--quick] [--only section] [--assembly dir]`: measures the product against the numbers it has to meet. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { figuresInto, tableOf, type Figure, type Section, type Size } from "./bench/report.ts";

const SECTIONS: Record<string, () => Promise<Section>> = {
  purchases: async () => (await import("./bench/purchases.ts")).purchases,
  calls: async () => (await import("./bench/calls.ts")).calls,
  ratios: async () => (await import("./bench/ratios.ts")).ratios,
  engine: async () => (await import("./bench/engine.ts")).engine,
  bundles: async () => (await import("./bench/bundles.ts")).bundles,
  memory: async () => (await import("./bench/memory.ts")).memory,
  oversell: async () => (await import("./bench/oversell.ts")).oversell,
};

const HELP = `pnpm bench [--quick] [--only section] [--assembly dir]

  --quick      about a minute instead of five
  --only       one of ${Object.keys(SECTIONS).join(", ")}; may be repeated
  --assembly   a directory that synth wrote, instead of building one
  --tiny       only shows that everything works

Progress goes to stderr; figures go to stdout, one JSON object a line, then a table.
`;

/** Runs the sections one after the other. @returns the exit code: 1 when a section failed, not when a budget is missed */
export async function main(argv: readonly string[]): Promise<number> {
  const options = { quick: { type: "boolean" }, tiny: { type: "boolean" }, help: { type: "boolean" }, only: { type: "string", multiple: true }, assembly: { type: "string" } } as const;
  // pnpm passes a lone "--" on.
  const { values } = parseArgs({ args: argv.filter((argument) => argument !== "--"), options });
  const names = values.only ?? Object.keys(SECTIONS);
  if (values.help || names.some((name) => !SECTIONS[name])) {
    process.stdout.write(HELP);
    return values.help ? 0 : 1;
  }
  const size: Size = values.tiny ? "tiny" : values.quick ? "quick" : "full";
  const started = performance.now();
  const figures: Figure[] = [];
  let failures = 0;
  for (const name of names) {
    const say = (text: string) => void process.stderr.write(`${String(Math.round((performance.now() - started) / 1_000)).padStart(4)} s  ${name}: ${text}\n`);
    try {
      const section = await SECTIONS[name]!();
      await section({ size, assembly: values.assembly, say, figure: figuresInto(figures, name) });
    } catch (error) {
      failures += 1;
      say(`FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  for (const figure of figures) process.stdout.write(`${JSON.stringify(figure)}\n`);
  if (figures.length > 0) process.stdout.write(`${tableOf(figures)}\n`);
  return failures === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await main(process.argv.slice(2)));
