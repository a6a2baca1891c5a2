import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** Moves the end of a held claim that has not ended. A paying or sold claim needs no more time. */
export function extend(at: Claim, orderId: string, expiresAtS: number, nowS: number): Promise<Outcome> {
  return change(
    at,
    (bucket) =>
      bucket
        .data(({ claims }, { set }) => set(claims[orderId].e, expiresAtS))
        .where(({ claims }, { eq, gt, lt }) => `${eq(claims[orderId].s, "h")} AND ${gt(claims[orderId].e, nowS)} AND ${lt(claims[orderId].e, expiresAtS)}`),
    ({ claims }) => {
      const standing = claims[orderId];
      return standing !== undefined && (standing.s !== "h" || standing.e >= expiresAtS);
    },
  );
}
