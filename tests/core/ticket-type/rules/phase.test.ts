import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoOf } from "../../../../packages/core/src/time.ts";
import { nextPrice, openPrices, type Phase, type Phased } from "../../../../packages/core/src/ticket-type/rules/phase.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" as const });
const DAY = 86_400_000;
const MAY = Date.parse("2027-05-01T00:00:00.000Z");
const day = (n: number) => isoOf(MAY + n * DAY);
const phase = (n: number, some: Partial<Phase>): Phase => ({ phaseId: `ph_${n}`, name: `Phase ${n}`, price: eur(1_000 + n), groups: 1, ...some });

describe("the price phases of a type", () => {
  const early: Phased = { basePrice: eur(4_500), phases: [phase(0, { price: eur(3_000), endsAt: day(0), quantity: 100 })] };
  it("are tried in order while they last, as the worked example says", () => {
    expect(openPrices(early, day(-1)).map(({ price }) => price)).toEqual([eur(3_000), eur(4_500)]);
    expect(openPrices(early, isoOf(MAY - 1)).map(({ price }) => price)).toEqual([eur(3_000), eur(4_500)]);
    expect(openPrices(early, day(0)).map(({ price }) => price)).toEqual([eur(4_500)]);
  });

  it("end where one without a quota stands: what comes after it is not for sale yet", () => {
    const type: Phased = { basePrice: eur(4_500), phases: [phase(0, { quantity: 5 }), phase(1, { endsAt: day(3) }), phase(2, { quantity: 5 })] };
    expect(openPrices(type, day(0)).map(({ n }) => n)).toEqual([0, 1]);
    expect(openPrices(type, day(3)).map(({ n }) => n)).toEqual([0, 2, 3]);
  });

  it("tell what comes next, and never a phase whose time has passed", () => {
    const type: Phased = { basePrice: eur(4_500), phases: [phase(0, { quantity: 100 }), phase(1, { endsAt: day(0) })] };
    const [first] = openPrices(type, day(-1));
    expect(nextPrice(type, first, day(-1))?.n).toBe(1);
    expect(nextPrice(type, first, day(1))).toEqual({ n: 2, price: eur(4_500) });
    expect(nextPrice(type, openPrices({ basePrice: eur(1) }, day(0))[0], day(0))).toBeUndefined();
  });

  it("partition time and quantity: at every instant and whatever is taken exactly one price is paid, and none comes back", () => {
    const drafts = fc.array(fc.record({ quantity: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), ends: fc.boolean() }), { maxLength: 6 });
    fc.assert(
      fc.property(drafts, fc.array(fc.integer({ min: -2, max: 8 }), { minLength: 2, maxLength: 6 }), (all, instants) => {
        const phases = all.map(({ quantity, ends }, n) => phase(n, { ...(quantity ? { quantity } : {}), ...(ends ? { endsAt: day(n) } : {}) }));
        let before = -1;
        for (const n of instants.sort((a, b) => a - b)) {
          const open = openPrices({ basePrice: eur(4_500), phases }, day(n));
          // Each but the last has a quota that may be used up; the last always takes who comes.
          expect(open.map(({ phase: one }) => one?.quantity !== undefined)).toEqual(open.map((_, i) => i < open.length - 1));
          expect(open.map((one) => one.n)).toEqual([...open.map((one) => one.n)].sort((a, b) => a - b));
          for (const { phase: one } of open) if (one?.endsAt) expect(one.endsAt > day(n)).toBe(true);
          expect(open[0].n).toBeGreaterThanOrEqual(before);
          before = open[0].n;
        }
      }),
    );
  });
});
