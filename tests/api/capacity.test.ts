import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { bucketOf } from "@fashionistas/core/pool";
import { MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { eventDocument, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

/** A published event with several types. */
async function hall(capacity: number, types: readonly Record<string, unknown>[]) {
  const draft = await shop.createEvent({ capacity });
  const created = [];
  for (const [n, type] of types.entries()) created.push(await shop.createType(draft.id, { name: `Type ${n}`, ...type }));
  return { event: await shop.publish(draft.id), types: created };
}

/** Seats that somebody holds or has bought, per pool; every one of them belongs to an order that stands. */
async function taken(): Promise<Map<string, number>> {
  const rows = await everything(api.world);
  const orders = new Map((rows.get("order") ?? []).map((order) => [String(order["orderId"]), String(order["status"])]));
  const seats = new Map<string, number>();
  for (const { poolId, claims } of (rows.get("bucket") ?? []).map(bucketOf)) {
    for (const [orderId, { q }] of Object.entries(claims)) {
      expect(["held", "awaiting_payment", "fulfilled", "expiring"], `${orderId} holds a seat in ${poolId}`).toContain(orders.get(orderId));
      seats.set(poolId, (seats.get(poolId) ?? 0) + q);
    }
  }
  return seats;
}

const replace = (id: string, change: Record<string, unknown>) => {
  const { eventId: _, ...document } = typeDocument("", change);
  return api.request("PUT", `/tickets/${id}`, { token: shop.organizer, body: document });
};

describe("the stock of a type", () => {
  it("sells the last seat once, however many reach for it, and tells the others when it may come back", async () => {
    const { type } = await shop.onSale({ quantityTotal: 1 });
    const answers = await atOnce(12, () => shop.purchase<any>(type.id));
    expect(tally(answers)).toEqual({ "201": 1, "409 ticket_type.all_held": 11 });
    for (const { status, headers } of answers) if (status === 409) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await taken()).get(type.id)).toBe(1);
  });

  it("sells every seat and none twice when demand is three times the stock", async () => {
    const { type } = await shop.onSale({ quantityTotal: 24 });
    const answers = await atOnce(72, () => shop.purchase<any>(type.id));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(24);
    expect(answers.filter(({ status, body }) => status !== 201 && !["ticket_type.all_held", "ticket_type.not_enough_left"].includes(body.code))).toEqual([]);
    await Promise.all(answers.filter(({ status }) => status === 201).map(({ body }) => api.world.stripe.pay(body.payment.paymentIntentId, "succeed")));
    await api.world.settle();
    // What the last buyers were told, that the seats are only held, may be repeated for two seconds.
    travel(2.1 * SECONDS);
    await refused(shop.purchase(type.id), 409, "ticket_type.sold_out");
    expect(await violations(api.world)).toEqual([]);
  });

  it("says sold out, without a time to come back, only when every seat is paid for", async () => {
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" }, quantityTotal: 2 });
    await shop.buy(type.id, { quantity: 2 });
    const answer = await shop.purchase(type.id);
    await refused(answer, 409, "ticket_type.sold_out");
    expect(answer.headers.get("retry-after")).toBeNull();
  });

  it("says how many seats are left to a party that is too large, and keeps none of them", async () => {
    const { type } = await shop.onSale({ quantityTotal: 3 });
    const problem = await refused(shop.purchase(type.id, { quantity: 5 }), 409, "ticket_type.not_enough_left");
    expect(problem["availableQuantity"]).toBe(3);
    expect(await shop.available(type.id)).toBe(3);
    await answered(shop.purchase(type.id, { quantity: 3 }), 201);
  });

  it("seats parties over several buckets until nothing is left", async () => {
    const { type } = await shop.onSale({ quantityTotal: 40, maxPerOrder: 50 });
    for (const quantity of [18, 10, 7]) await answered(shop.purchase(type.id, { quantity }), 201);
    expect(await shop.available(type.id)).toBe(5);
    const problem = await refused(shop.purchase(type.id, { quantity: 6 }), 409, "ticket_type.not_enough_left");
    expect(problem["availableQuantity"]).toBe(5);
    await answered(shop.purchase(type.id, { quantity: 5 }), 201);
    expect((await taken()).get(type.id)).toBe(40);
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("never sells more to parties of different sizes that come at once", async () => {
    const { type } = await shop.onSale({ quantityTotal: 30 });
    const answers = await atOnce(24, (n) => shop.purchase<any>(type.id, { quantity: 1 + (n % 4) }));
    const seats = answers.filter(({ status }) => status === 201).reduce((sum, { body }) => sum + body.order.lines[0].quantity, 0);
    expect(seats).toBeLessThanOrEqual(30);
    expect((await taken()).get(type.id)).toBe(seats);
    expect(await shop.available(type.id)).toBe(30 - seats);
  });

  it("in high demand sells every seat, too", async () => {
    const { type } = await shop.onSale({ quantityTotal: 200, highDemand: true, maxPerOrder: 50 });
    const answers = await atOnce(30, () => shop.purchase<any>(type.id, { quantity: 5 }));
    expect(tally(answers)).toEqual({ "201": 30 });
    expect(await shop.available(type.id)).toBe(50);
    await answered(shop.purchase(type.id, { quantity: 50 }), 201);
    await refused(shop.purchase(type.id), 409, "ticket_type.all_held");
  });
});

describe("the room", () => {
  it("never holds more people than it takes when its types together offer more, whoever comes first", async () => {
    const { event, types } = await hall(8, [{ quantityTotal: 6 }, { quantityTotal: 6 }]);
    const answers = await atOnce(24, (n) => shop.purchase<any>(types[n % 2]!.id));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(8);
    const seats = await taken();
    expect(seats.get(event.id)).toBe(8);
    expect(types.reduce((sum, { id }) => sum + (seats.get(id) ?? 0), 0)).toBe(8);
    for (const { id } of types) expect(await shop.available(id)).toBe(0);
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("never holds more when parties of several come at once", async () => {
    const { event, types } = await hall(20, [{ quantityTotal: 15 }, { quantityTotal: 15 }, { quantityTotal: 15 }]);
    const answers = await atOnce(18, (n) => shop.purchase<any>(types[n % 3]!.id, { quantity: 2 + (n % 3) }));
    const bought = answers.filter(({ status }) => status === 201).reduce((sum, { body }) => sum + body.order.lines[0].quantity, 0);
    expect(bought).toBeLessThanOrEqual(20);
    expect((await taken()).get(event.id)).toBe(bought);
    const { ticketTypes } = await answered(api.request("GET", `/events/${event.id}/availability`), 200);
    for (const { availableQuantity } of ticketTypes) expect(availableQuantity).toBeLessThanOrEqual(20 - bought);
  });

  it("limits types that have no limit of their own, and shows what the room has left for them", async () => {
    const { types } = await hall(5, [{ quantityTotal: null }, { quantityTotal: 3 }]);
    expect(await shop.available(types[0]!.id)).toBe(5);
    expect(await shop.available(types[1]!.id)).toBe(3);
    await answered(shop.purchase(types[0]!.id, { quantity: 4 }), 201);
    expect(await shop.available(types[0]!.id)).toBe(1);
    expect(await shop.available(types[1]!.id)).toBe(1);
    const problem = await refused(shop.purchase(types[1]!.id, { quantity: 2 }), 409, "ticket_type.not_enough_left");
    expect(problem["availableQuantity"]).toBe(1);
    await answered(shop.purchase(types[1]!.id), 201);
    await refused(shop.purchase(types[0]!.id), 409, "ticket_type.all_held");
  });

  it("keeps no seat of a type for somebody whom the room turned away", async () => {
    const { types } = await hall(2, [{ quantityTotal: 5 }, { quantityTotal: 5 }]);
    const full = await shop.buy(types[0]!.id, { quantity: 2 });
    expect(tally(await atOnce(6, () => shop.purchase<any>(types[1]!.id)))).toEqual({ "409 ticket_type.all_held": 6 });
    const seats = await taken();
    expect(seats.get(types[1]!.id)).toBeUndefined();
    await answered(shop.onOrder(full, "cancel"), 200);
    expect(await shop.available(types[1]!.id)).toBe(2);
  });

  it("gets its seats back from orders that end, for whichever type is asked for next", async () => {
    const { event, types } = await hall(3, [{ quantityTotal: 3 }, { quantityTotal: 3 }]);
    const cancelled = await shop.buy(types[0]!.id, { quantity: 2 });
    const forgotten = await shop.buy(types[1]!.id);
    await refused(shop.purchase(types[1]!.id), 409, "ticket_type.all_held");
    await answered(shop.onOrder(cancelled, "cancel"), 200);
    await answered(shop.purchase(types[1]!.id, { quantity: 2 }), 201);
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect((await shop.order(forgotten)).status).toBe("expired");
    expect((await taken()).get(event.id)).toBeUndefined();
    await answered(shop.purchase(types[0]!.id, { quantity: 3 }), 201);
  });

  it("when it is full sells the event out, whatever its types have left, and is on sale again when somebody leaves", async () => {
    const { event, types } = await hall(2, [{ quantityTotal: 5 }, { quantityTotal: null }]);
    const status = async () => {
      await api.world.settle();
      return (await answered(api.request("GET", `/events/${event.id}`), 200)).status as string;
    };
    expect(await status()).toBe("on_sale");
    const checkout = await shop.buy(types[0]!.id, { quantity: 2 });
    expect(await status()).toBe("sold_out");
    await answered(shop.onOrder(checkout, "cancel"), 200);
    expect(await status()).toBe("on_sale");
  });

  it("is no pool when its types cannot fill it", async () => {
    const { event, types } = await hall(10, [{ quantityTotal: 6 }, { quantityTotal: 4 }]);
    await shop.buy(types[0]!.id, { quantity: 6 });
    await shop.buy(types[1]!.id, { quantity: 4 });
    expect((await taken()).get(event.id)).toBeUndefined();
    await refused(shop.purchase(types[0]!.id), 409, "ticket_type.all_held");
  });

  it("is never outgrown by two types that grow at the same moment", async () => {
    const { event, types } = await hall(20, [{ quantityTotal: 8 }, { quantityTotal: 8 }]);
    const answers = await Promise.all(types.map(({ id }) => replace(id, { quantityTotal: 12 })));
    const counts = tally(answers);
    expect(counts["200"] ?? 0, JSON.stringify(counts)).toBeLessThanOrEqual(1);
    expect(
      Object.keys(counts).every((name) => ["200", "409 request.conflict", "409 ticket_type.exceeds_capacity"].includes(name)),
      JSON.stringify(counts),
    ).toBe(true);
    const { items } = await answered(api.request("GET", `/tickets?eventId=${event.id}`), 200);
    expect(items.reduce((sum: number, { quantityTotal }: { quantityTotal: number }) => sum + quantityTotal, 0)).toBeLessThanOrEqual(20);
  });

  it("is never outgrown by a type that grows while the room shrinks", async () => {
    for (let round = 0; round < 4; round++) {
      const { event, types } = await hall(20, [{ quantityTotal: 8 }]);
      const [grown, shrunk] = await Promise.all([
        replace(types[0]!.id, { quantityTotal: 18 }),
        api.request("PUT", `/events/${event.id}`, { token: shop.organizer, body: eventDocument({ capacity: 10 }) }),
      ]);
      const counts = tally([grown, shrunk]);
      expect(counts["200"] ?? 0, JSON.stringify(counts)).toBeLessThanOrEqual(1);
      const { capacity } = await answered(api.request("GET", `/events/${event.id}`), 200);
      expect(await shop.available(types[0]!.id)).toBeLessThanOrEqual(capacity);
    }
  });

  it("takes more types after publication when it decides what is left anyway", async () => {
    const { event, types } = await hall(4, [{ quantityTotal: 6 }]);
    const late = await answered(
      api.request("POST", "/tickets", { token: shop.organizer, body: typeDocument(event.id, { name: "Late", quantityTotal: 50, highDemand: true }) }),
      201,
    );
    const answers = await atOnce(12, (n) => shop.purchase<any>(n % 2 ? late.id : types[0]!.id));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
    expect((await taken()).get(event.id)).toBe(4);
  });

  it("decides by the types there are at publication, also by one that is added at that very moment", async () => {
    for (let round = 0; round < 3; round++) {
      const draft = await shop.createEvent({ capacity: 5 });
      const first = await shop.createType(draft.id, { quantityTotal: 5 });
      await answered(api.request("POST", `/events/${draft.id}/status`, { token: shop.organizer, body: { status: "review" } }), 200);
      const [published, second] = await Promise.all([
        api.request("POST", `/events/${draft.id}/status`, { token: shop.admin, body: { status: "published" } }),
        api.request("POST", "/tickets", { token: shop.organizer, body: typeDocument(draft.id, { name: "Second", quantityTotal: 5 }) }),
      ]);
      if (published.status === 409)
        await answered(api.request("POST", `/events/${draft.id}/status`, { token: shop.admin, body: { status: "published" } }), 200);
      const ids = [first.id, ...(second.status === 201 ? [second.body.id as string] : [])];
      const answers = await atOnce(12, (n) => shop.purchase<any>(ids[n % ids.length]!));
      expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(5);
    }
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
