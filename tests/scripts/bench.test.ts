import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { assemble, root } from "../stacks/assembly.ts";

type Figure = { bench: string; name: string; value: number; unit: string; budget?: string; ok?: boolean };

/** Every section, and rows without which it would say nothing. */
const ROWS: Record<string, RegExp[]> = {
  purchases: [1, 16, 64].flatMap((buyers) => [
    new RegExp(`^purchases per second at ${buyers}$`),
    ...[50, 95, 99].flatMap((share) => [new RegExp(`^purchase call p${share} at ${buyers}$`), new RegExp(`^call to fulfilled p${share} at ${buyers}$`)]),
  ]),
  calls: ["one pool", "2 pools"].flatMap((pools) =>
    [
      "stock, claim",
      "stock, start payment",
      "stock, confirm",
      "envelope",
      "paid transaction",
      "after \\(inbox, relay, consumers\\)",
      "request and webhook",
    ].map((row) => new RegExp(`^${pools}, ${row}: calls$`)),
  ),
  ratios: [/^claims to bare$/, /^reservations × calls to bare$/, /^paid purchases × calls to bare$/],
  engine: [/^speed kept$/, /^engine cpu per write/],
  bundles: [/^bare hono: size$/, /^api\/handler: size$/, /^api\/handler: import to bare hono \+ dynamodb$/],
  memory: [/^resident, idle with demo data$/, /^resident, most under load$/],
  oversell: [/^tickets sold of the stock/, /^buyers charged without their tickets$/, /^sold out: refusal p99$/],
};

test("the bench prints every row of every section, each a finite number, and finds nothing oversold", async () => {
  const { directory } = await assemble("production");
  const run = [join(root, "packages/scripts/bin/run.mjs"), "bench", "--tiny", "--assembly", directory];
  const { stdout } = await promisify(execFile)(process.execPath, run, { cwd: root, maxBuffer: 10 * 1024 * 1024 });
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  const figures = lines.map((line) => JSON.parse(line) as Figure);

  for (const [bench, rows] of Object.entries(ROWS)) {
    const names = figures.filter((figure) => figure.bench === bench).map(({ name }) => name);
    for (const row of rows)
      expect(
        names.some((name) => row.test(name)),
        `${bench}: ${row}`,
      ).toBe(true);
  }
  for (const { bench, name, value } of figures) expect(Number.isFinite(value), `${bench}: ${name} is ${value}`).toBe(true);
  expect(figures.filter(({ bench, budget, ok }) => bench === "oversell" && budget?.startsWith("=") && !ok)).toEqual([]);
  expect(stdout).toContain("\npurchases\n  purchases per second at 1 ");
}, 300_000);
