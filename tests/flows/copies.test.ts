import * as Event from "@fashionistas/core/event";
import * as TicketType from "@fashionistas/core/ticket-type";
import { beforeAll, expect, it } from "vitest";
import { everything, violations } from "../kit/invariants.ts";
import { openShop, typeDocument, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

/** What a crowd reads stands in copies (`copy/entity.ts`): whoever reads any of them reads what was written last. */
const IN_DEMAND = { highDemand: true, quantityTotal: 200 };

let world: World;
let shop: Shop;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});

const often = async <T>(read: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 32 }, read));
const copies = async () => (await everything(world)).get("copy") ?? [];

it("shows every reader the newest document of a type in high demand and of its event, at once and in each copy", async () => {
  const { event, type } = await shop.onSale(IN_DEMAND);
  expect(await copies()).toHaveLength(16);
  for (const amount of [5_000, 6_000, 7_000]) {
    const body = { ...typeDocument(event.id, IN_DEMAND), basePrice: { amount, currency: "EUR" } };
    expect((await world.request("PUT", `/tickets/${type.id}`, { token: shop.organizer, body })).status).toBe(200);
    const prices = await often(async () => ((await TicketType.find(type.id))!.basePrice as { amount: number }).amount);
    expect(new Set(prices)).toEqual(new Set([amount]));
  }
  expect((await world.request("POST", `/events/${event.id}/status`, { token: shop.admin, body: { status: "cancelled", reason: "flood" } })).status).toBe(200);
  expect(new Set(await often(async () => (await Event.find(event.id))?.stage))).toEqual(new Set(["cancelled"]));
  expect((await shop.purchase(type.id)).status).toBe(409);
  await world.settle();
  expect(await violations(world)).toEqual([]);
});

it("keeps no copy of an ordinary type or its event", async () => {
  const before = (await copies()).length;
  await shop.onSale();
  expect(await copies()).toHaveLength(before);
});

it("answers for a type that is deleted as for one that never was, although its copies were read before", async () => {
  const before = (await copies()).length;
  const draft = await shop.createEvent();
  const type = await shop.createType(draft.id, IN_DEMAND);
  await often(() => TicketType.find(type.id));
  expect((await world.request("DELETE", `/tickets/${type.id}`, { token: shop.organizer })).status).toBe(204);
  expect(new Set(await often(() => TicketType.find(type.id)))).toEqual(new Set([undefined]));
  expect((await Event.find(draft.id))?.offers).toEqual([]);
  expect(await copies()).toHaveLength(before);
});

it("leaves no copy behind when a draft with a type in high demand is deleted", async () => {
  const before = (await copies()).length;
  const draft = await shop.createEvent();
  await shop.createType(draft.id, IN_DEMAND);
  expect((await world.request("DELETE", `/events/${draft.id}`, { token: shop.organizer })).status).toBe(204);
  await world.settle();
  expect(await copies()).toHaveLength(before);
  expect(await violations(world)).toEqual([]);
});

it("lets changes that race win one after the other, and copies follow the last", async () => {
  const { event, type } = await shop.onSale(IN_DEMAND);
  const replace = (amount: number) =>
    world.request("PUT", `/tickets/${type.id}`, {
      token: shop.organizer,
      body: { ...typeDocument(event.id, IN_DEMAND), basePrice: { amount, currency: "EUR" } },
    });
  const answers = await Promise.all([5_000, 6_000, 7_000, 8_000].map(replace));
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(new Set(await often(async () => (await TicketType.find(type.id))?.version)).size).toBe(1);
  await world.settle();
  expect(await violations(world)).toEqual([]);
});
