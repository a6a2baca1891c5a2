import { tell } from "./histories.ts";
import { sum, NOTHING } from "./histories-tally.ts";
const [from, n] = [Number(process.env.FROM ?? 1), Number(process.env.N ?? 5)];
let total = NOTHING;
const t = performance.now();
for (let seed = from; seed < from + n; seed++) {
  const told = await tell(String(seed));
  total = sum(total, told.tally);
  if (told.violations.length > 0) {
    console.log("SEED", seed, told.violations);
    if (process.env.TRACE) console.log(told.trace.join("\n"));
  }
}
console.log(JSON.stringify(total, undefined, 1), performance.now() - t);
