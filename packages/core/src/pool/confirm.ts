import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** held or paying → sold. Refused when the claim is absent: it ended before the money came. */
export function confirm(at: Claim, orderId: string): Promise<Outcome> {
  return change(
    at,
    (bucket) =>
      bucket
        .data(({ claims }, { set }) => set(claims[orderId].s, "s"))
        .where(({ claims }, { eq }) => `(${eq(claims[orderId].s, "p")} OR ${eq(claims[orderId].s, "h")})`),
    ({ claims }) => claims[orderId]?.s === "s",
  );
}
