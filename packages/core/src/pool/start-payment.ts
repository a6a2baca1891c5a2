import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** held → paying: from now on only the order's own clock counts. Refused when the claim has ended. */
export function startPayment(at: Claim, orderId: string, nowS: number): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET m.#order.s = :paying",
      condition: "m.#order.s = :held AND m.#order.e > :now",
      names: { "#order": orderId },
      values: { ":held": "h", ":paying": "p", ":now": nowS },
    },
    ({ claims }) => claims[orderId]?.s === "p" || claims[orderId]?.s === "s",
  );
}
