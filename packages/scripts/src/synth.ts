/** Writes the CloudFormation templates and bundled functions that a deployment would use, without an AWS account. */
import { spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startLoopbackAccount } from "./synth/loopback-account.ts";

export type SynthOptions = {
  /** The repository. */
  root?: string;
  /** `production` keeps and protects its data; every other name is a throw-away stage. */
  stage?: string;
  /** Where templates and assets go. It is emptied first. */
  outDir?: string;
  /** Stage parameters. Every stage builds without any. */
  parameters?: Record<string, string>;
  /** Receives progress, line by line. */
  print?: (line: string) => void;
};

export type Synthesis = { directory: string; stage: string; stacks: string[]; seconds: number };

const region = "us-east-1";

/**
 * Runs the real `sst build` against a loopback AWS account.
 * It works in a directory of its own that links to the repository, so that several can run at once, and neither the
 * developer's AWS profile nor a `.env` file can reach it. Throws with sst's output when the build fails.
 */
export async function synth(options: SynthOptions = {}): Promise<Synthesis> {
  const startedAt = performance.now();
  const root = resolve(options.root ?? fileURLToPath(new URL("../../..", import.meta.url)));
  const stage = options.stage ?? "synth";
  const directory = resolve(root, options.outDir ?? ".sst/dist");
  const print = options.print ?? (() => {});

  print(`synth: building stage ${stage} into ${directory}`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const workspace = await makeWorkspace(root);
  const account = await startLoopbackAccount(region);
  const environment = { ...options.parameters, ...account.environment, ...isolation(workspace) };
  try {
    const { exit, output } = await runSst(root, workspace, ["build", "--stage", stage, "--to", directory], environment);
    if (exit !== 0) throw new Error(explain(output, account.unanswered));
  } finally {
    await account.close();
    await rm(workspace, { recursive: true, force: true });
  }

  const stacks = await stacksIn(directory);
  const seconds = (performance.now() - startedAt) / 1_000;
  print(`synth: ${stacks.length} stacks written in ${seconds.toFixed(1)} s`);
  return { directory, stage, stacks, seconds };
}

/** Names of the stacks in a directory that `synth` wrote. */
async function stacksIn(directory: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(directory, "manifest.json"), "utf8")) as { artifacts: Record<string, { type: string }> };
  return Object.entries(manifest.artifacts).flatMap(([name, { type }]) => (type === "aws:cloudformation:stack" ? [name] : []));
}

/** sst writes bundles and a compiled config beside `sst.config.ts`: give it a place that nobody else looks at. */
async function makeWorkspace(root: string): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), "fashionistas-synth-"));
  // sst compares the path of its config with where it lies, so this one is copied.
  for (const file of ["sst.config.ts", "package.json", "tsconfig.json"]) await cp(join(root, file), join(workspace, file), { dereference: true });
  for (const folder of ["stacks", "functions", "packages", "node_modules"]) await symlink(join(root, folder), join(workspace, folder), "dir");
  await mkdir(join(workspace, "bin"));
  await writeFile(join(workspace, "bin", "npm"), npmUnlessPointless);
  await chmod(join(workspace, "bin", "npm"), 0o755);
  return workspace;
}

/** sst runs `npm install` in every bundle. Nearly always there is nothing to install, and that is half of the build's time. */
const npmUnlessPointless = `#!/bin/sh
grep -q '"dependencies":{}' package.json && exit 0
PATH="\${PATH#*:}" exec npm "$@"
`;

function isolation(workspace: string): Record<string, string> {
  return {
    PATH: [join(workspace, "bin"), dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
    HOME: workspace,
    XDG_CONFIG_HOME: join(workspace, ".config"),
    CI: "true",
    SST_TELEMETRY_DISABLED: "1",
    SST_BUILD_CONCURRENCY: String(availableParallelism()),
  };
}

type Run = { exit: number | null; output: string };

function runSst(root: string, cwd: string, args: string[], env: Record<string, string>): Promise<Run> {
  const sst = createRequire(join(root, "package.json")).resolve("sst/cli/sst.js");
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [sst, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", fail);
    child.once("close", (exit) => done({ exit, output }));
  });
}

function explain(output: string, unanswered: readonly string[]): string {
  const asked = [...new Set(unanswered)].join(", ");
  return [
    "sst build failed.",
    ...(asked === "" ? [] : [`It asked AWS for ${asked}, which packages/scripts/src/synth/loopback-account.ts does not answer.`]),
    output.trim(),
  ].join("\n");
}

/** `synth [stage]` on the command line. @returns the exit code */
export async function main([stage]: readonly string[]): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    await synth({ print, ...(stage === undefined ? {} : { stage }) });
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
