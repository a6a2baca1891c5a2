import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import type { Checkout } from "@fashionistas/core/order/schema";
import { MINUTES, SECONDS, present, travel } from "../kit/clock.ts";
import { secretKey } from "../kit/documents.ts";
import { crashAt, disarm, startBreakableWorld } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import type { World } from "../kit/world.ts";

/**
 * An order of two types in a room that binds, one in a price phase with a quota: four pools, two limits per person and an attendee, so that a process may die
 * with any part of them taken. It is repeated, or its buyer is never seen again; both at once, one order of each kind a point.
 */
let world: World;
closeBooks(() => world);
let shop: Shop;
let eventId: string;
let types: string[];
beforeAll(async () => {
  world = await startBreakableWorld();
  shop = await openShop(world);
  const draft = await shop.createEvent({ capacity: 550 });
  const [one, two] = [
    await shop.createType(draft.id, {
      quantityTotal: 300,
      maxPerBuyer: 2,
      phases: [{ name: "Early bird", price: { amount: 3_000, currency: "EUR" }, quantity: 290 }],
    }),
    await shop.createType(draft.id, { quantityTotal: 300, maxPerBuyer: 3 }),
  ];
  await shop.publish(draft.id);
  [eventId, types] = [draft.id, [one.id, two.id]];
  await world.settle();
});

const bodyOf = (name: string) => ({
  eventId,
  lines: [
    { ticketTypeId: types[0], quantity: 2, attendees: [null, { name: "Bea", email: `bea-${name}@example.com` }] },
    { ticketTypeId: types[1], quantity: 3 },
  ],
  buyer: { name: "Anna Rossi", email: `${name}-${randomUUID()}@example.com` },
});
const order = (body: object, key: string) => world.request<Checkout>("POST", "/orders", { body, headers: { "idempotency-key": secretKey(key) } });
const takenOf = async (limit: string) =>
  ((await everything(world)).get("limit") ?? []).filter(({ scope }) => scope === limit).reduce((sum, { taken }) => sum + Number(taken), 0);

it.each(["before", "after"] as const)(
  "an order of two lines whose process dies %s any one of its calls is finished once by its repetition, or leaves nothing behind",
  { timeout: 180_000 },
  async (when) => {
    const kept: Checkout[] = [];
    let points = 0;
    for (let crashed = true; crashed;) {
      const [name, at] = [`${when}-${points + 1}`, points + 1];
      crashAt({ at, when, of: "requests" });
      await order(bodyOf(`leaves-${name}`), `leaves-${name}`);
      disarm();
      const body = bodyOf(`repeats-${name}`);
      crashAt({ at, when, of: "requests" });
      await order(body, `repeats-${name}`);
      crashed = disarm();
      travel(31 * SECONDS);
      const { status, body: checkout } = await order(body, `repeats-${name}`);
      expect(status, `${name}: ${JSON.stringify(checkout)}`).toBe(201);
      expect(
        checkout.order.attendees.map(({ ticketNumber }) => ticketNumber),
        name,
      ).toEqual([2]);
      await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
      kept.push(checkout);
      if (crashed) points += 1;
    }
    // Claims of four pools, two shares, the order and its seats' payment: no call is left out.
    expect(points).toBeGreaterThanOrEqual(14);
    await world.settle();
    travel(20 * MINUTES);
    await world.runSchedule("expire-orders");
    await world.runSchedule("sweep-pools");
    await world.settle();
    for (const checkout of kept) {
      const { status, tickets, lines } = await shop.order(checkout);
      expect(lines.map(({ phase }) => phase)).toEqual(["Early bird", undefined]);
      expect([status, tickets.map(({ holder }) => holder)]).toEqual(["fulfilled", ["buyer", "attendee", "buyer", "buyer", "buyer"]]);
    }
    expect(await violations(world)).toEqual([]);
    const fulfilled = ((await everything(world)).get("order") ?? []).filter(({ status }) => status === "fulfilled").length;
    const sold = fulfilled * 5;
    expect(await shop.available(types[0]!)).toBe(Math.min(300 - fulfilled * 2, 550 - sold));
    expect(await shop.available(types[1]!)).toBe(Math.min(300 - fulfilled * 3, 550 - sold));
    const { body } = await world.request<{ phases: { remainingQuantity: number }[] }>("GET", `/tickets/${types[0]}`);
    expect(body.phases[0]!.remainingQuantity).toBe(290 - fulfilled * 2);
    present();
  },
);

it("counts no share for an order that a crash left, once its person comes again", async () => {
  const body = bodyOf("limits");
  const earlier = await takenOf(types[0]!);
  // Key, types, event, then the first limit: asked for, made and taken. The process dies before the second.
  crashAt({ at: 6, when: "after", of: "requests" });
  await order(body, "limits-left");
  expect(disarm()).toBe(true);
  expect(await takenOf(types[0]!)).toBe(earlier + 2);
  travel(16 * MINUTES);
  const { status } = await order(body, "limits-again");
  expect(status).toBe(201);
  expect(await takenOf(types[0]!)).toBe(earlier + 2);
  present();
});

it.each(["before", "after"] as const)(
  "a free order whose process dies %s any one of its calls has its tickets after its repetition, or leaves every seat to others",
  { timeout: 120_000 },
  async (when) => {
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" }, quantityTotal: 100 }, { capacity: 90 });
    const other = await shop.createType(type.eventId, { name: "Seat", quantityTotal: null });
    const free = (key: string) => shop.purchase(type.id, { buyer: { name: "Anna Rossi", email: `${key}@example.com` } }, { "idempotency-key": secretKey(key) });
    let points = 0;
    for (let crashed = true; crashed;) {
      const [leaves, repeats] = [`free-leaves-${when}-${points}`, `free-repeats-${when}-${points}`];
      crashAt({ at: points + 1, when, of: "requests" });
      await free(leaves);
      disarm();
      crashAt({ at: points + 1, when, of: "requests" });
      await free(repeats);
      crashed = disarm();
      travel(31 * SECONDS);
      const again = await free(repeats);
      expect([again.status, again.body.order?.status], `${when} ${points + 1}`).toEqual([201, "fulfilled"]);
      if (crashed) points += 1;
    }
    expect(points).toBeGreaterThanOrEqual(6);
    await world.settle();
    travel(20 * MINUTES);
    await world.runSchedule("expire-orders");
    await world.runSchedule("sweep-pools");
    await world.settle();
    const fulfilled = ((await everything(world)).get("order") ?? []).filter(({ status, eventId: of }) => status === "fulfilled" && of === type.eventId);
    expect(await shop.available(type.id)).toBe(90 - fulfilled.length);
    expect(await shop.available(other.id)).toBe(90 - fulfilled.length);
    expect(await violations(world)).toEqual([]);
    present();
  },
);
