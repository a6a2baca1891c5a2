import { expect, it } from "vitest";
import { can, isFinal, type Step } from "../../../../packages/core/src/order/rules/status.ts";
import { OrderStatus } from "../../../../packages/core/src/order/schema.ts";

const STEPS = ["startPayment", "pay", "end", "extend"] as const satisfies readonly Step[];

it.each<[OrderStatus, readonly Step[]]>([
  ["held", ["startPayment", "pay", "end", "extend"]],
  ["awaiting_payment", ["startPayment", "pay", "end", "extend"]],
  ["expiring", ["pay"]],
  ["fulfilled", []],
  ["expired", []],
  ["cancelled", []],
])("an order that is %s may take the steps %j and no other", (status, steps) => {
  expect(STEPS.filter((step) => can(status, step))).toEqual(steps);
});

it("is final exactly when no step leads out of it", () => {
  for (const status of OrderStatus.options) expect(isFinal(status)).toBe(STEPS.every((step) => !can(status, step)));
});
