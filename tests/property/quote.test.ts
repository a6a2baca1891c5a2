import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventRow } from "@fashionistas/core/event";
import { MAX_AMOUNT } from "@fashionistas/core/money";
import type { TicketTypeRow } from "@fashionistas/core/ticket-type";
import { checkOnSale, decided, pricesOf, type Asked } from "../../packages/core/src/order/on-sale.ts";
import { pricesOf as pricesOfType } from "../../packages/core/src/ticket-type/prices.ts";
import { isoOf } from "../../packages/core/src/time.ts";

/** What a quote says and what an order takes, for the same request at the same instant. */
const NOON = Date.parse("2027-05-01T12:00:00.000Z");
const HOUR = 3_600_000;

const instant = fc.option(
  fc.integer({ min: -3, max: 3 }).map((hours) => isoOf(NOON + hours * HOUR)),
  { nil: undefined },
);
const amount = fc.oneof({ weight: 4, arbitrary: fc.nat(20_000) }, { weight: 1, arbitrary: fc.constantFrom(0, 1, 49, 50, MAX_AMOUNT) });

const event: fc.Arbitrary<EventRow> = fc
  .record({
    stage: fc.oneof({ weight: 8, arbitrary: fc.constant("published") }, { weight: 1, arbitrary: fc.constantFrom("draft", "review", "cancelled") }),
    startsIn: fc.integer({ min: -4, max: 8 }),
    registrationDeadline: instant,
  })
  .map(({ stage, startsIn, registrationDeadline }) => ({
    ...{ eventId: "evt_1", organizerId: "usr_1", stage, visibility: "public", currency: "EUR", timeZone: "Europe/Rome", offers: [] },
    ...{ startsAt: isoOf(NOON + startsIn * HOUR), endsAt: isoOf(NOON + (startsIn + 2) * HOUR), registrationDeadline },
  })) as unknown as fc.Arbitrary<EventRow>;

const line = fc
  .record({
    kind: fc.constantFrom("paid", "free", "donation"),
    basePrice: amount,
    given: fc.option(amount, { nil: undefined }),
    quantity: fc.integer({ min: 1, max: 12 }),
    limits: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 4, max: 12 })),
    phase: fc.option(fc.record({ price: fc.integer({ min: 50, max: 20_000 }), endsAt: instant }), { nil: undefined }),
    groupDiscount: fc.option(fc.record({ threshold: fc.integer({ min: 2, max: 6 }), percent: fc.integer({ min: 0, max: 100 }) }), { nil: undefined }),
    isActive: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    salesStartAt: instant,
    salesEndAt: instant,
  })
  .map(({ kind, basePrice, given, quantity, limits: [minPerOrder, maxPerOrder], phase, groupDiscount, ...rest }, index = 0) => {
    const phases = phase ? [{ phaseId: "ph_1", name: "Early", groups: 1, ...phase, price: { amount: phase.price, currency: "EUR" } }] : [];
    const type = {
      ...rest,
      ...(kind === "paid" ? { phases, groupDiscount } : {}),
      kind,
      minPerOrder,
      maxPerOrder,
      name: "Standing",
      eventId: "evt_1",
      basePrice: { amount: kind === "free" ? 0 : basePrice, currency: "EUR" },
    };
    return { index, type, wanted: { quantity, ...(kind === "donation" && given !== undefined ? { amount: given } : {}) } };
  });

const asked: fc.Arbitrary<Asked> = fc.record({ event, lines: fc.array(line, { minLength: 1, maxLength: 4 }) }).map(({ event, lines }) => ({
  event,
  lines: lines.map(({ type, wanted }, index) => {
    const ticketTypeId = `tt_${index}` as const;
    return { index, type: { ...type, ticketTypeId } as unknown as TicketTypeRow, wanted: { ...wanted, ticketTypeId } };
  }),
}));

/** What every line pays: nobody else wants anything of a quota. */
const offeredIn = ({ lines }: Asked) => lines.map(({ type }) => pricesOfType(type, NOON)[0]);

/** What an order takes that finds these prices. */
function ordered(request: Asked) {
  checkOnSale(request, NOON);
  return pricesOf(request, offeredIn(request));
}

/** What came of it, or the error. */
function outcome<T>(work: () => T): { value: T } | { code: string; fields: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    const { code, extras } = error as { code: string; extras: { fields?: unknown } };
    return { code, fields: extras.fields };
  }
}

describe("a quote", () => {
  it("has the lines and the total of the order, or refuses the line that the order is refused for", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(asked, (request) => {
        const quote = outcome(() => decided(request, offeredIn(request), NOON));
        const order = outcome(() => ordered(request));
        if ("code" in quote) {
          // Nothing to quote is nothing to order, whatever else the order is refused for first.
          expect("code" in order).toBe(true);
          seen.add(quote.code);
          return;
        }
        const { lines, total } = quote.value;
        expect(lines.reduce((sum, { line }) => sum + line.total.amount, 0)).toBe(total.amount);
        for (const { line } of lines) {
          expect(line.steps[0]!.kind).toBe("list_price");
          expect(line.steps.at(-1)).toMatchObject({ total: line.total });
          const adjusted = (line.adjustments ?? []).reduce((sum, { amount }) => sum + amount, 0);
          expect(line.total.amount).toBe(line.unitPrice.amount * line.quantity + adjusted);
        }
        const refused = lines.find(({ refusal }) => refusal)?.refusal;
        if (refused) expect(order).toEqual({ code: refused.code, fields: refused.extras.fields });
        else expect(order).toEqual({ value: { lines: lines.map(({ line }) => line), total } });
        seen.add(refused?.code ?? "purchasable");
      }),
      { numRuns: 1_000 },
    );
    expect([...seen].sort()).toEqual(["order.amount_invalid", "order.over_limit", "purchasable", "ticket_type.not_on_sale"]);
  });
});
