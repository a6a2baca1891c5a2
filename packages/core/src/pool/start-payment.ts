import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** held → paying: from now on only the order's own clock counts. Refused when the claim has ended. */
export function startPayment(at: Claim, orderId: string, nowS: number): Promise<Outcome> {
  return change(
    at,
    (bucket) =>
      bucket
        .data(({ claims }, { set }) => set(claims[orderId].s, "p"))
        .where(({ claims }, { eq, gt }) => `${eq(claims[orderId].s, "h")} AND ${gt(claims[orderId].e, nowS)}`),
    ({ claims }) => claims[orderId]?.s === "p" || claims[orderId]?.s === "s",
  );
}
