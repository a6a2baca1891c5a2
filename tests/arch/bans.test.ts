import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { allFiles, lineOf, type Node, nodesOf, root, sourceOf } from "./source.ts";

describe("core", () => {
  it("asks the clock through context.ts alone: no `new Date()` without an argument", () => {
    const files = allFiles().filter((file) => file.startsWith("packages/core/src/") && !/\/(context|id)\.ts$/.test(file));
    const wrong = files.map(sourceOf).flatMap(({ file, text, tree }) =>
      nodesOf(tree)
        .filter(readsTheClock)
        .map(({ start }) => `${file}:${lineOf(text, start)}`),
    );
    expect(wrong, "Take `now` from the verb's scope, or now() of context.ts: tests travel in time.").toEqual([]);
  });
});

function readsTheClock({ type, callee, arguments: given }: Node): boolean {
  const isDate = (callee as { name?: string } | undefined)?.name === "Date";
  return isDate && (type === "CallExpression" || (type === "NewExpression" && (given as unknown[]).length === 0));
}

// One file each, linted together in a directory laid out like the repository.
const refused: readonly [what: string, file: string, text: string, instead: string][] = [
  ["process.env in core", "packages/core/src/order/a.ts", "export const a = process.env.A;", "core/src/config.ts"],
  ["process.env in functions", "functions/api/a.ts", "export const a = process.env.A;", "core/src/config.ts"],
  ["process.env in an integration", "packages/integrations/src/stripe/a.ts", "export const { env } = process;", "core/src/config.ts"],
  ["process.env by way of node:process", "functions/b.ts", `import { env } from "node:process";\nexport const a = env.A;`, "core/config.ts"],
  ["Date.now in core", "packages/core/src/order/b.ts", "export const b = Date.now();", "now() of context.ts"],
  ["Math.random in core", "packages/core/src/order/c.ts", "export const c = Math.random();", "newId()"],
  ["timers in core", "packages/core/src/order/e.ts", `import { setTimeout } from "node:timers/promises";\nexport const e = setTimeout;`, "core/src/sleep.ts"],
  ["timers in functions", "functions/e.ts", `import { setTimeout } from "node:timers/promises";\nexport const e = setTimeout;`, "core/src/sleep.ts"],
  ["console in core", "packages/core/src/order/d.ts", `console.log("d");`, "core/src/log.ts"],
  ["console in an integration", "packages/integrations/src/wati/d.ts", `console.log("d");`, "core/src/log.ts"],
  ["console in functions", "functions/d.ts", `console.log("d");`, "core/src/log.ts"],
  ["mocks of our own code", "tests/e.test.ts", `import { vi } from "vitest";\nvi.mock("../packages/core/src/order/place.ts");`, "Run the real code"],
];
const allowed: readonly [what: string, file: string, text: string][] = [
  ["process.env in config.ts", "packages/core/src/config.ts", "export const a = process.env.A;"],
  ["process.env on the local machine", "packages/local/src/a.ts", "export const a = process.env.A;"],
  ["the clock in context.ts", "packages/core/src/context.ts", "export const b = Date.now();"],
  ["an instant made from text", "packages/core/src/time.ts", `export const c = [new Date("2027-02-24T18:30:00Z"), Date.parse("2027")];`],
  ["timers in sleep.ts", "packages/core/src/sleep.ts", `import { setTimeout } from "node:timers/promises";\nexport const f = setTimeout;`],
  ["console in scripts", "packages/scripts/src/d.ts", `console.log("d");`],
];

describe("the linter", () => {
  let found: { filename: string; message: string; help?: string }[];
  beforeAll(() => {
    const planted = mkdtempSync(join(tmpdir(), "fashionistas-lint-"));
    cpSync(join(root, ".oxlintrc.json"), join(planted, ".oxlintrc.json"));
    for (const [, file, text] of [...refused, ...allowed]) {
      mkdirSync(dirname(join(planted, file)), { recursive: true });
      writeFileSync(join(planted, file), text);
    }
    const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "json"], { cwd: planted, encoding: "utf8" });
    found = (JSON.parse(stdout) as { diagnostics: typeof found }).diagnostics;
    rmSync(planted, { recursive: true });
  });
  const wordsAbout = (file: string) => found.filter(({ filename }) => filename === file).map(({ message, help }) => `${message} ${help ?? ""}`);

  it.each(refused)("refuses %s and says what to do instead", (_, file, __, instead) => {
    expect(wordsAbout(file)).toEqual([expect.stringContaining(instead)]);
  });

  it.each(allowed)("allows %s", (_, file) => {
    expect(wordsAbout(file)).toEqual([]);
  });
});
