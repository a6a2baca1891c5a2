import { change, type Outcome } from "./change.ts";
import type { Claim, StandingClaim } from "./entity.ts";

/** Takes `q` seats of one bucket for an order until `expiresAtS` (epoch seconds). Done when it holds them already. */
export function claim(at: Claim, orderId: string, expiresAtS: number): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET a = a - :q, m.#order = :claim",
      condition: "a >= :q AND attribute_not_exists(m.#order)",
      names: { "#order": orderId },
      values: { ":q": at.q, ":claim": { q: at.q, s: "h", e: expiresAtS } satisfies StandingClaim },
    },
    ({ claims }) => claims[orderId]?.q === at.q,
  );
}
