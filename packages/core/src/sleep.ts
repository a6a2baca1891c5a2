import { setTimeout as wait } from "node:timers/promises";

let sleeper: (ms: number) => Promise<unknown> = (ms) => wait(ms);

/** Lets `ms` pass. */
export async function sleep(ms: number): Promise<void> {
  await sleeper(ms);
}

/** Replaces how time passes, for tests that live in modelled time; undefined brings the real one back. */
export function setSleep(replacement: ((ms: number) => Promise<unknown>) | undefined): void {
  sleeper = replacement ?? ((ms) => wait(ms));
}
