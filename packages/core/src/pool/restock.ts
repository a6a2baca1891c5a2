import { change, type Outcome } from "./change.ts";
import { CLAIM_WORDS, type Claim } from "./entity.ts";

/**
 * Puts the seat of ticket `n` of an order back on sale, once: the claim stays and remembers it. `at` is the claim the ticket
 * sits in (`claimOfTicket`). Refused when the seats are not sold, or when every one of them is back already.
 */
export function restock(at: Claim, orderId: string, n: number): Promise<Outcome> {
  const ticket = `r${n}` as const;
  return change(
    at,
    {
      update: "SET a = a + :one, m.#order.#ticket = :back",
      condition: "m.#order.s = :sold AND m.#order.q = :q AND attribute_not_exists(m.#order.#ticket) AND size(m.#order) < :full",
      names: { "#order": orderId, "#ticket": ticket },
      values: { ":one": 1, ":back": true, ":sold": "s", ":q": at.q, ":full": CLAIM_WORDS + at.q },
    },
    ({ claims }) => claims[orderId]?.[ticket] === true,
  );
}
