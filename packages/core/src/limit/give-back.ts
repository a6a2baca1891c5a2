import { ignoreRefusal } from "../db/transact.ts";
import { Limits, type LimitClaim } from "./entity.ts";

/** Uncounts an order's share. Done once, however often it is repeated. */
export async function giveBack({ scope, key, q }: LimitClaim, orderId: string): Promise<void> {
  await Limits.patch({ scope, key })
    .data(({ taken, claims }, { subtract, remove }) => {
      subtract(taken, q);
      remove(claims[orderId]);
    })
    .where(({ claims }, { eq }) => eq(claims[orderId].q, q))
    .go()
    .catch(ignoreRefusal);
}
