/** The gate before every commit: format, lint, boundaries, types and drift. Seconds, and no engine. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bin = (name: string) => `${root}node_modules/.bin/${name}`;
const script = (...args: string[]): [string, string[]] => [process.execPath, [`${root}packages/scripts/bin/run.mjs`, ...args]];

type Gate = { name: string; command: [file: string, args: string[]] };

/** Longest first: two run at a time. */
const gates: readonly Gate[] = [
  { name: "types", command: [bin("tsc"), ["--noEmit"]] },
  // A root with a configuration of its own, so that no global setup starts the engine.
  { name: "boundaries", command: [bin("vitest"), ["run", "--root", "tests/arch", "--reporter", "dot"]] },
  { name: "patterns", command: script("patterns", "--check") },
  ...(existsSync(`${root}packages/scripts/src/openapi.ts`) ? [{ name: "openapi", command: script("openapi", "--check") }] : []),
  { name: "lint", command: [bin("oxlint"), ["--deny-warnings"]] },
  { name: "format", command: [bin("oxfmt"), ["--check"]] },
];

function run({ command: [file, args] }: Gate): Promise<{ passed: boolean; output: string }> {
  return new Promise((done) => {
    const colour = process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
    const child = spawn(file, args, { cwd: root, env: { ...process.env, ...colour }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", (error) => done({ passed: false, output: error.message }));
    child.once("close", (code) => done({ passed: code === 0, output }));
  });
}

/** One line a gate, and what the tool said where it failed. @returns the exit code */
export async function main(): Promise<number> {
  const waiting = [...gates];
  let failures = 0;
  const worker = async () => {
    for (let gate = waiting.shift(); gate; gate = waiting.shift()) {
      const startedAt = performance.now();
      const { passed, output } = await run(gate);
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      process.stdout.write(`${passed ? "ok    " : "FAILED"}  ${gate.name.padEnd(10)}  ${seconds} s\n${passed ? "" : `${output.trim()}\n\n`}`);
      if (!passed) failures += 1;
    }
  };
  await Promise.all([worker(), worker()]);
  return failures === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
