import { change, type Outcome } from "./change.ts";
import { CLAIM_WORDS, type Claim, type StandingClaim } from "./entity.ts";

const BARRED = { q: 0, s: "x", e: 0 } as const satisfies StandingClaim;
const ROUNDS = 3;

/**
 * Gives the seats of an order that can never be fulfilled back, sold ones too, and bars the order from this bucket for ever:
 * a worker who still believes in it can neither claim nor confirm there again, not even where nothing is claimed.
 * Refused when one of its tickets has been restocked: such an order was fulfilled.
 */
export async function takeBack(at: Claim, orderId: string): Promise<Outcome> {
  for (let round = 1; ; round++) {
    const taken = await takeSeats(at, orderId);
    if (taken.outcome === "done" || !taken.standing || taken.standing.claims[orderId]) return taken;
    const barred = await bar(at, orderId);
    // Refused: such a worker has claimed since, and what it claimed is taken next.
    if (barred.outcome === "done" || round === ROUNDS) return barred;
  }
}

function takeSeats(at: Claim, orderId: string): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET a = a + :q, m.#order = :barred",
      condition: "m.#order.q = :q AND m.#order.s IN (:held, :paying, :sold) AND size(m.#order) = :whole",
      names: { "#order": orderId },
      values: { ":q": at.q, ":held": "h", ":paying": "p", ":sold": "s", ":whole": CLAIM_WORDS, ":barred": BARRED },
    },
    ({ claims }) => claims[orderId]?.s === "x",
  );
}

function bar(at: Claim, orderId: string): Promise<Outcome> {
  return change(
    at,
    {
      update: "SET m.#order = :barred",
      condition: "a >= :none AND attribute_not_exists(m.#order)",
      names: { "#order": orderId },
      values: { ":none": 0, ":barred": BARRED },
    },
    ({ claims }) => claims[orderId]?.s === "x",
  );
}
