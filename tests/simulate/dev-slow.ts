import { tell } from "./histories.ts";
import { ofMoney } from "./sabotage-money.ts";
import { Trace } from "../kit/simulation/trace.ts";
Error.stackTraceLimit = 0;
const s = ofMoney.find(({ bug }) => bug.includes(process.env.BUG ?? "refund is made under"))!;
const by = new Map<string, number>();
const add = Trace.prototype.add;
let shown = 0;
Trace.prototype.add = function (at, what) {
  const k = what
    .replace(/[0-9A-Z]{20,}/g, "*")
    .replace(/\d+/g, "9")
    .slice(0, 110);
  by.set(k, (by.get(k) ?? 0) + 1);
  if (by.get(k)! > 5000 && shown++ < 60) console.log(at, what.slice(0, 200));
  return add.call(this, at, what);
};
const told = await tell(process.env.SEED ?? "2", { plan: s.plan! });
console.log(told.tally.calls, [...by].sort((a, b) => b[1] - a[1]).slice(0, 15));
