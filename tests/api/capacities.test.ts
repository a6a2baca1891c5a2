import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { bucketOf } from "@fashionistas/core/pool";
import { present, SECONDS, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { eventDocument, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api, type Ask } from "./support.ts";

const UNKNOWN_TYPE = "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
const UNKNOWN_CAPACITY = "cap_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

type Wanted = { id?: string; name?: unknown; seats: unknown; ticketTypeIds: unknown };
type Shown = { id: string; name: string; seats: number; ticketTypeIds: string[]; binds: boolean; availableQuantity: number | null };

const put = (eventId: string, capacities: readonly Wanted[], ask: Ask = {}) =>
  api.request("PUT", `/events/${eventId}/capacities`, {
    token: shop.organizer,
    body: { capacities: capacities.map((one) => ({ name: "Balcony", ...one })) },
    ...ask,
  });
const get = async (eventId: string): Promise<Shown[]> =>
  (await answered(api.request("GET", `/events/${eventId}/capacities`, { token: shop.organizer }), 200)).capacities;
/** The same list as it was shown, with other seats. */
const withSeats = (shown: readonly Shown[], ...seats: number[]): Wanted[] =>
  shown.map(({ id, name, ticketTypeIds }, i) => ({ id, name, ticketTypeIds, seats: seats[i]! }));

/** A draft with types of these quantities. */
async function draftWith(quantities: readonly (number | null)[], event: Record<string, unknown> = {}) {
  const draft = await shop.createEvent(event);
  const types = [];
  for (const [n, quantityTotal] of quantities.entries())
    types.push((await shop.createType(draft.id, { name: `Type ${n}`, quantityTotal, maxPerOrder: 50 })).id);
  return { eventId: draft.id, types };
}

/** A published event, two types of which share a balcony. */
async function balcony(seats: number, quantities: readonly (number | null)[] = [30, 30, 30], event: Record<string, unknown> = {}) {
  const { eventId, types } = await draftWith(quantities, event);
  await answered(put(eventId, [{ seats, ticketTypeIds: types.slice(0, 2) }]), 200);
  await shop.publish(eventId);
  const [shared] = await get(eventId);
  return { eventId, types, shared: shared! };
}

/** Seats in somebody's hands, per pool. */
async function taken(): Promise<Map<string, number>> {
  const seats = new Map<string, number>();
  for (const { poolId, claims } of ((await everything(api.world)).get("bucket") ?? []).map(bucketOf)) {
    for (const { q } of Object.values(claims)) seats.set(poolId, (seats.get(poolId) ?? 0) + q);
  }
  return seats;
}

describe("the list of shared capacities", () => {
  it("is empty at first, is replaced as a whole, and keeps the ids it gave", async () => {
    const { eventId, types } = await draftWith([10, 10, 10]);
    expect(await get(eventId)).toEqual([]);
    const [a, b, c] = types as [string, string, string];
    const first = await answered(put(eventId, [{ seats: 15, ticketTypeIds: [a, b] }]), 200);
    expect(first.capacities).toEqual([
      { id: expect.stringMatching(/^cap_/), name: "Balcony", seats: 15, ticketTypeIds: [a, b], binds: false, availableQuantity: null },
    ]);
    const { id } = first.capacities[0];
    const second = await answered(
      put(eventId, [
        { name: "Stalls", seats: 5, ticketTypeIds: [c] },
        { id, name: { it: "Balconata" }, seats: 12, ticketTypeIds: [b, c] },
      ]),
      200,
    );
    expect(second.capacities).toMatchObject([
      { name: "Stalls", seats: 5, ticketTypeIds: [c] },
      { id, name: { it: "Balconata" }, seats: 12, ticketTypeIds: [b, c] },
    ]);
    expect(await get(eventId)).toEqual(second.capacities);
    await answered(put(eventId, []), 200);
    expect(await get(eventId)).toEqual([]);
    expect((await api.story(eventId)).slice(1)).toEqual(Array(3).fill("organizer event.replace_capacities → event.capacities_replaced"));
  });

  it("names every field that is wrong", async () => {
    const { eventId, types } = await draftWith([10, 10]);
    const other = await draftWith([10]);
    const [a, b] = types as [string, string];
    const bad: [readonly Wanted[], string[]][] = [
      [[{ seats: 0, ticketTypeIds: [a] }], ["capacities.0.seats"]],
      [[{ seats: 1.5, ticketTypeIds: [a] }], ["capacities.0.seats"]],
      [[{ seats: 1, ticketTypeIds: [] }], ["capacities.0.ticketTypeIds"]],
      [[{ seats: 1, ticketTypeIds: [a, a] }], ["capacities.0.ticketTypeIds"]],
      [[{ seats: 1, ticketTypeIds: [a, "evt_1"] }], ["capacities.0.ticketTypeIds.1"]],
      [[{ seats: 1, ticketTypeIds: [a], name: "" }], ["capacities.0.name"]],
      [[{ id: "balcony", seats: 1, ticketTypeIds: [a] }], ["capacities.0.id"]],
      [Array(11).fill({ seats: 1, ticketTypeIds: [a] }), ["capacities"]],
    ];
    for (const [capacities, fields] of bad) await refused(put(eventId, capacities), 400, "input.invalid", fields);
    await refused(put(eventId, [{ seats: 1, ticketTypeIds: [a], binds: true } as Wanted]), 400, "input.invalid", ["capacities.0.binds"]);
    await refused(
      put(eventId, [
        { seats: 1, ticketTypeIds: [a, UNKNOWN_TYPE] },
        { id: UNKNOWN_CAPACITY, seats: 1, ticketTypeIds: [other.types[0]!, b] },
      ]),
      422,
      "event.capacities_invalid",
      ["capacities.0.ticketTypeIds.1", "capacities.1.id", "capacities.1.ticketTypeIds.0"],
    );
    const [{ id }] = (await answered(put(eventId, [{ seats: 1, ticketTypeIds: [a] }]), 200)).capacities;
    const twice = { id, seats: 1, ticketTypeIds: [a] };
    await refused(put(eventId, [twice, twice]), 422, "event.capacities_invalid", ["capacities.1.id"]);
    // The capacity of another event is as unknown as none.
    await refused(put(other.eventId, [{ id, seats: 1, ticketTypeIds: [other.types[0]!] }]), 422, "event.capacities_invalid", ["capacities.0.id"]);
  });

  it("is not there for anybody who does not manage the event, to the byte", async () => {
    const { eventId, types } = await draftWith([10]);
    const path = `/events/${eventId}/capacities`;
    const missing = "/events/evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3/capacities";
    const body = { capacities: [{ name: "Taken over", seats: 1, ticketTypeIds: types }] };
    const token = api.otherOrganizer;
    expect(await api.bytes("GET", path, { token })).toEqual(await api.bytes("GET", missing, { token }));
    expect(await api.bytes("PUT", path, { token, body })).toEqual(await api.bytes("PUT", missing, { token, body }));
    await refused(api.request("PUT", path, { token, body }), 404, "event.not_found");
    const attendee = await api.world.tokenOf("attendee");
    for (const [method, ask] of [
      ["GET", {}],
      ["PUT", { body }],
    ] as const) {
      await refused(api.request(method, path, ask), 401, "actor.unauthenticated");
      await refused(api.request(method, path, { ...ask, token: attendee }), 403, "actor.not_allowed");
    }
    expect(await get(eventId)).toEqual([]);
  });

  it("is changed by the one who read it last, and by nobody who read an older one", async () => {
    const { eventId, types } = await draftWith([10]);
    const wanted = [{ seats: 4, ticketTypeIds: types }];
    const read = await api.request("GET", `/events/${eventId}/capacities`, { token: shop.organizer });
    const body = { capacities: [{ name: "Balcony", ...wanted[0]! }] };
    const headers = { "if-match": read.headers.get("etag")! };
    await answered(put(eventId, [], { body, headers }), 200);
    await refused(put(eventId, [], { body, headers }), 412, "request.precondition_failed");
    const answers = await atOnce(6, () => put(eventId, wanted));
    const counts = tally(answers);
    expect((counts["200"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(6);
    expect(counts["200"]).toBeGreaterThan(0);
    expect(await get(eventId)).toHaveLength(1);
  });

  it("stays as it is when the event is over or cancelled", async () => {
    const { eventId } = await balcony(10);
    const shown = await get(eventId);
    await answered(api.request("POST", `/events/${eventId}/status`, { token: shop.organizer, body: { status: "cancelled" } }), 200);
    await refused(put(eventId, withSeats(shown, 20)), 409, "event.not_editable");
  });

  it("forgets a type that is deleted before publication", async () => {
    const { eventId, types } = await draftWith([10, 10]);
    await answered(put(eventId, [{ seats: 12, ticketTypeIds: types }]), 200);
    await answered(api.request("DELETE", `/tickets/${types[0]}`, { token: shop.organizer }), 204);
    await shop.publish(eventId);
    expect(await get(eventId)).toMatchObject([{ binds: false, availableQuantity: null }]);
    await shop.buy(types[1]!, { quantity: 10 });
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });
});

describe("a shared capacity", () => {
  it("is never outsold by the types that share it, whoever comes first, and leaves other types alone", async () => {
    const { types, shared } = await balcony(12);
    expect(shared).toMatchObject({ binds: true, availableQuantity: 12 });
    const answers = await atOnce(36, (n) => shop.purchase<any>(types[n % 3]!));
    const sold = answers.filter(({ status }) => status === 201).map(({ body }) => body.order.lines[0].ticketTypeId as string);
    expect(sold.filter((id) => id !== types[2])).toHaveLength(12);
    expect(sold.filter((id) => id === types[2])).toHaveLength(12);
    const seats = await taken();
    expect(seats.get(shared.id)).toBe(12);
    expect((seats.get(types[0]!) ?? 0) + (seats.get(types[1]!) ?? 0)).toBe(12);
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("never holds more when parties of several race for it", async () => {
    const { types, shared } = await balcony(20);
    const answers = await atOnce(16, (n) => shop.purchase<any>(types[n % 2]!, { quantity: 2 + (n % 3) }));
    const bought = answers.filter(({ status }) => status === 201).reduce((sum, { body }) => sum + body.order.lines[0].quantity, 0);
    expect(bought).toBeLessThanOrEqual(20);
    const seats = await taken();
    expect(seats.get(shared.id)).toBe(bought);
    expect((seats.get(types[0]!) ?? 0) + (seats.get(types[1]!) ?? 0)).toBe(bought);
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("shows in what is left of its types, and in the event's status", async () => {
    const { eventId, types } = await balcony(8, [30, null], { capacity: 400 });
    for (const id of types) expect(await shop.available(id)).toBe(8);
    await shop.buy(types[0]!, { quantity: 5 });
    for (const id of types) expect(await shop.available(id)).toBe(3);
    const problem = await refused(shop.purchase(types[1]!, { quantity: 4 }), 409, "ticket_type.not_enough_left");
    expect(problem["availableQuantity"]).toBe(3);
    await shop.buy(types[1]!, { quantity: 3 });
    await refused(shop.purchase(types[0]!), 409, "ticket_type.all_held");
    expect(await get(eventId)).toMatchObject([{ availableQuantity: 0 }]);
    await api.world.settle();
    expect((await answered(api.request("GET", `/events/${eventId}`), 200)).status).toBe("sold_out");
  });

  it("gives its seats back with the order, and to nobody twice", async () => {
    const { types, shared } = await balcony(4);
    const checkout = await shop.buy(types[0]!, { quantity: 4 });
    await refused(shop.purchase(types[1]!), 409, "ticket_type.all_held");
    await answered(shop.onOrder(checkout, "cancel"), 200);
    expect((await taken()).get(shared.id)).toBeUndefined();
    travel(2.1 * SECONDS);
    await answered(shop.purchase(types[1]!, { quantity: 4 }), 201);
    expect((await taken()).get(shared.id)).toBe(4);
  });

  it("turns a buyer away who keeps no seat of anything else", async () => {
    const { eventId, types, shared } = await balcony(2, [30, 30], { capacity: 40 });
    await shop.buy(types[0]!, { quantity: 2 });
    expect(tally(await atOnce(6, () => shop.purchase<any>(types[1]!)))).toEqual({ "409 ticket_type.all_held": 6 });
    const seats = await taken();
    expect([seats.get(types[1]!), seats.get(shared.id), seats.get(eventId)]).toEqual([undefined, 2, 2]);
  });

  it("is no pool when its types cannot fill it, and may never be outgrown then", async () => {
    const { eventId, types, shared } = await balcony(60);
    expect(shared).toMatchObject({ binds: false, availableQuantity: null });
    await shop.buy(types[0]!);
    expect((await taken()).get(shared.id)).toBeUndefined();
    const { eventId: _, ...document } = typeDocument("", { name: "Type 0", quantityTotal: 31, maxPerOrder: 50 });
    const problem = await refused(api.request("PUT", `/tickets/${types[0]}`, { token: shop.organizer, body: document }), 409, "ticket_type.exceeds_capacity", [
      "quantityTotal",
    ]);
    expect(problem.errors![0]!.message).toContain("30");
    expect(problem["capacityId"]).toBe(shared.id);
    const small = await refused(put(eventId, withSeats([shared], 59)), 409, "event.capacity_too_small", ["capacities.0.seats"]);
    expect(small.errors![0]!.message).toContain("60");
    await answered(put(eventId, withSeats([shared], 61)), 200);
  });

  it("is sold with the room and the type's own stock, each of which may be the one that is full", async () => {
    const { types } = await balcony(10, [6, 30, 30], { capacity: 14 });
    await answered(shop.purchase(types[0]!, { quantity: 6 }), 201);
    await refused(shop.purchase(types[0]!), 409, "ticket_type.all_held");
    await answered(shop.purchase(types[1]!, { quantity: 4 }), 201);
    await refused(shop.purchase(types[1]!), 409, "ticket_type.all_held");
    await answered(shop.purchase(types[2]!, { quantity: 4 }), 201);
    await refused(shop.purchase(types[2]!), 409, "ticket_type.all_held");
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("is cut like its busiest type, but never thinner than its seats allow", async () => {
    const draft = await shop.createEvent({ capacity: 5_000 });
    const busy = await shop.createType(draft.id, { name: "Busy", quantityTotal: 1_000, highDemand: true });
    const calm = await shop.createType(draft.id, { name: "Calm", quantityTotal: 500 });
    await answered(
      put(draft.id, [
        { seats: 600, ticketTypeIds: [busy.id, calm.id] },
        { seats: 40, ticketTypeIds: [busy.id, calm.id] },
        { seats: 400, ticketTypeIds: [calm.id] },
      ]),
      200,
    );
    await shop.publish(draft.id);
    const buckets = ((await everything(api.world)).get("bucket") ?? []).map(bucketOf);
    const groups = (await get(draft.id)).map(({ id }) => new Set(buckets.filter(({ poolId }) => poolId === id).map(({ group }) => group)).size);
    expect(groups).toEqual([16, 1, 1]);
    await answered(shop.purchase(busy.id, { quantity: 4 }), 201);
  });
});

describe("once the event is published", () => {
  it("who shares what stays, and names may change", async () => {
    const { eventId, types, shared } = await balcony(10);
    const same = withSeats([shared], 10)[0]!;
    await refused(put(eventId, []), 409, "event.capacities_fixed", ["capacities"]);
    await refused(put(eventId, [same, { seats: 5, ticketTypeIds: [types[2]!] }]), 409, "event.capacities_fixed", ["capacities.1"]);
    for (const ticketTypeIds of [[types[0]!], types, [types[0]!, types[2]!]]) {
      await refused(put(eventId, [{ ...same, ticketTypeIds }]), 409, "event.capacities_fixed", ["capacities.0.ticketTypeIds"]);
    }
    const renamed = await answered(put(eventId, [{ ...same, name: "Gallery", ticketTypeIds: [types[1]!, types[0]!] }]), 200);
    expect(renamed.capacities).toMatchObject([{ id: shared.id, name: "Gallery", seats: 10, binds: true, availableQuantity: 10 }]);
  });

  it("more seats are sold at once, and fewer as far as they are free", async () => {
    const { eventId, types, shared } = await balcony(4);
    await answered(shop.purchase(types[0]!, { quantity: 4 }), 201);
    await refused(shop.purchase(types[1]!), 409, "ticket_type.all_held");
    expect((await answered(put(eventId, withSeats([shared], 40)), 200)).capacities).toMatchObject([{ seats: 40, availableQuantity: 36 }]);
    await answered(shop.purchase(types[1]!, { quantity: 3 }), 201);
    const problem = await refused(put(eventId, withSeats([shared], 6)), 409, "event.below_sold", ["capacities.0.seats"]);
    expect(problem["taken"]).toBe(7);
    expect(problem.errors![0]!.message).toContain("7");
    expect(await get(eventId)).toMatchObject([{ seats: 40, availableQuantity: 33 }]);
    expect((await answered(put(eventId, withSeats([shared], 7)), 200)).capacities).toMatchObject([{ seats: 7, availableQuantity: 0 }]);
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("takes nothing out of one capacity when another one cannot shrink", async () => {
    const { eventId, types } = await draftWith([30, 30, 30]);
    await answered(
      put(eventId, [
        { seats: 20, ticketTypeIds: types.slice(0, 2) },
        { seats: 20, ticketTypeIds: types.slice(1, 3) },
      ]),
      200,
    );
    await shop.publish(eventId);
    await shop.buy(types[2]!, { quantity: 9 });
    await refused(put(eventId, withSeats(await get(eventId), 5, 8)), 409, "event.below_sold", ["capacities.1.seats"]);
    expect(await get(eventId)).toMatchObject([
      { seats: 20, availableQuantity: 20 },
      { seats: 20, availableQuantity: 11 },
    ]);
  });

  it("a capacity that shrinks while buyers race for it is never oversold, and says in the end what it holds", async () => {
    for (let round = 0; round < 3; round++) {
      const { eventId, types, shared } = await balcony(24);
      const [answers, shrunk] = await Promise.all([atOnce(20, (n) => shop.purchase<any>(types[n % 2]!)), put(eventId, withSeats([shared], 12))]);
      expect(["200", "409 event.below_sold"]).toContain(Object.keys(tally([shrunk]))[0]);
      const sold = answers.filter(({ status }) => status === 201).length;
      const [now] = await get(eventId);
      expect(now!.seats - now!.availableQuantity!).toBe(sold);
      expect(now!.seats).toBe(shrunk.status === 200 ? shrunk.body.capacities[0].seats : 24);
      expect(await violations(api.world, { settled: false })).toEqual([]);
    }
  });
});

describe("the room", () => {
  const resize = (id: string, capacity: number) => api.request("PUT", `/events/${id}`, { token: shop.organizer, body: eventDocument({ capacity }) });

  it("grows and shrinks while it sells, as far as its seats are free", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: 60, maxPerOrder: 50 }, { capacity: 10 });
    await answered(shop.purchase(type.id, { quantity: 10 }), 201);
    await refused(shop.purchase(type.id), 409, "ticket_type.all_held");
    expect(await answered(resize(event.id, 40), 200)).toMatchObject({ capacity: 40 });
    expect(await shop.available(type.id)).toBe(30);
    await answered(shop.purchase(type.id, { quantity: 5 }), 201);
    const problem = await refused(resize(event.id, 14), 409, "event.below_sold", ["capacity"]);
    expect(problem["taken"]).toBe(15);
    expect(await shop.available(type.id)).toBe(25);
    expect(await answered(resize(event.id, 15), 200)).toMatchObject({ capacity: 15 });
    await refused(shop.purchase(type.id), 409, "ticket_type.all_held");
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("is never oversold when it shrinks while buyers race for it", async () => {
    for (let round = 0; round < 3; round++) {
      const { event, type } = await shop.onSale({ quantityTotal: 60 }, { capacity: 24 });
      const [answers, shrunk] = await Promise.all([atOnce(20, () => shop.purchase<any>(type.id)), resize(event.id, 12)]);
      const sold = answers.filter(({ status }) => status === 201).length;
      const { capacity } = await answered(api.request("GET", `/events/${event.id}`), 200);
      expect(sold).toBeLessThanOrEqual(capacity);
      expect(await shop.available(type.id)).toBe(capacity - sold);
      expect(["200", "409 event.below_sold"]).toContain(Object.keys(tally([shrunk]))[0]);
      expect(await violations(api.world, { settled: false })).toEqual([]);
    }
  });

  it("is what its document says in the end, however many resize it at once", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: 60 }, { capacity: 24 });
    const counts = tally(await atOnce(8, (n) => resize(event.id, 10 + 5 * n)));
    const told = (counts["200"] ?? 0) + (counts["409 request.conflict"] ?? 0) + (counts["503 request.busy"] ?? 0);
    expect([told, (counts["200"] ?? 0) > 0], JSON.stringify(counts)).toEqual([8, true]);
    const { capacity } = await answered(api.request("GET", `/events/${event.id}`), 200);
    expect(await shop.available(type.id)).toBe(capacity);
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
