import { withContext } from "@fashionistas/core/context";
import * as Limit from "@fashionistas/core/limit";
import type { Checkout } from "@fashionistas/core/order/schema";
import * as Pool from "@fashionistas/core/pool";
import { processPayment } from "@fashionistas/integrations/stripe";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, somebody, type Shop } from "../kit/shop.ts";
import { calm, conflictOnWriteTo, stopAtWriteTo } from "../kit/trouble.ts";
import { startWorld, type World } from "../kit/world.ts";

/**
 * Whoever ends an order gives its share of a limit per person back, and may be stopped anywhere on the way. When its money comes
 * all the same, the share counts once, whoever goes on afterwards; and when the money goes back, it never counts again.
 */
let world: World;
closeBooks(() => world);
let shop: Shop;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});
afterEach(async () => {
  calm();
  present();
  world.stripe.resumeWebhooks();
  await world.settle();
});

const LIMIT = 3;
/** One bucket: a rescue finds its seats where they were. */
const SEATS = 16;

/** An order of a whole limit whose time is over. No webhook comes until it rests: who hears of its payment, and when, the test says. */
async function overdue(): Promise<{ checkout: Checkout; typeId: string; eventId: string; buyer: ReturnType<typeof somebody> }> {
  const { type, event } = await shop.onSale({ quantityTotal: SEATS, maxPerBuyer: LIMIT });
  const buyer = somebody();
  world.stripe.pauseWebhooks();
  const checkout = await shop.buy(type.id, { quantity: LIMIT, buyer });
  travel(16 * MINUTES);
  return { checkout, typeId: type.id, eventId: event.id, buyer };
}

const expires = () => world.runSchedule("expire-orders");
const statusOf = async (checkout: Checkout) => (await shop.order(checkout)).status;

/** The bank says after all that it has paid, which no cancellation of ours can undo. */
const isPaid = ({ payment }: Checkout) => world.stripe.payCanceled(payment!.paymentIntentId);

let workers = 0;
function worker<T>(work: () => Promise<T>): Promise<T> {
  const id = `worker-${++workers}`;
  return withContext({ actor: { kind: "system", name: id }, requestId: id, correlationId: id }, work);
}
const hears = ({ payment }: Checkout) => worker(() => processPayment(payment!.paymentIntentId));

/** How many count under the limits of a type. */
async function counted(typeId: string): Promise<number> {
  const limits = (await everything(world)).get("limit") ?? [];
  const [limit] = limits.filter(({ scope }) => scope === typeId);
  return (await Limit.read({ scope: typeId, key: String(limit!["key"]) })).taken;
}

async function rests(): Promise<void> {
  world.stripe.resumeWebhooks();
  await world.settle();
  travel(20 * MINUTES);
  await expires();
  await world.settle();
  expect(await violations(world)).toEqual([]);
}

