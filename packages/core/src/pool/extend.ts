import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** Moves the end of a held claim that has not ended. A paying or sold claim needs no more time. */
export function extend(at: Claim, orderId: string, expiresAtS: number, nowS: number): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET m.#order.e = :end",
      condition: "m.#order.s = :held AND m.#order.e > :now AND m.#order.e < :end",
      names: { "#order": orderId },
      values: { ":held": "h", ":now": nowS, ":end": expiresAtS },
    },
    ({ claims }) => {
      const standing = claims[orderId];
      return standing !== undefined && (standing.s === "p" || standing.s === "s" || standing.e >= expiresAtS);
    },
  );
}
