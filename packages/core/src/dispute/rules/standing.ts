/**
 * What a dispute means to us. The provider's status decides where we know it, the money decides where we do not.
 *
 *   won, warning_closed                            settled
 *   prevented                                      lost while money is out (it was given back to the buyer), else settled
 *   lost, appeal_*                                 lost       an appeal may bring the money back, never the tickets
 *   needs_response, under_review                   open
 *   warning_needs_response, warning_under_review   inquiry
 *   anything new                                   open while money is out, else inquiry
 *
 * A record only moves forward. Facts that only ever grow (movements of money, submissions) tell an older reading of the
 * provider from a newer one; where they are equal the rank of the status does: a verdict is later than a review, a
 * chargeback later than the inquiry it came from. After a lost dispute an appeal may follow, and after that another verdict.
 *
 * Worked example: recorded is (under_review, 1 movement, 1 submission). A reading of (needs_response, 1, 0) is behind, one of
 * (won, 1, 1) is not; (won, 2, 1) after that brings the money.
 */
import type { DisputeState, Movement, Standing } from "../schema.ts";

const RANKS: Readonly<Record<string, number>> = {
  warning_needs_response: 0,
  warning_under_review: 1,
  warning_closed: 2,
  needs_response: 3,
  under_review: 4,
  prevented: 5,
  won: 5,
  lost: 5,
  appeal_needs_response: 6,
  appeal_under_review: 7,
};
const VERDICT = RANKS["lost"];

type Money = Pick<Movement, "way" | "amount">;

/** Minor units that the dispute has taken and not given back. */
export function moneyOut(movements: readonly Money[]): number {
  return movements.reduce((sum, { way, amount }) => sum + (way === "withdrawn" ? amount : -amount), 0);
}

/** What a dispute of this status and these movements means. */
export function standingOf({ status, movements }: { status: string; movements: readonly Money[] }): Standing {
  const out = moneyOut(movements) > 0;
  switch (status) {
    case "won":
    case "warning_closed":
      return "settled";
    case "prevented":
      return out ? "lost" : "settled";
    case "lost":
    case "appeal_needs_response":
    case "appeal_under_review":
      return "lost";
    case "needs_response":
    case "under_review":
      return "open";
    case "warning_needs_response":
    case "warning_under_review":
      return "inquiry";
    default:
      return out ? "open" : "inquiry";
  }
}

/** Does somebody still have to decide? */
export function stateOf(standing: Standing): DisputeState {
  return standing === "open" || standing === "inquiry" ? "open" : "closed";
}

type Progress = { status: string; movements: number; submissions: number };

/** Is `fact` an older reading of the provider than what is recorded? Statuses that are new to us never are. */
export function isBehind(fact: Progress, recorded: Progress): boolean {
  if (fact.movements !== recorded.movements) return fact.movements < recorded.movements;
  if (fact.submissions !== recorded.submissions) return fact.submissions < recorded.submissions;
  const [rank, before] = [RANKS[fact.status], RANKS[recorded.status]];
  if (rank === undefined || before === undefined || rank === VERDICT) return false;
  return rank < before;
}

const ANSWERABLE = ["needs_response", "warning_needs_response", "appeal_needs_response"];

/** Does the provider wait for our evidence? */
export function isAnswerable(status: string): boolean {
  return ANSWERABLE.includes(status);
}

/** Can it be accepted as lost? */
export function isAcceptable(status: string): boolean {
  return status === "needs_response";
}
