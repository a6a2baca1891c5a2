import { isMade } from "../db/transact.ts";
import { Limits, type LimitClaim, type StandingShare } from "./entity.ts";

const BARRED = { q: 0, e: 0, k: true } as const satisfies StandingShare;

/**
 * Uncounts the share of an order that can never have tickets any more, a kept one too, and bars the order for ever: a worker
 * who still believes in it counts nothing again, not even where nothing is counted. Repeating it changes nothing.
 */
export async function takeBack({ scope, key, q }: LimitClaim, orderId: string): Promise<void> {
  const standing = () =>
    Limits.patch({ scope, key })
      .data(({ taken, claims }, { subtract, set }) => {
        subtract(taken, q);
        set(claims[orderId], BARRED);
      })
      .where(({ claims }, { eq }) => eq(claims[orderId].q, q));
  const absent = () =>
    Limits.patch({ scope, key })
      .data(({ claims }, { set }) => set(claims[orderId], BARRED))
      .where(({ claims }, { notExists }) => notExists(claims[orderId]));
  // Absent and then present: such a worker has kept it meanwhile, or somebody else barred it.
  for (let round = 1; round <= 2; round++) if ((await isMade(standing().go())) || (await isMade(absent().go()))) return;
}
