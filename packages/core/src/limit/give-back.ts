import { ignoreRefusal } from "../db/transact.ts";
import { Limits, type LimitClaim } from "./entity.ts";

/** Uncounts the share of an order that ended. Done once, however often it is repeated; a share that is kept stays. */
export async function giveBack({ scope, key, q }: LimitClaim, orderId: string): Promise<void> {
  await Limits.patch({ scope, key })
    .data(({ taken, claims }, { subtract, remove }) => {
      subtract(taken, q);
      remove(claims[orderId]);
    })
    .where(({ claims }, { eq, notExists }) => `${eq(claims[orderId].q, q)} AND ${notExists(claims[orderId].k)}`)
    .go()
    .catch(ignoreRefusal);
}
