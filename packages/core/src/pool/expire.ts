import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** Gives the seats of an expired held claim back. Anybody who meets one may: it is done once, whoever comes first. */
export function expire(at: Claim, orderId: string, nowS: number): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET a = a + :q REMOVE m.#order",
      condition: "m.#order.q = :q AND m.#order.s = :held AND m.#order.e <= :now",
      names: { "#order": orderId },
      values: { ":q": at.q, ":held": "h", ":now": nowS },
    },
    ({ claims }) => claims[orderId] === undefined,
  );
}
