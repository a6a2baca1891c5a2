import { isMade, refusedItem } from "../db/transact.ts";
import { Limits, type LimitClaim, type StandingShare } from "./entity.ts";

/** Taken, or refused with what is taken already and by which orders. */
export type Taking = { outcome: "done" } | { outcome: "refused"; taken: number; shares: Record<string, StandingShare> };

/**
 * Counts `q` for an order under a limit. Done when it counts already. Most who buy have bought nothing before, so the count is
 * begun first; only when there is one is it added to.
 */
export async function take({ scope, key, q }: LimitClaim, orderId: string, limit: number, expiresAtS: number): Promise<Taking> {
  if (q <= limit && (await begun({ scope, key, q }, orderId, expiresAtS))) return { outcome: "done" };
  for (;;) {
    try {
      await Limits.patch({ scope, key })
        .data(({ taken, claims }, { add, set }) => {
          add(taken, q);
          set(claims[orderId], { q, e: expiresAtS });
        })
        .where(({ taken, claims }, { lte, notExists }) => `${lte(taken, limit - q)} AND ${notExists(claims[orderId])}`)
        .go({ params: { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } });
      return { outcome: "done" };
    } catch (error) {
      const refused = refusedItem(error);
      if (!refused) throw error;
      const { standing } = refused;
      const shares = (standing?.["claims"] ?? {}) as Record<string, StandingShare>;
      if (shares[orderId]) return { outcome: "done" };
      if (standing || q > limit) return { outcome: "refused", taken: Number(standing?.["taken"] ?? 0), shares };
      if (await begun({ scope, key, q }, orderId, expiresAtS)) return { outcome: "done" };
    }
  }
}

/** Begins a count with this order's share. @returns false when there is one */
function begun({ scope, key, q }: LimitClaim, orderId: string, expiresAtS: number): Promise<boolean> {
  return isMade(Limits.create({ scope, key, taken: q, claims: { [orderId]: { q, e: expiresAtS } } }).go());
}
