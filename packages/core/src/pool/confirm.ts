import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** held or paying → sold. Refused when the claim is absent: it ended before the money came. */
export function confirm(at: Claim, orderId: string): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET m.#order.s = :sold",
      condition: "m.#order.s IN (:held, :paying)",
      names: { "#order": orderId },
      values: { ":held": "h", ":paying": "p", ":sold": "s" },
    },
    ({ claims }) => claims[orderId]?.s === "s",
  );
}
