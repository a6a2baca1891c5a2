import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_AMOUNT } from "../../../../packages/core/src/money.ts";
import {
  priceOf,
  ticketPrices,
  unpayable,
  type Charge,
  type CodeDiscount,
  type GroupDiscount,
  type PriceableLine,
  type Pricing,
} from "../../../../packages/core/src/order/rules/price.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" as const });
const line = (amount: number, quantity = 1, some: Partial<PriceableLine> = {}): PriceableLine => ({
  ...{ ticketTypeId: "tt_1", name: "Standing", kind: "paid", quantity, listPrice: eur(amount) },
  ...some,
});
const pricing = (some: Partial<Pricing> = {}): Pricing => ({ groupDiscounts: [], fees: [], taxes: [], rounding: "half_up", ...some });
const totals = (lines: readonly PriceableLine[], some: Partial<Pricing>) => priceOf(lines, pricing(some), "EUR").lines.map(({ total }) => total.amount);
const sum = (amounts: readonly number[]) => amounts.reduce((all, amount) => all + amount, 0);

describe("the price of an order", () => {
  it("comes about as the worked example says", () => {
    const all = pricing({
      code: { name: "FRIEND", kind: "percent", basisPoints: 1_000 },
      groupDiscounts: [{ threshold: 3, basisPoints: 500 }],
      fees: [{ name: "Booking fee", amount: 150, included: false }],
      taxes: [{ name: "VAT", basisPoints: 2_200, included: true }],
    });
    expect(priceOf([line(4_500, 3)], all, "EUR")).toEqual({
      lines: [
        {
          ...{ ticketTypeId: "tt_1", name: "Standing", quantity: 3, unitPrice: eur(4_500), total: eur(11_992) },
          adjustments: [
            { kind: "code", name: "FRIEND", amount: -1_350 },
            { kind: "group_discount", amount: -608 },
            { kind: "fee", name: "Booking fee", amount: 450 },
            { kind: "tax", name: "VAT", amount: 2_162, included: true },
          ],
          steps: [
            { kind: "list_price", unitPrice: eur(4_500), total: eur(13_500) },
            { kind: "code", name: "FRIEND", change: eur(-1_350), total: eur(12_150) },
            { kind: "group_discount", change: eur(-608), total: eur(11_542) },
            { kind: "fee", name: "Booking fee", change: eur(450), total: eur(11_992) },
            { kind: "tax", name: "VAT", included: true, change: eur(2_162), total: eur(11_992) },
          ],
        },
      ],
      total: eur(11_992),
    });
  });

  it("with a set price never rises, and with a fixed amount never falls below nothing", () => {
    expect(totals([line(4_500, 2), line(900, 2)], { code: { kind: "set_price", amount: 1_000 } })).toEqual([2_000, 1_800]);
    expect(totals([line(4_500, 2), line(900, 2)], { code: { kind: "fixed", per: "ticket", amount: 1_000 } })).toEqual([7_000, 0]);
    expect(totals([line(100, 1), line(200, 1)], { code: { kind: "fixed", per: "order", amount: 1_000 } })).toEqual([0, 0]);
  });

  it("shares what goes off an order in proportion, to the last minor unit", () => {
    expect(totals([line(100), line(100), line(100)], { code: { kind: "fixed", per: "order", amount: 100 } })).toEqual([66, 67, 67]);
  });

  it("is discounted on paid lines of the named types alone", () => {
    const lines = [line(1_000), line(1_000, 1, { kind: "donation" }), line(1_000, 1, { ticketTypeId: "tt_2" })];
    expect(totals(lines, { code: { kind: "percent", basisPoints: 5_000 } })).toEqual([500, 1_000, 500]);
    expect(totals(lines, { code: { kind: "percent", basisPoints: 5_000, ticketTypeIds: ["tt_2"] } })).toEqual([1_000, 1_000, 500]);
    expect(totals(lines, { groupDiscounts: [{ threshold: 3, basisPoints: 5_000 }] })).toEqual([1_000, 1_000, 1_000]);
  });

  it("has one group discount a line: the one that takes most off first, of equals the first", () => {
    const lines = [line(1_000, 2), line(3_000, 2, { ticketTypeId: "tt_2" })];
    const own: GroupDiscount = { name: "own", threshold: 2, basisPoints: 5_000, ticketTypeIds: ["tt_2"] };
    const all: GroupDiscount = { name: "all", threshold: 4, basisPoints: 1_000 };
    const names = (groupDiscounts: GroupDiscount[]) =>
      priceOf(lines, pricing({ groupDiscounts }), "EUR").lines.map(({ adjustments }) => adjustments?.map(({ name }) => name));
    expect(names([all, own])).toEqual([undefined, ["own"]]);
    expect(
      names([
        { ...all, name: "first" },
        { ...all, name: "second" },
      ]),
    ).toEqual([["first"], ["first"]]);
  });

  it("gives the cheapest tickets away, for each full party", () => {
    const lines = [line(3_000, 3), line(1_000, 2, { ticketTypeId: "tt_2" })];
    expect(totals(lines, { groupDiscounts: [{ threshold: 4, cheapestFree: 1 }] })).toEqual([9_000, 1_000]);
    expect(totals(lines, { groupDiscounts: [{ threshold: 2, cheapestFree: 1 }] })).toEqual([9_000, 0]);
    expect(totals(lines, { groupDiscounts: [{ threshold: 6, cheapestFree: 1 }] })).toEqual([9_000, 2_000]);
  });

  it("rounds halves as the event says", () => {
    const half: Charge = { name: "Fee", basisPoints: 5_000, included: false };
    expect(totals([line(101), line(103)], { fees: [half], rounding: "half_up" })).toEqual([152, 155]);
    expect(totals([line(101), line(103)], { fees: [half], rounding: "half_even" })).toEqual([151, 155]);
  });

  it("holds several included taxes side by side, and raises nothing by them", () => {
    const taxes: Charge[] = [
      { name: "State", basisPoints: 1_000, included: true },
      { name: "City", basisPoints: 500, included: true },
    ];
    const [only] = priceOf([line(11_500)], pricing({ taxes }), "EUR").lines;
    expect(only).toMatchObject({ total: eur(11_500), adjustments: [{ amount: 1_000 }, { amount: 500 }] });
  });

  it("asks no fee and no tax of what costs nothing", () => {
    const charges: Charge[] = [{ name: "Fee", amount: 100, included: false }];
    expect(totals([line(0, 2, { kind: "free" })], { fees: charges, taxes: charges })).toEqual([0]);
  });

  it("can be paid when it is nothing or what a card can be charged, and says what to do when not", () => {
    expect(unpayable(eur(0), true)).toBeUndefined();
    expect(unpayable(eur(50), true)).toBeUndefined();
    expect(unpayable(eur(49), true)).toEqual({ path: "lines", message: "A card cannot be charged less than €0.50: order more, or leave the code out." });
    expect(unpayable(eur(MAX_AMOUNT + 1), false)?.message).toContain("order in parts");
  });
});

