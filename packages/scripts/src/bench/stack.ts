import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuMs, cpuOf, familyOf, nameOf } from "./proc.ts";
import { RAISED_LIMITS } from "./report.ts";

/** `pnpm dev` as a process of its own, on a data folder and a port of its own. */
export type Stack = { baseUrl: string; pid: number; stop(): Promise<void> };

const DEV = fileURLToPath(new URL("../../../local/bin/dev.mjs", import.meta.url));
const START_MS = 60_000;
const STOP_MS = 10_000;

/** Starts it and waits until it says that it runs. @throws Error with its output when it does not */
export async function startStack({ demo }: { demo: boolean }): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), "fashionistas-bench-"));
  const port = await freePort();
  // Nothing of the developer's: a variable for another vendor or engine would change what is measured.
  const { PATH, HOME, BENCH_NODE_OPTIONS } = process.env;
  const env = {
    PATH,
    HOME,
    DATA_DIR: dataDir,
    PORT: String(port),
    RATE_LIMITS: RAISED_LIMITS,
    ...(BENCH_NODE_OPTIONS ? { NODE_OPTIONS: BENCH_NODE_OPTIONS } : {}),
  };
  const child = spawn(process.execPath, [DEV, ...(demo ? [] : ["--no-demo"])], { env, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let output = "";
  const running = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the stack does not start")), START_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-10_000);
        if (output.includes("Fashionistas is running")) resolve(clearTimeout(timer));
      });
    }
    child.once("exit", () => reject(new Error("the stack ended")));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(kill, STOP_MS);
    await exited;
    clearTimeout(timer);
    process.removeListener("exit", kill);
    rmSync(dataDir, { recursive: true, force: true });
  };
  await running.catch(async (error: Error) => {
    await stop();
    throw new Error(`${error.message}:\n${output}`);
  });
  return { baseUrl: `http://127.0.0.1:${port}`, pid: child.pid!, stop };
}

/** Runs `work` on a fresh stack and stops it, whatever happens. */
export async function withStack<T>(options: { demo: boolean }, work: (stack: Stack) => Promise<T>): Promise<T> {
  const stack = await startStack(options);
  try {
    return await work(stack);
  } finally {
    await stack.stop();
  }
}

export const PARTS = ["api thread", "background thread", "other threads", "engine"] as const;

/** CPU time of the stack's parts so far, in ms: its two busy threads, garbage collection and I/O, and the engine. */
export function cpuByPart({ pid }: Stack): Record<(typeof PARTS)[number], number> {
  const threads = cpuOf(pid);
  const api = threads.get(pid) ?? 0;
  const others = [...threads].filter(([thread]) => thread !== pid).map(([, ms]) => ms);
  const background = Math.max(0, ...others);
  const engine = familyOf(pid).find((one) => nameOf(one) === "dynoxide");
  return {
    "api thread": api,
    "background thread": background,
    "other threads": others.reduce((sum, ms) => sum + ms, 0) - background,
    engine: engine ? cpuMs(engine) : 0,
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
