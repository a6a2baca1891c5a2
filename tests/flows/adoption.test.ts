import { randomUUID } from "node:crypto";
import { withContext } from "@fashionistas/core/context";
import * as Order from "@fashionistas/core/order";
import * as Person from "@fashionistas/core/person";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { crashAt, disarm } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let shop: Shop;

beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});
afterEach(() => void disarm());

const system = <T>(work: () => Promise<T>) =>
  withContext({ actor: { kind: "system", name: "adopt-orders" }, requestId: randomUUID(), correlationId: "story" }, work);
const adopt = (orderId: string, userId: string) => system(() => Order.adopt({ orderId, userId }));

async function guestOrder(buyer = { name: "Anna Rossi", email: `anna-${randomUUID()}@example.com`, phone: "+393330001122" }) {
  const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
  const { order, orderToken } = await shop.buy(type.id, { quantity: 1, buyer });
  return { orderId: order.id, orderToken, buyer, personId: Person.personIdOf(buyer) };
}
const ordersOf = async (buyer: string) => (await Order.listByBuyer(buyer)).map(({ orderId }) => orderId);

describe("a guest's order", () => {
  it("is found by the keyed hash of their e-mail, and goes to the user who adopts it, with its link as good as before", async () => {
    const { orderId, orderToken, buyer, personId } = await guestOrder();
    const [found] = await Person.listByKeys({ emailKey: Person.emailKeyOf(buyer.email) });
    expect([found, await ordersOf(found!)]).toEqual([personId, [orderId]]);
    expect(await adopt(orderId, "usr_anna")).toBe(true);
    expect([await ordersOf(personId), await ordersOf("usr_anna")]).toEqual([[], [orderId]]);
    expect((await world.request("GET", `/orders/${orderId}`, { headers: { "order-token": orderToken } })).status).toBe(200);
  });

  it("is adopted once when the same is told twice, and told once", async () => {
    const { orderId } = await guestOrder();
    expect([await adopt(orderId, "usr_twice"), await adopt(orderId, "usr_twice")]).toEqual([true, true]);
    await world.settle();
    const events = (await world.store.list<{ type: string; aggregate: { id: string } }>("domain-events")).map(({ value }) => value);
    expect(events.filter(({ type, aggregate }) => type === "order.adopted" && aggregate.id === orderId)).toHaveLength(1);
  });

  it("goes to one of two users who adopt it at the same moment", async () => {
    const { orderId } = await guestOrder();
    const users = ["usr_one", "usr_two", "usr_three"];
    const won = await Promise.all(users.map((userId) => adopt(orderId, userId)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const lists = await Promise.all(users.map(ordersOf));
    expect(lists).toEqual(won.map((mine) => (mine ? [orderId] : [])));
  });

  it("is adopted in the end, whichever call its consumer dies at", async () => {
    for (const when of ["before", "after"] as const)
      for (let at = 1, crashed = true; crashed; at++) {
        const { orderId } = await guestOrder();
        await world.settle();
        crashAt({ at, when, of: "machines" });
        await adopt(orderId, "usr_crash").catch(() => undefined);
        crashed = disarm();
        expect(await adopt(orderId, "usr_crash")).toBe(true);
        expect((await Order.find(orderId))?.userId).toBe("usr_crash");
      }
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("stays the guest's while it is not sold", async () => {
    const { type } = await shop.onSale();
    const { order } = await shop.buy(type.id, { quantity: 1 });
    expect(await adopt(order.id, "usr_early")).toBe(false);
    expect((await Order.find(order.id))?.userId).toBeUndefined();
    expect(await system(() => Order.adopt({ orderId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3", userId: "usr_x" }))).toBe(false);
  });
});