const ids = fc.option(fc.subarray(["tt_0", "tt_1", "tt_2", "tt_3"]), { nil: undefined });
const points = fc.integer({ min: 0, max: 10_000 });
const code: fc.Arbitrary<CodeDiscount> = fc.oneof(
  fc.record({ kind: fc.constant("percent" as const), basisPoints: points, ticketTypeIds: ids }),
  fc.record({ kind: fc.constant("fixed" as const), amount: fc.nat(300_000), per: fc.constantFrom("ticket" as const, "order" as const), ticketTypeIds: ids }),
  fc.record({ kind: fc.constant("set_price" as const), amount: fc.nat(20_000), ticketTypeIds: ids }),
);
const group: fc.Arbitrary<GroupDiscount> = fc.oneof(
  fc.record({ threshold: fc.integer({ min: 2, max: 12 }), basisPoints: points, ticketTypeIds: ids }),
  fc.record({ threshold: fc.integer({ min: 2, max: 12 }), cheapestFree: fc.integer({ min: 1, max: 12 }), ticketTypeIds: ids }),
);
const charge: fc.Arbitrary<Charge> = fc.oneof(
  fc.record({ name: fc.constant("percent"), basisPoints: points, included: fc.boolean(), ticketTypeIds: ids }),
  fc.record({ name: fc.constant("fixed"), amount: fc.nat(5_000), included: fc.boolean(), ticketTypeIds: ids }),
);
const lines = fc.array(
  fc.record({
    kind: fc.constantFrom("paid" as const, "donation" as const, "free" as const),
    amount: fc.nat(40_000),
    quantity: fc.integer({ min: 1, max: 12 }),
  }),
  {
    minLength: 1,
    maxLength: 4,
  },
);
const orders = fc.record({
  lines: lines.map((all) => all.map(({ kind, amount, quantity }, i) => line(kind === "free" ? 0 : amount, quantity, { kind, ticketTypeId: `tt_${i}` }))),
  pricing: fc.record({
    code: fc.option(code, { nil: undefined }),
    groupDiscounts: fc.array(group, { maxLength: 4 }),
    fees: fc.array(charge, { maxLength: 3 }),
    taxes: fc.array(charge, { maxLength: 3 }),
    rounding: fc.constantFrom("half_up" as const, "half_even" as const),
  }),
});

describe("any combination of codes, discounts, fees and taxes", () => {
  it("sums to the total, is explained to the last minor unit, never takes a line below nothing, and is the same every time", () => {
    fc.assert(
      fc.property(orders, ({ lines: asked, pricing: by }) => {
        const priced = priceOf(asked, by, "EUR");
        expect(priceOf(asked, by, "EUR")).toEqual(priced);
        expect(sum(priced.lines.map(({ total }) => total.amount))).toBe(priced.total.amount);
        for (const { unitPrice, quantity, total, steps, adjustments = [] } of priced.lines) {
          expect(total.amount).toBe(unitPrice.amount * quantity + sum(adjustments.filter(({ included }) => !included).map(({ amount }) => amount)));
          expect(steps.at(-1)!.total).toEqual(total);
          for (const [i, step] of steps.entries()) {
            expect(step.total.amount).toBeGreaterThanOrEqual(0);
            if (step.change) expect(step.total.amount).toBe(steps[i - 1]!.total.amount + (step.included ? 0 : step.change.amount));
            if (step.change && step.kind.match(/code|group/)) expect(step.change.amount).toBeLessThan(0);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves every ticket its share of what its line cost", () => {
    fc.assert(
      fc.property(fc.nat(MAX_AMOUNT), fc.integer({ min: 1, max: 50 }), (amount, quantity) => {
        const prices = ticketPrices(amount, quantity);
        expect(sum(prices)).toBe(amount);
        expect(Math.max(...prices) - Math.min(...prices)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
