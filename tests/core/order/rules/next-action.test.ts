import { expect, it } from "vitest";
import { nextAction } from "../../../../packages/core/src/order/rules/next-action.ts";

const at = "2027-05-01T10:00:00.000Z";

it.each([
  ["ticket_type.not_on_sale", { salesStartAt: "2027-05-01T10:00:00.001Z" }, "wait_for_sale"],
  ["ticket_type.not_on_sale", { salesStartAt: "2027-04-01T10:00:00.000Z" }, "choose_another"],
  ["ticket_type.not_on_sale", { salesStartAt: null }, "choose_another"],
  ["ticket_type.not_on_sale", { eventStatus: "cancelled" }, "choose_another"],
  ["order.over_limit", { minPerOrder: 1, maxPerOrder: 4 }, "change_quantity"],
  ["order.over_limit", { maxPerBuyer: 4, taken: 1 }, "change_quantity"],
  ["order.over_limit", { maxPerBuyer: 4, taken: 4 }, "choose_another"],
  ["ticket_type.not_enough_left", { availableQuantity: 1 }, "change_quantity"],
  ["ticket_type.all_held", {}, "try_again_later"],
  ["ticket_type.sold_out", {}, "choose_another"],
] as const)("%s with %j → %s", (code, facts, action) => {
  expect(nextAction(code, facts, at)).toBe(action);
});
