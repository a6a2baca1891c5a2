import { chance } from "./chance.ts";
import { isChangedMeanwhile } from "./error.ts";
import { sleep } from "./sleep.ts";

/**
 * Repeats `attempt` while `again(error)` says so, waiting a random time up to `baseMs × 2^n`, at most `capMs`.
 * The last error is thrown as it is.
 */
export async function retry<T>(
  options: { attempts: number; baseMs: number; capMs: number; again: (error: unknown) => boolean },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      if (n >= options.attempts || !options.again(error)) throw error;
      await sleep(1 + chance() * (Math.min(options.capMs, options.baseMs * 2 ** n) - 1));
    }
  }
}

/** Decides again on what stands now, when somebody changed it between reading and writing it. @throws what `decide` throws */
export function again<T>(decide: () => Promise<T>): Promise<T> {
  return retry({ attempts: 8, baseMs: 5, capMs: 200, again: isChangedMeanwhile }, decide);
}
