import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/**
 * Gives the seats of an order that ended back, held or paying. The caller has made sure that every payment attempt is
 * cancelled at the provider. Refused when the seats are sold.
 */
export function release(at: Claim, orderId: string): Promise<Outcome> {
  return change(
    at,
    (bucket) =>
      bucket
        .data(({ available, claims }, { add, remove }) => {
          add(available, at.q);
          remove(claims[orderId]);
        })
        .where(({ claims }, { eq }) => `(${eq(claims[orderId].s, "h")} OR ${eq(claims[orderId].s, "p")}) AND ${eq(claims[orderId].q, at.q)}`),
    ({ claims }) => claims[orderId] === undefined,
  );
}
