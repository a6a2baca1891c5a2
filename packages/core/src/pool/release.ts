import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/**
 * Gives the seats of an order that ended back, held or paying. The caller has made sure that every payment attempt is
 * cancelled at the provider. Refused when the seats are sold.
 */
export function release(at: Claim, orderId: string): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET a = a + :q REMOVE m.#order",
      condition: "m.#order.q = :q AND m.#order.s IN (:held, :paying)",
      names: { "#order": orderId },
      values: { ":q": at.q, ":held": "h", ":paying": "p" },
    },
    ({ claims }) => claims[orderId] === undefined,
  );
}
