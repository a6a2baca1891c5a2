import type { Checkout } from "@fashionistas/core/order/schema";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

/**
 * Stripe confirms a payment although its cancellation was answered: the intent is paid behind our back, as a bank debit that
 * settles late or a cancellation that was lost would do it. Nobody pays for nothing, and nobody is refunded while there is stock.
 */
let world: World;
closeBooks(() => world);
let shop: Shop;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});
afterEach(present);

/** An order whose time is over and whose seats went back; its payment then succeeds all the same. */
async function paidTooLate(typeId: string, quantity = 1, change: Record<string, unknown> = {}): Promise<Checkout> {
  const checkout = await shop.buy(typeId, { quantity, ...change });
  travel(16 * MINUTES);
  await world.runSchedule("expire-orders");
  expect((await shop.order(checkout)).status).toBe("expired");
  return checkout;
}

/** The bank's late word, which no cancellation of ours can undo. */
const succeedLate = (checkout: Checkout) => world.stripe.payCanceled(checkout.payment!.paymentIntentId);

async function ledgerOf(orderId: string): Promise<[string, number][]> {
  const rows = (await everything(world)).get("ledger-row") ?? [];
  return rows.filter((row) => row["orderId"] === orderId).map((row) => [String(row["kind"]), Number(row["amount"])]);
}

describe("a payment that succeeds after its order has ended", () => {
  it("gets its seats again while there are any, and nobody is refunded", async () => {
    const { type } = await shop.onSale({ quantityTotal: 20, maxPerOrder: 20 });
    const checkout = await paidTooLate(type.id, 18);
    await succeedLate(checkout);
    await world.settle();
    const order = await shop.order(checkout);
    expect(order.status).toBe("fulfilled");
    expect(order.tickets).toHaveLength(18);
    expect(await shop.available(type.id)).toBe(2);
    expect(await ledgerOf(order.id)).toEqual([["charge", 81_000]]);
    expect(await violations(world)).toEqual([]);
  });

  it("gathers its seats from wherever they are when its old ones are sold", async () => {
    const { type } = await shop.onSale({ quantityTotal: 48, maxPerOrder: 20 });
    const checkout = await paidTooLate(type.id, 16);
    for (let n = 0; n < 3; n++) await shop.buy(type.id, { quantity: 9 });
    await succeedLate(checkout);
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect(await shop.available(type.id)).toBe(48 - 16 - 27);
    present();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("is given back in full when nothing is left, booked both ways, and the buyer is told once", async () => {
    const { type } = await shop.onSale({ quantityTotal: 2 });
    const buyer = { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" };
    const checkout = await paidTooLate(type.id, 2, { buyer, whatsappOptIn: true });
    const other = await shop.buy(type.id, { quantity: 2 });
    await world.stripe.pay(other.payment!.paymentIntentId, "succeed");
    await world.settle();
    await succeedLate(checkout);
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("unfulfillable");
    expect(await ledgerOf(checkout.order.id)).toEqual([
      ["charge", 9_000],
      ["refund", 9_000],
    ]);
    const { body } = await world.request<{ refundState: string; remaining: { amount: number }; items: { status: string; reason: string }[] }>(
      "GET",
      `/orders/${checkout.order.id}/refunds`,
      { headers: { "order-token": checkout.orderToken } },
    );
    for (const event of await world.stripe.events()) if (event.type === "payment_intent.succeeded") await world.stripe.redeliver(event.id);
    await world.settle();
    const told = (await world.wati.messages()).filter(({ localMessageId }) => localMessageId.includes(checkout.order.id));
    expect(told.map(({ template }) => template)).toEqual(["payment_returned_v1"]);
    expect(body).toMatchObject({ refundState: "full", remaining: { amount: 0 }, items: [{ status: "succeeded", reason: "sold_out" }] });
    expect(await violations(world)).toEqual([]);
  });

  it("takes one seat however many workers rescue it at once", async () => {
    const { type } = await shop.onSale({ quantityTotal: 40, maxPerOrder: 20 });
    const checkout = await paidTooLate(type.id, 3);
    await shop.buy(type.id, { quantity: 16 });
    world.stripe.pauseWebhooks();
    await succeedLate(checkout);
    world.stripe.resumeWebhooks();
    for (const event of await world.stripe.events()) if (event.type === "payment_intent.succeeded") await world.stripe.redeliver(event.id);
    const { processPayment } = await import("@fashionistas/integrations/stripe");
    const { withContext } = await import("@fashionistas/core/context");
    const rescue = (n: number) =>
      withContext({ actor: { kind: "system", name: `rescuer-${n}` }, requestId: `req_${n}`, correlationId: `req_${n}` }, () =>
        processPayment(checkout.payment!.paymentIntentId),
      );
    await Promise.allSettled([1, 2, 3, 4].map(rescue));
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect(await shop.available(type.id)).toBe(40 - 16 - 3);
    expect((await ledgerOf(checkout.order.id)).filter(([kind]) => kind === "charge")).toHaveLength(1);
    present();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("is given back when the event was cancelled meanwhile", async () => {
    const { type, event } = await shop.onSale({ quantityTotal: 5 });
    const checkout = await paidTooLate(type.id);
    await world.request("POST", `/events/${event.id}/status`, { token: shop.organizer, body: { status: "cancelled" } });
    await succeedLate(checkout);
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("unfulfillable");
    expect((await ledgerOf(checkout.order.id)).map(([kind]) => kind)).toEqual(["charge", "refund"]);
    expect(await violations(world)).toEqual([]);
  });
});

describe("money that is not what an order asks for", () => {
  it("buys nothing and goes back", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    await world.stripe.changeAmount(checkout.payment!.paymentIntentId, 4_400);
    await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("unfulfillable");
    expect(await ledgerOf(checkout.order.id)).toEqual([
      ["charge", 4_400],
      ["refund", 4_400],
    ]);
    expect(await shop.available(type.id)).toBe(10);
    expect(await violations(world)).toEqual([]);
  });
});
