import { change, type Outcome } from "./change.ts";
import type { Claim } from "./entity.ts";

/** Takes `q` seats of one bucket for an order until `expiresAtS` (epoch seconds). Done when it holds them already. */
export function claim(at: Claim, orderId: string, expiresAtS: number): Promise<Outcome> {
  return change(
    at,
    (bucket) =>
      bucket
        .data(({ available, claims }, { subtract, set }) => {
          subtract(available, at.q);
          set(claims[orderId], { q: at.q, s: "h", e: expiresAtS });
        })
        .where(({ available, claims }, { gte, notExists }) => `${gte(available, at.q)} AND ${notExists(claims[orderId])}`),
    ({ claims }) => claims[orderId]?.q === at.q,
  );
}
