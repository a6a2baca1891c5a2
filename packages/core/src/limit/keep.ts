import { isMade } from "../db/transact.ts";
import { Limits, type LimitClaim, type StandingShare } from "./entity.ts";

/**
 * Money came for an order whose share an ending has given back, or still may: it counts, whatever the limit, and only
 * `takeBack` uncounts it. A share that was taken back stays so. Repeating it changes nothing.
 */
export async function keep({ scope, key, q }: LimitClaim, orderId: string): Promise<void> {
  const standing = () =>
    Limits.patch({ scope, key })
      .data(({ claims }, { set }) => set(claims[orderId].k, true))
      .where(({ claims }, { eq }) => eq(claims[orderId].q, q));
  const again = () =>
    Limits.patch({ scope, key })
      .data(({ taken, claims }, { add, set }) => {
        add(taken, q);
        set(claims[orderId], { q, e: 0, k: true } satisfies StandingShare);
      })
      .where(({ claims }, { notExists }) => notExists(claims[orderId]));
  // Absent and then present: what others made of it meanwhile is kept or taken back, and changes no more.
  for (let round = 1; round <= 2; round++) if ((await isMade(standing().go())) || (await isMade(again().go()))) return;
}