describe("a share of a limit per person", () => {
  it("counts when its order is paid after an ending that gave it back and not the seats", async () => {
    const { checkout, typeId } = await overdue();
    const met = conflictOnWriteTo("POOL#");
    await expires();
    await expect.poll(() => counted(typeId)).toBe(0);
    expect(met()).toBe(1);
    expect(await statusOf(checkout)).toBe("expiring");
    await isPaid(checkout);
    await hears(checkout);
    expect(await statusOf(checkout)).toBe("fulfilled");
    expect(await counted(typeId)).toBe(LIMIT);
    await rests();
  });

  it("stays when its order is paid before an ending that began earlier gives it back", async () => {
    const { checkout, typeId } = await overdue();
    const met = stopAtWriteTo("POOL#", async () => {
      await isPaid(checkout);
      await hears(checkout);
      expect(await statusOf(checkout)).toBe("fulfilled");
    });
    await expires();
    expect(met()).toBe(1);
    await expect.poll(() => shop.available(typeId)).toBe(SEATS - LIMIT);
    expect(await counted(typeId)).toBe(LIMIT);
    await rests();
  });

  it("stays when its order is rescued after one ending and before another gives it back", async () => {
    const { checkout, typeId } = await overdue();
    const met = stopAtWriteTo("POOL#", async () => {
      travel(18 * MINUTES);
      await expires();
      expect(await statusOf(checkout)).toBe("expired");
      await isPaid(checkout);
      await hears(checkout);
      expect(await statusOf(checkout)).toBe("fulfilled");
    });
    await expires();
    expect(met()).toBe(1);
    expect(await counted(typeId)).toBe(LIMIT);
    await rests();
  });

  it("never counts again when a worker who rescues its order finds it given up", async () => {
    const { checkout, typeId, eventId } = await overdue();
    await expires();
    expect(await statusOf(checkout)).toBe("expired");
    await isPaid(checkout);
    const met = stopAtWriteTo("LIMIT#", async () => {
      await world.request("POST", `/events/${eventId}/status`, { token: shop.organizer, body: { status: "cancelled" } });
      await hears(checkout);
      expect(await statusOf(checkout)).toBe("unfulfillable");
    });
    await hears(checkout);
    expect(met()).toBe(1);
    expect(await counted(typeId)).toBe(0);
    await rests();
  });

  it("goes back when the tickets of a rescued order do, and what is over the limit counts until then", async () => {
    const { checkout, typeId, buyer } = await overdue();
    await expires();
    const other = await shop.buy(typeId, { quantity: LIMIT, buyer });
    await world.stripe.pay(other.payment!.paymentIntentId, "succeed");
    await hears(other);
    await isPaid(checkout);
    await hears(checkout);
    expect(await counted(typeId)).toBe(2 * LIMIT);
    const back = { token: shop.admin, body: { reason: "customer_request" }, headers: { "idempotency-key": checkout.order.id } };
    const { status, body } = await world.request("POST", `/orders/${checkout.order.id}/refunds`, back);
    expect(status, JSON.stringify(body)).toBe(201);
    await rests();
    expect(await statusOf(checkout)).toBe("voided");
    expect(await counted(typeId)).toBe(LIMIT);
    const more = await shop.purchase<{ code: string; taken: number }>(typeId, { quantity: 1, buyer });
    expect(more.body).toMatchObject({ code: "order.over_limit", taken: LIMIT });
  });
});

describe("a seat", () => {
  it("is claimed once more when an ending from before gives back what a rescue has just claimed", async () => {
    const { checkout, typeId } = await overdue();
    await expires();
    const { claims } = (await everything(world)).get("order")!.find(({ orderId }) => orderId === checkout.order.id) as unknown as { claims: Pool.Claim[] };
    await isPaid(checkout);
    const met = stopAtWriteTo("LIMIT#", () => worker(() => Promise.all(claims.map((claim) => Pool.release(claim, checkout.order.id)))));
    await expect(hears(checkout)).rejects.toMatchObject({ code: "order.expired" });
    expect(met()).toBe(1);
    await hears(checkout);
    expect(await statusOf(checkout)).toBe("fulfilled");
    expect(await shop.available(typeId)).toBe(SEATS - LIMIT);
    await rests();
  });

  it("is planned once for an order whose rescuers, each by another plan, have claimed twice", async () => {
    const { type, event } = await shop.onSale({ quantityTotal: 20 });
    const pool = { poolId: type.id, eventId: event.id, groups: 1, seats: 20 };
    const claims = [0, 1].map((bucket) => ({ poolId: type.id, group: 0, bucket, q: LIMIT }));
    const nowS = Math.floor(Date.now() / 1_000);
    for (const claim of claims) await Pool.claim(claim, "ord_1", nowS + 600);
    await Pool.confirm(claims[1]!, "ord_1");
    expect(await Pool.plan(pool, { orderId: "ord_1", quantity: LIMIT, nowS })).toEqual([claims[1]]);
    expect(await Pool.plan(pool, { orderId: "ord_1", quantity: 2 * LIMIT, nowS })).toHaveLength(2);
    await Promise.all(claims.map((claim) => Pool.takeBack(claim, "ord_1")));
  });
});
