import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStages, type Offer, saleWindow, statusAt, type StatusFacts, transitionsBetween } from "../../../../packages/core/src/event/rules/status.ts";
import { EventStatus, STAGES } from "../../../../packages/core/src/event/schema.ts";

const offer = (some: Partial<Offer> = {}): Offer => ({ ticketTypeId: "tt_1", quantityTotal: 100, groups: 1, isActive: true, ...some });

/** Published on 1 May, one type on sale from 3 May, sold out on 4 May 12:00, show on 9 May 20:00–22:00. */
const show: StatusFacts = {
  stage: "published",
  publishedAt: "2027-05-01T09:00:00.000Z",
  startsAt: "2027-05-09T20:00:00.000Z",
  endsAt: "2027-05-09T22:00:00.000Z",
  offers: [offer({ salesStartAt: "2027-05-03T00:00:00.000Z", soldOutAt: "2027-05-04T12:00:00.000Z" })],
};

describe("the status of an event", () => {
  it.each([
    ["2027-05-02T00:00:00.000Z", "published"],
    ["2027-05-03T00:00:00.000Z", "on_sale"],
    ["2027-05-04T11:59:59.999Z", "on_sale"],
    ["2027-05-04T12:00:00.000Z", "sold_out"],
    ["2027-05-09T19:59:59.999Z", "sold_out"],
    ["2027-05-09T20:00:00.000Z", "in_progress"],
    ["2027-05-09T22:00:00.000Z", "completed"],
  ])("of the worked example at %s is %s", (at, status) => {
    expect(statusAt(show, at)).toBe(status);
  });

  it.each(["draft", "review", "cancelled"] as const)("is people's word %s, whatever the clock says", (stage) => {
    for (const at of ["2027-05-02T00:00:00.000Z", show.startsAt, show.endsAt]) expect(statusAt({ ...show, stage }, at)).toBe(stage);
  });

  const at = "2027-05-05T00:00:00.000Z";
  const gone = "2027-05-04T12:00:00.000Z";

  it("is on_sale as long as one open type has stock", () => {
    expect(statusAt({ ...show, offers: [offer({ soldOutAt: gone }), offer({ ticketTypeId: "tt_2" })] }, at)).toBe("on_sale");
    expect(statusAt({ ...show, offers: [offer({ soldOutAt: gone }), offer({ ticketTypeId: "tt_2", soldOutAt: gone })] }, at)).toBe("sold_out");
  });

  it("is published when nothing is open: no type, none active, none begun, all ended", () => {
    for (const offers of [[], [offer({ isActive: false })], [offer({ salesStartAt: "2027-05-06T00:00:00.000Z" })], [offer({ salesEndAt: at })]]) {
      expect(statusAt({ ...show, offers }, at)).toBe("published");
    }
  });

  it("does not count the stock of types that are not open", () => {
    expect(statusAt({ ...show, offers: [offer({ soldOutAt: gone }), offer({ ticketTypeId: "tt_2", isActive: false })] }, at)).toBe("sold_out");
  });
});

describe("a sale window", () => {
  it("ends with the earliest of its own end, the registration deadline and the event's end", () => {
    const [early, late] = ["2027-05-06T00:00:00.000Z", "2027-05-08T00:00:00.000Z"];
    expect(saleWindow(show, {})).toEqual({ opensAt: null, closesAt: show.endsAt });
    expect(saleWindow({ ...show, registrationDeadline: early }, { salesEndAt: late }).closesAt).toBe(early);
    expect(saleWindow({ ...show, registrationDeadline: late }, { salesEndAt: early }).closesAt).toBe(early);
  });
});

describe("transitions", () => {
  it("of the worked example carry the instants of their facts, however late they are asked for", () => {
    expect(transitionsBetween(show, "published", "2027-05-02T00:00:00.000Z", "2027-06-01T00:00:00.000Z")).toEqual([
      { from: "published", to: "on_sale", at: "2027-05-03T00:00:00.000Z" },
      { from: "on_sale", to: "sold_out", at: "2027-05-04T12:00:00.000Z" },
      { from: "sold_out", to: "in_progress", at: "2027-05-09T20:00:00.000Z" },
      { from: "in_progress", to: "completed", at: "2027-05-09T22:00:00.000Z" },
    ]);
  });

  const day = fc.integer({ min: 0, max: 30 }).map((days) => new Date(Date.UTC(2027, 4, 1 + days)).toISOString());
  const maybe = fc.option(day, { nil: undefined });
  const offers = fc.array(fc.record({ isActive: fc.boolean(), salesStartAt: maybe, salesEndAt: maybe, soldOutAt: maybe }).map(offer), { maxLength: 4 });
  const facts = fc
    .record({ days: fc.uniqueArray(day, { minLength: 2, maxLength: 2 }), registrationDeadline: maybe, offers })
    .map(({ days, ...rest }): StatusFacts => ({ stage: "published", startsAt: days.toSorted()[0]!, endsAt: days.toSorted()[1]!, ...rest }));

  it("agree with the status at every instant, none is missed and none invented", () => {
    fc.assert(
      fc.property(facts, fc.uniqueArray(day, { minLength: 2, maxLength: 12 }), (facts, days) => {
        const [since, ...instants] = days.toSorted();
        const first = statusAt(facts, since!);
        const changes = transitionsBetween(facts, first, since!, instants.at(-1)!);
        for (const [i, { from, to, at }] of changes.entries()) {
          expect(from).toBe(changes[i - 1]?.to ?? first);
          expect(to).not.toBe(from);
          expect(to).toBe(statusAt(facts, at));
        }
        for (const instant of instants) expect(changes.findLast(({ at }) => at <= instant)?.to ?? first).toBe(statusAt(facts, instant));
      }),
    );
  });

  it("are the same whether they are recorded at once or in two steps", () => {
    fc.assert(
      fc.property(facts, fc.uniqueArray(day, { minLength: 3, maxLength: 3 }), (facts, days) => {
        const [since, middle, until] = days.toSorted() as [string, string, string];
        const first = statusAt(facts, since);
        const halves = [...transitionsBetween(facts, first, since, middle), ...transitionsBetween(facts, statusAt(facts, middle), middle, until)];
        expect(halves).toEqual(transitionsBetween(facts, first, since, until));
      }),
    );
  });
});

describe("people", () => {
  it("move a draft to review, a review to published or back, and cancel what is not final", () => {
    expect(nextStages("draft", "draft")).toEqual(["review", "cancelled"]);
    expect(nextStages("review", "review")).toEqual(["published", "draft", "cancelled"]);
    for (const status of ["published", "on_sale", "sold_out", "in_progress"] as const) expect(nextStages("published", status)).toEqual(["cancelled"]);
  });

  it("change nothing that is completed or cancelled", () => {
    expect(nextStages("published", "completed")).toEqual([]);
    for (const status of EventStatus.options) expect(nextStages("cancelled", status)).toEqual([]);
  });

  it("never skip the review", () => {
    for (const stage of STAGES.filter((stage) => stage !== "review")) {
      for (const status of EventStatus.options) expect(nextStages(stage, status)).not.toContain("published");
    }
  });
});
