import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** Gives the seats of an expired held claim back. Anybody who meets one may: it is done once, whoever comes first. */
export function expire(at: Claim, orderId: string, nowS: number): Promise<Outcome> {
  return change(
    at,
    (bucket) =>
      bucket
        .data(({ available, claims }, { add, remove }) => {
          add(available, at.q);
          remove(claims[orderId]);
        })
        .where(({ claims }, { eq, lte }) => `${eq(claims[orderId].s, "h")} AND ${lte(claims[orderId].e, nowS)} AND ${eq(claims[orderId].q, at.q)}`),
    ({ claims }) => claims[orderId] === undefined,
  );
}
