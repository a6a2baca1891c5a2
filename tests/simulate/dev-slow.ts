import { tell } from "./histories.ts";
Error.stackTraceLimit = 0;
const [from, n] = [Number(process.env.FROM), Number(process.env.N)];
for (let seed = from; seed < from + n; seed++) {
  const { tally, violations, trace } = await tell(`hard-${seed}`, {
    plan: (plan) => ({
      ...plan,
      buyers: 14,
      team: 8,
      bank: 6,
      cancels: seed % 3 === 0,
      people: 3,
      trouble: {
        ...plan.trouble,
        kind: "terrible",
        skewMs: 15_000,
        faults: {
          table: { throttle: 0.01, conflict: 0.06, ambiguous: 0.04 },
          stripe: { ambiguous: 0.1, broken: 0.1, twice: 0.5, lost: seed % 2 ? 0.2 : 0, lateMs: seed % 4 ? 60_000 : 1_200_000 },
          deliveries: { twice: 0.4, partial: 0.3, lateMs: 20_000 },
          crash: 0.03,
        },
      },
    }),
  });
  if (violations.length) console.log("SEED", seed, tally.calls, violations, process.env.TRACE ? trace.join("\n") : "");
  else console.log(seed, tally.calls, JSON.stringify(tally.orders));
}
