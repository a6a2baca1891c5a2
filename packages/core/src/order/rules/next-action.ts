/**
 * What a buyer whose line is refused can do about it.
 *
 *   not on sale yet                       wait_for_sale, until salesStartAt (told of windows only, not of what is off sale altogether)
 *   more or fewer than one may buy,       change_quantity; when no quantity would do (the person has all they may have),
 *   more than is left                     choose_another
 *   all in other people's hands           try_again_later, after retryAfterSeconds
 *   anything else                         choose_another
 *
 * Worked example: order.over_limit with maxPerBuyer 4, taken 1 → change_quantity; taken 4 → choose_another.
 */
import type { NextAction } from "../schema.ts";

/** The next action for an error of this code with these facts, at an instant (ISO-8601 UTC). */
export function nextAction(code: string, facts: Readonly<Record<string, unknown>>, at: string): NextAction {
  switch (code) {
    case "ticket_type.not_on_sale": {
      const { salesStartAt } = facts;
      return typeof salesStartAt === "string" && salesStartAt > at ? "wait_for_sale" : "choose_another";
    }
    case "order.over_limit":
      return facts["maxPerBuyer"] !== undefined && Number(facts["taken"]) >= Number(facts["maxPerBuyer"]) ? "choose_another" : "change_quantity";
    case "ticket_type.not_enough_left":
      return "change_quantity";
    case "ticket_type.all_held":
      return "try_again_later";
    default:
      return "choose_another";
  }
}
