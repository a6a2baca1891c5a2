/**
 * Histories on all cores: processes of their own, each told one seed at a time. A history depends on nothing but its seed, so
 * neither their number nor their order changes what is found.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { tell, type Told } from "./history.ts";

const RUN = fileURLToPath(new URL("../run.mjs", import.meta.url));
export const WORKER = "--worker";

/** What one history takes at most; one that takes longer is a violation too. */
const LONGEST_MS = 180_000;
// A history makes much that it soon forgets: a larger nursery saves a tenth of the time.
const NODE_OPTIONS = ["--max-semi-space-size=64"];

type Heard = (told: Told | { seed: string; broken: string }) => void;

/** Tells the histories of these seeds, and is told of each when it is over. */
export async function tellAll(seeds: Iterable<string>, { workers, heard }: { workers: number; heard: Heard }): Promise<void> {
  const left = seeds[Symbol.iterator]();
  await Promise.all(Array.from({ length: workers }, () => work(left, heard)));
}

async function work(left: Iterator<string>, heard: Heard): Promise<void> {
  let child: ChildProcess | undefined;
  for (let next = left.next(); !next.done; next = left.next()) {
    child ??= fork(RUN, [WORKER], { execArgv: NODE_OPTIONS });
    const told = await askFor(child, next.value);
    heard(told);
    if (!("broken" in told)) continue;
    child.kill("SIGKILL");
    child = undefined;
  }
  child?.kill();
}

function askFor(child: ChildProcess, seed: string): Promise<Told | { seed: string; broken: string }> {
  return new Promise((resolve) => {
    const end = (answer: Told | { seed: string; broken: string }) => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      resolve(answer);
    };
    const onMessage = (told: unknown) => end(told as Told);
    const onExit = (code: number | null) => end({ seed, broken: `its process ended with ${code}` });
    const timer = setTimeout(() => end({ seed, broken: `it took more than ${LONGEST_MS / 1_000} s` }), LONGEST_MS);
    child.on("message", onMessage).on("exit", onExit);
    child.send(seed);
  });
}

/** What a worker does: tells the histories whose seeds it is sent. */
export function serveHistories(): void {
  process.on("message", (seed: string) => void tell(seed).then((told) => process.send!(told)));
  process.on("disconnect", () => process.exit());
}
