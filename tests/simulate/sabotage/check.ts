import { expect, it } from "vitest";
import { tell } from "../histories/history.ts";
import type { Sabotage } from "./sabotage.ts";

// Refusals are errors by the thousand, and nobody reads where they were made.
Error.stackTraceLimit = 0;

/** So many histories are told at most until a bug has to be found. */
const BUDGET = 40;

/** Each of these bugs is found, and without it the same history breaks nothing. */
export function findsEach(sabotages: readonly Sabotage[]): void {
  it.each(sabotages.map((sabotage) => [sabotage.bug, sabotage] as const))(
    "find that %s",
    { timeout: 120_000 },
    async (_, { caughtAs, put, plan = (as) => as }) => {
      const told: string[] = [];
      for (let seed = 1; seed <= BUDGET; seed++) {
        const { violations } = await tell(String(seed), { plan, sabotage: put });
        told.push(...violations);
        if (!violations.some((what) => caughtAs.test(what))) continue;
        expect((await tell(String(seed), { plan })).violations, `seed ${seed} without the bug`).toEqual([]);
        return;
      }
      expect(told.slice(0, 20), `nothing like ${caughtAs} in ${BUDGET} histories`).toEqual(["found"]);
    },
  );
}
