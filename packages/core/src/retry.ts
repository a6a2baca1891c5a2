import { chance } from "./chance.ts";
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
