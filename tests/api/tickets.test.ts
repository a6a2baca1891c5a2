import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DAYS, MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, ORGANIZER, refused, tally, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
let token: string;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  token = shop.organizer;
});
afterEach(() => present());

const offer = (eventId: string, change?: Record<string, unknown>) => api.request("POST", "/tickets", { token, body: typeDocument(eventId, change) });
const get = (id: string, as: string | undefined = token) => api.request("GET", `/tickets/${id}`, as ? { token: as } : {});
const put = (id: string, change: Record<string, unknown>) => {
  const { eventId: _, ...document } = typeDocument("", change);
  return api.request("PUT", `/tickets/${id}`, { token, body: document });
};
const remove = (id: string) => api.request("DELETE", `/tickets/${id}`, { token });
const cancelEvent = (id: string) => answered(api.request("POST", `/events/${id}/status`, { token, body: { status: "cancelled", reason: "Rain" } }), 200);
const eur = (amount: number) => ({ amount, currency: "EUR" });

describe("POST /tickets", () => {
  it("offers a type whose seats are there at once, says where it is, and tells it once, with its author", async () => {
    const event = await shop.createEvent();
    const answer = await offer(event.id, { quantityTotal: 40 });
    const type = await answered(answer, 201);
    expect(type).toEqual({
      id: expect.stringMatching(/^tt_[0-9A-HJKMNP-TV-Z]{26}$/),
      eventId: event.id,
      ...{ currentPrice: { amount: 4_500, currency: "EUR" }, currentPhase: null, nextPrice: null, phases: [], earlyBirdPrice: null, earlyBirdDeadline: null },
      ...{ groupDiscount: null, minimumPrice: null, maximumPrice: null },
      name: "Standing",
      description: null,
      kind: "paid",
      basePrice: eur(4_500),
      quantityTotal: 40,
      availableQuantity: 40,
      salesStartAt: null,
      salesEndAt: null,
      minPerOrder: 1,
      maxPerOrder: 10,
      maxPerBuyer: null,
      highDemand: false,
      isActive: true,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      version: 1,
    });
    expect(answer.headers.get("location")).toBe(`/tickets/${type.id}`);
    expect(await answered(get(type.id), 200)).toEqual(type);
    expect(await api.story(type.id)).toEqual(["organizer ticket_type.create → ticket_type.created"]);
    expect(await api.journalOf(type.id)).toMatchObject([
      { actor: ORGANIZER, requestId: answer.headers.get("x-request-id"), events: [{ data: { ticketTypeId: type.id, eventId: event.id } }] },
    ]);
    expect(await answered(get(type.id), 200)).toEqual(type);
  });

  it("keeps everything a type can say", async () => {
    const event = await shop.createEvent();
    const change = {
      name: { en: "Front row", it: "Prima fila" },
      description: "A chair and a glass",
      salesStartAt: new Date(Date.now() + DAYS).toISOString(),
      salesEndAt: new Date(Date.now() + 2 * DAYS).toISOString(),
      minPerOrder: 2,
      maxPerOrder: 50,
      maxPerBuyer: 100,
      isActive: false,
    };
    const type = await answered(offer(event.id, change), 201);
    expect(type).toMatchObject(change);
    expect(await answered(get(type.id), 200)).toEqual(type);
  });

  it("offers free and pay-what-you-want types, types without a limit, without seats, and in high demand", async () => {
    const event = await shop.createEvent({ capacity: 2_000 });
    expect(await answered(offer(event.id, { kind: "free", basePrice: eur(0) }), 201)).toMatchObject({ kind: "free" });
    expect(await answered(offer(event.id, { kind: "donation", basePrice: eur(1_000) }), 201)).toMatchObject({ kind: "donation" });
    expect(await answered(offer(event.id, { kind: "donation", basePrice: eur(0) }), 201)).toMatchObject({ basePrice: eur(0) });
    expect(await answered(offer(event.id, { quantityTotal: null }), 201)).toMatchObject({ quantityTotal: null, availableQuantity: null });
    expect(await answered(offer(event.id, { quantityTotal: 0 }), 201)).toMatchObject({ availableQuantity: 0 });
    expect(await answered(offer(event.id, { quantityTotal: 1_000, highDemand: true }), 201)).toMatchObject({ availableQuantity: 1_000, highDemand: true });
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("takes no price in another currency, and none that no card can be charged", async () => {
    const event = await shop.createEvent();
    await refused(offer(event.id, { basePrice: { amount: 4_500, currency: "USD" } }), 422, "ticket_type.currency_mismatch", ["basePrice.currency"]);
    const problem = await refused(offer(event.id, { basePrice: eur(49) }), 422, "ticket_type.price_too_small", ["basePrice.amount"]);
    expect(problem.detail).toContain("€0.50");
    await refused(offer(event.id, { kind: "donation", basePrice: eur(49) }), 422, "ticket_type.price_too_small", ["basePrice.amount"]);
    await answered(offer(event.id, { basePrice: eur(50) }), 201);
    await refused(offer(event.id, { basePrice: eur(0) }), 400, "input.invalid", ["basePrice.amount"]);
    await refused(offer(event.id, { kind: "free", basePrice: eur(100) }), 400, "input.invalid", ["basePrice.amount"]);
  });

  it("never lets a published event offer more than its room takes, and says how many seats are free", async () => {
    const { event } = await shop.onSale({ quantityTotal: 100 }, { capacity: 250 });
    await answered(offer(event.id, { name: "Balcony", quantityTotal: 100 }), 201);
    const problem = await refused(offer(event.id, { name: "Box", quantityTotal: 100 }), 409, "ticket_type.exceeds_capacity", ["quantityTotal"]);
    expect(problem.errors![0]!.message).toContain("250");
    expect(problem.errors![0]!.message).toMatch(/\b50\b/);
    await refused(offer(event.id, { quantityTotal: null }), 409, "ticket_type.exceeds_capacity", ["quantityTotal"]);
    await answered(offer(event.id, { name: "Box", quantityTotal: 50 }), 201);
  });

  it("offers nothing for an event that is cancelled or over", async () => {
    const draft = await shop.createEvent();
    await cancelEvent(draft.id);
    await refused(offer(draft.id), 409, "ticket_type.event_closed");
    const { event, type } = await shop.onSale();
    travel(31 * DAYS);
    await refused(offer(event.id), 409, "ticket_type.event_closed");
    await refused(put(type.id, {}), 409, "ticket_type.event_closed");
  });

  it("offers at most 40 types per event", async () => {
    const event = await shop.createEvent({ capacity: 10_000 });
    for (let n = 0; n < 40; n++) await answered(offer(event.id, { name: `Type ${n}`, quantityTotal: 1 }), 201);
    await refused(offer(event.id), 422, "ticket_type.too_many");
    const { items } = await answered(api.request("GET", `/tickets?eventId=${event.id}&limit=100`, { token }), 200);
    expect(items).toHaveLength(40);
    await answered(remove(items[0].id), 204);
    await answered(offer(event.id), 201);
  });

  it("offers as many types as it says it did when several come at once", async () => {
    const event = await shop.createEvent();
    const answers = await atOnce(5, (n) => offer(event.id, { name: `Type ${n}` }));
    const counts = tally(answers);
    expect((counts["201"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(5);
    const made = answers.filter(({ status }) => status === 201).map(({ body }) => body.id as string);
    const { items } = await answered(api.request("GET", `/tickets?eventId=${event.id}`, { token }), 200);
    expect(items.map(({ id }: { id: string }) => id).sort()).toEqual(made.sort());
    for (const id of made) expect(await api.story(id)).toEqual(["organizer ticket_type.create → ticket_type.created"]);
    expect(await violations(api.world)).toEqual([]);
  });
});

describe("GET /tickets", () => {
  it("shows the active types of a published event to everybody, all of them to those who manage it", async () => {
    const draft = await shop.createEvent();
    const active = await shop.createType(draft.id);
    const inactive = await shop.createType(draft.id, { name: "Hidden", isActive: false });
    const list = async (as?: string) =>
      (await answered(api.request("GET", `/tickets?eventId=${draft.id}`, as ? { token: as } : {}), 200)).items.map(({ id }: { id: string }) => id);
    await refused(api.request("GET", `/tickets?eventId=${draft.id}`), 404, "event.not_found");
    await refused(get(active.id, ""), 404, "ticket_type.not_found");
    await shop.publish(draft.id);
    expect(await list()).toEqual([active.id]);
    expect(await list(api.otherOrganizer)).toEqual([active.id]);
    expect(await list(token)).toEqual([active.id, inactive.id]);
    expect(await list(shop.admin)).toEqual([active.id, inactive.id]);
    await answered(get(active.id, ""), 200);
    await refused(get(inactive.id, ""), 404, "ticket_type.not_found");
    expect(await answered(get(inactive.id), 200)).toMatchObject({ isActive: false });
  });

  it("tells what is left at this instant, purchase by purchase", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: 3 });
    for (const left of [2, 1, 0]) {
      await shop.buy(type.id);
      expect(await shop.available(type.id)).toBe(left);
      const { items } = await answered(api.request("GET", `/tickets?eventId=${event.id}`), 200);
      expect(items).toMatchObject([{ availableQuantity: left }]);
      const { ticketTypes } = await answered(api.request("GET", `/events/${event.id}/availability`), 200);
      expect(ticketTypes).toEqual([{ ticketTypeId: type.id, availableQuantity: left }]);
    }
  });
});

describe("PUT /tickets/:id", () => {
  it("replaces the whole document: what is left out is gone or as at the beginning", async () => {
    const event = await shop.createEvent();
    const type = await answered(
      offer(event.id, {
        description: "Old",
        salesStartAt: new Date().toISOString(),
        salesEndAt: new Date(Date.now() + DAYS).toISOString(),
        maxPerBuyer: 4,
        maxPerOrder: 4,
        isActive: false,
      }),
      201,
    );
    const replaced = await answered(put(type.id, { name: "New", basePrice: eur(9_900) }), 200);
    expect(replaced).toEqual({
      ...type,
      currentPrice: { amount: 9_900, currency: "EUR" },
      name: "New",
      basePrice: eur(9_900),
      description: null,
      salesStartAt: null,
      salesEndAt: null,
      maxPerBuyer: null,
      maxPerOrder: 10,
      isActive: true,
      version: 2,
      updatedAt: replaced.updatedAt,
    });
    expect(await answered(get(type.id), 200)).toEqual(replaced);
    expect(await api.story(type.id)).toEqual(["organizer ticket_type.create → ticket_type.created", "organizer ticket_type.replace → ticket_type.replaced"]);
  });

  it("gives more seats at once and takes free ones away, on sale, too", async () => {
    const { type } = await shop.onSale({ quantityTotal: 10 });
    await shop.buy(type.id, { quantity: 4 });
    expect(await answered(put(type.id, { quantityTotal: 40 }), 200)).toMatchObject({ quantityTotal: 40, availableQuantity: 36 });
    expect(await answered(put(type.id, { quantityTotal: 5 }), 200)).toMatchObject({ quantityTotal: 5, availableQuantity: 1 });
    expect(await answered(put(type.id, { quantityTotal: 4 }), 200)).toMatchObject({ quantityTotal: 4, availableQuantity: 0 });
    await refused(shop.purchase(type.id), 409, "ticket_type.all_held");
    expect(await answered(put(type.id, { quantityTotal: 6 }), 200)).toMatchObject({ availableQuantity: 2 });
    await answered(shop.purchase(type.id, { quantity: 2 }), 201);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("never offers fewer seats than are sold or held, says how many those are, and changes nothing then", async () => {
    const { type } = await shop.onSale({ quantityTotal: 10 });
    const held = await shop.buy(type.id, { quantity: 3 });
    const paid = await shop.buy(type.id, { quantity: 4 });
    await api.world.stripe.pay(paid.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    const before = await answered(get(type.id), 200);
    const problem = await refused(put(type.id, { quantityTotal: 6, name: "Smaller" }), 409, "ticket_type.below_sold", ["quantityTotal"]);
    expect(problem.errors![0]!.message).toContain("7");
    await refused(put(type.id, { quantityTotal: 0 }), 409, "ticket_type.below_sold", ["quantityTotal"]);
    expect(await answered(get(type.id), 200)).toEqual(before);
    await answered(shop.onOrder(held, "cancel"), 200);
    expect(await answered(put(type.id, { quantityTotal: 4 }), 200)).toMatchObject({ quantityTotal: 4, availableQuantity: 0 });
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("keeps what was decided at creation, because orders in flight rely on it", async () => {
    const event = await shop.createEvent({ capacity: 2_000 });
    const other = await shop.createEvent();
    const type = await shop.createType(event.id);
    const unlimited = await shop.createType(event.id, { name: "Unlimited", quantityTotal: null });
    const body = (change: Record<string, unknown>) => api.request("PUT", `/tickets/${type.id}`, { token, body: typeDocument(event.id, change) });
    await refused(body({ eventId: other.id }), 422, "ticket_type.fixed_field", ["eventId"]);
    await refused(body({ highDemand: true }), 422, "ticket_type.fixed_field", ["highDemand"]);
    await refused(body({ quantityTotal: null }), 422, "ticket_type.fixed_field", ["quantityTotal"]);
    await refused(body({ kind: "donation" }), 422, "ticket_type.fixed_field", ["kind"]);
    await refused(put(unlimited.id, { quantityTotal: 10 }), 422, "ticket_type.fixed_field", ["quantityTotal"]);
    await answered(body({}), 200);
  });

  it("is refused like a new offer in another currency, below the least price, or beyond the room", async () => {
    const { type } = await shop.onSale({ quantityTotal: 100 }, { capacity: 150 });
    await refused(put(type.id, { basePrice: { amount: 100, currency: "USD" } }), 422, "ticket_type.currency_mismatch", ["basePrice.currency"]);
    await refused(put(type.id, { basePrice: eur(10) }), 422, "ticket_type.price_too_small", ["basePrice.amount"]);
    const problem = await refused(put(type.id, { quantityTotal: 151 }), 409, "ticket_type.exceeds_capacity", ["quantityTotal"]);
    expect(problem.errors![0]!.message).toContain("has 150 seats");
    expect(await answered(put(type.id, { quantityTotal: 150 }), 200)).toMatchObject({ availableQuantity: 150 });
  });

  it("says how many seats of the room are free for this very type, also when another one offers as many", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: 60 }, { capacity: 150 });
    await answered(offer(event.id, { name: "Balcony", quantityTotal: 70 }), 201);
    const problem = await refused(put(type.id, { quantityTotal: 100 }), 409, "ticket_type.exceeds_capacity", ["quantityTotal"]);
    expect(problem.errors![0]!.message).toContain("has 80 seats");
  });

  it("never changes the price of an order that stands", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    await answered(put(type.id, { basePrice: eur(9_900) }), 200);
    expect((await shop.order(checkout)).total).toEqual(eur(4_500));
    expect((await shop.buy(type.id)).order.total).toEqual(eur(9_900));
  });

  it("ends the sale of a type that is made inactive, and starts it again", async () => {
    const { type } = await shop.onSale();
    await answered(put(type.id, { isActive: false }), 200);
    await refused(shop.purchase(type.id), 404, "ticket_type.not_found");
    await refused(
      api.request("POST", `/tickets/${type.id}/purchase`, { token, body: { quantity: 1, buyer: { name: "A", email: "a@example.com" } } }),
      409,
      "ticket_type.not_on_sale",
    );
    await answered(put(type.id, { isActive: true }), 200);
    await answered(shop.purchase(type.id), 201);
  });

  it("lets no change overwrite another one unseen when several come at once, and the stock fits in the end", async () => {
    const { type } = await shop.onSale({ quantityTotal: 20 });
    const answers = await atOnce(5, (n) => put(type.id, { quantityTotal: 10 + n * 7, name: `Name ${n}` }));
    const counts = tally(answers);
    const done = counts["200"] ?? 0;
    expect(done + (counts["409 request.conflict"] ?? 0) + (counts["503 request.busy"] ?? 0), JSON.stringify(counts)).toBe(5);
    expect(done).toBeGreaterThan(0);
    await api.world.settle();
    const standing = await answered(get(type.id), 200);
    expect(standing.availableQuantity).toBe(standing.quantityTotal);
    expect((await api.story(type.id)).filter((line) => line.includes("ticket_type.replaced"))).toHaveLength(done);
    expect(await violations(api.world)).toEqual([]);
  });

  it("never takes a seat that somebody is buying at the same moment", async () => {
    for (let round = 0; round < 3; round++) {
      const { type } = await shop.onSale({ quantityTotal: 20 });
      const [shrunk, ...purchases] = await Promise.all([put(type.id, { quantityTotal: 8 }), ...Array.from({ length: 14 }, () => shop.purchase(type.id))]);
      expect(
        Object.keys(tally([shrunk])).every((name) => ["200", "409 ticket_type.below_sold", "409 request.conflict"].includes(name)),
        JSON.stringify(shrunk.body),
      ).toBe(true);
      const bought = purchases.filter(({ status }) => status === 201).length;
      await api.world.settle();
      const standing = await answered(get(type.id), 200);
      expect(standing.quantityTotal).toBeGreaterThanOrEqual(bought);
      expect(standing.availableQuantity).toBe(standing.quantityTotal - bought);
      if (shrunk.status === 200) expect(standing.quantityTotal).toBe(8);
    }
    expect(await violations(api.world)).toEqual([]);
  });

  it("sells every seat it grows by, and not one more, while buyers wait", async () => {
    const { type } = await shop.onSale({ quantityTotal: 4 });
    const [grown, ...purchases] = await Promise.all([put(type.id, { quantityTotal: 10 }), ...Array.from({ length: 20 }, () => shop.purchase(type.id))]);
    await answered(grown, 200);
    const late = await atOnce(10, () => shop.purchase(type.id));
    expect([...purchases, ...late].filter(({ status }) => status === 201)).toHaveLength(10);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });
});

describe("DELETE /tickets/:id", () => {
  it("takes a type that was never on sale away with its stock, and tells it once", async () => {
    const draft = await shop.createEvent();
    const kept = await shop.createType(draft.id);
    const type = await shop.createType(draft.id, { name: "Box" });
    expect(await answered(remove(type.id), 204)).toBe("");
    await refused(get(type.id), 404, "ticket_type.not_found");
    await refused(remove(type.id), 404, "ticket_type.not_found");
    const { items } = await answered(api.request("GET", `/tickets?eventId=${draft.id}`, { token }), 200);
    expect(items.map(({ id }: { id: string }) => id)).toEqual([kept.id]);
    expect(await api.story(type.id)).toEqual(["organizer ticket_type.create → ticket_type.created", "organizer ticket_type.remove → ticket_type.removed"]);
    expect((await everything(api.world)).get("bucket")!.filter(({ p }) => p === type.id)).toEqual([]);
  });

  it("leaves no message that a consumer can never work off", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    await answered(remove(type.id), 204);
    expect(await api.stuck(type.id)).toEqual([]);
  });

  it("is possible in review, and never once the event has been published", async () => {
    const draft = await shop.createEvent();
    const [one, two] = [await shop.createType(draft.id), await shop.createType(draft.id, { name: "Two" })];
    const move = (status: string) => answered(api.request("POST", `/events/${draft.id}/status`, { token: shop.admin, body: { status } }), 200);
    await move("review");
    await answered(remove(one.id), 204);
    await move("published");
    expect((await refused(remove(two.id), 409, "ticket_type.has_orders")).detail).toContain("isActive");
    await cancelEvent(draft.id);
    await refused(remove(two.id), 409, "ticket_type.has_orders");
  });

  it("is done once when several ask at the same moment", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    const counts = tally(await atOnce(5, () => remove(type.id)));
    expect(counts["204"], JSON.stringify(counts)).toBe(1);
    expect((counts["404 ticket_type.not_found"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(4);
    expect(await api.story(type.id)).toHaveLength(2);
  });
});

it("shrinks over an unpaid order only after its time is over and its seats are back", async () => {
  const { type } = await shop.onSale({ quantityTotal: 5 });
  await shop.buy(type.id, { quantity: 5 });
  await refused(put(type.id, { quantityTotal: 2 }), 409, "ticket_type.below_sold", ["quantityTotal"]);
  travel(16 * MINUTES);
  await api.world.runSchedule("expire-orders");
  expect(await answered(put(type.id, { quantityTotal: 2 }), 200)).toMatchObject({ availableQuantity: 2 });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
