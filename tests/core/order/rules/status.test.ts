import { expect, it } from "vitest";
import { can, hasTickets, isOver, isSettled, type Step } from "../../../../packages/core/src/order/rules/status.ts";
import { OrderStatus } from "../../../../packages/core/src/order/schema.ts";

const STEPS = ["startPayment", "pay", "end", "extend", "void", "reclaim", "resume", "giveUp"] as const satisfies readonly Step[];

it.each<[OrderStatus, readonly Step[]]>([
  ["held", ["startPayment", "pay", "end", "extend", "reclaim", "giveUp"]],
  ["awaiting_payment", ["startPayment", "pay", "end", "extend", "reclaim", "giveUp"]],
  ["expiring", ["pay", "reclaim", "giveUp"]],
  ["fulfilled", ["void"]],
  ["voided", []],
  ["expired", ["reclaim", "giveUp"]],
  ["cancelled", ["reclaim", "giveUp"]],
  ["reclaiming", ["reclaim", "resume", "giveUp"]],
  ["unfulfillable", []],
])("an order that is %s may take the steps %j and no other", (status, steps) => {
  expect(STEPS.filter((step) => can(status, step))).toEqual(steps);
});

it("is over exactly when no payment is awaited any more", () => {
  for (const status of OrderStatus.options) expect(isOver(status)).toBe(!can(status, "pay") && status !== "reclaiming");
});

it("has tickets exactly when they were issued", () => {
  expect(OrderStatus.options.filter(hasTickets)).toEqual(["fulfilled", "voided"]);
});

it("is settled once its money came and it is decided what became of that", () => {
  expect(OrderStatus.options.filter(isSettled)).toEqual(["fulfilled", "voided", "unfulfillable"]);
});
