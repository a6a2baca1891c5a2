import type { Checkout } from "@fashionistas/core/order/schema";
import { afterEach, beforeAll, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { secretKey } from "../kit/documents.ts";
import { crashAt, disarm, startBreakableWorld } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { differences } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { chanceFrom, type Chance } from "../kit/simulation/chance.ts";
import type { World } from "../kit/world.ts";

/**
 * A few whole-shop stories on the real engine, over real HTTP: what `pnpm simulate` tells by the thousand on a model of it. Chance
 * decides who does what and where processes die; which of those who come at once is faster, the machine does.
 */
let world: World;
let shop: Shop;
beforeAll(async () => {
  world = await startBreakableWorld();
  shop = await openShop(world);
});
afterEach(present);

const SCHEDULES = ["expire-orders", "sweep-pools", "republish-pending", "retry-refunds", "continue-cancellations"] as const;
const WAVES = 4;
const BUYERS = 8;

type Type = { id: string; kind: string };

async function openEvent(chance: Chance): Promise<{ eventId: string; types: Type[] }> {
  const draft = await shop.createEvent({ capacity: chance.between(20, 40) });
  const kinds = chance.shuffled(["paid", "paid", "free"]);
  const types: Type[] = [];
  for (const kind of kinds) {
    const basePrice = { amount: kind === "free" ? 0 : 4_500, currency: "EUR" };
    types.push(await shop.createType(draft.id, { kind, basePrice, quantityTotal: chance.between(8, 24), maxPerBuyer: chance.between(2, 6) }));
  }
  await shop.publish(draft.id);
  return { eventId: draft.id, types };
}

/** Orders, repeats the call when its process died, and then pays, leaves, cancels, or wants the money back. */
async function buyer(chance: Chance, types: readonly Type[]): Promise<void> {
  const lines = chance.shuffled(types).slice(0, chance.between(1, 2));
  const body = {
    lines: lines.map(({ id }) => ({ ticketTypeId: id, quantity: chance.between(1, 3) })),
    buyer: { name: "Anna Rossi", email: `person-${chance.between(1, 12)}@example.com` },
  };
  const headers = { "idempotency-key": secretKey(`key-${chance.next()}`) };
  const order = () => world.request<Checkout & { code?: string }>("POST", "/orders", { body, headers });
  const [first] = await Promise.all([order(), ...(chance.is(0.2) ? [order()] : [])]);
  const { status, body: checkout } = first.status >= 500 ? await order() : first;
  if (status !== 201) return;
  const intentId = checkout.payment?.paymentIntentId;
  const pays = async (outcome: "succeed" | "decline") => void (intentId && (await world.stripe.pay(intentId, outcome)));
  const ways: (() => Promise<unknown>)[] = [
    () => pays("succeed"),
    () => pays("succeed"),
    () => pays("decline").then(() => pays("succeed")),
    () => Promise.all([shop.onOrder(checkout, "cancel"), pays("succeed")]),
    () => shop.onOrder(checkout, "cancel").then(async () => intentId && world.stripe.payCanceled(intentId)),
    () => shop.onOrder(checkout, "extend"),
    async () => {},
  ];
  // What Stripe refuses is an answer too.
  await chance
    .pick(ways)()
    .catch(() => undefined);
  const refund = { token: shop.admin, headers: { "idempotency-key": `refund-${chance.next()}` }, body: { reason: "goodwill" } };
  if (chance.is(0.3)) await world.request("POST", `/orders/${checkout.order.id}/refunds`, refund);
}

it.each(["1", "2", "3", "4"])("leaves nothing broken on the real engine, wherever processes die: seed %s", { timeout: 120_000 }, async (seed) => {
  const chance = chanceFrom(`story/${seed}`);
  const { eventId, types } = await openEvent(chance);
  let crashes = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    crashAt({ at: chance.between(1, 40), when: chance.pick(["before", "after"]), of: chance.pick(["requests", "machines"]) });
    const buyers = Array.from({ length: BUYERS }, (_, n) => buyer(chance.of(`${wave}/${n}`), types));
    // A schedule may be what dies.
    const clock = SCHEDULES.filter(() => chance.is(0.4)).map((name) => world.runSchedule(name).catch(() => undefined));
    await Promise.all([...buyers, ...clock]);
    await world.settle();
    crashes += Number(disarm());
    world.stripe.resumeWebhooks();
    travel(chance.between(1, 9) * MINUTES);
  }
  if (chance.is(0.5)) await world.request("POST", `/events/${eventId}/status`, { token: shop.organizer, body: { status: "cancelled" } });
  for (let round = 0; round < 7; round++) {
    await world.settle();
    travel(11 * MINUTES);
    for (const name of SCHEDULES) await world.runSchedule(name);
  }
  await world.settle();
  expect(crashes, `seed ${seed}`).toBeGreaterThan(0);
  expect(await violations(world), `seed ${seed}`).toEqual([]);
  present();
  expect(await differences(world), `seed ${seed}`).toEqual([]);
});
