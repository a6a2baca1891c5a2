import { beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
closeBooks(() => world);
let shop: Shop;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});

describe("buying a ticket", () => {
  it("gives a buyer who paid their tickets, books the money and tells them on WhatsApp once", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id, {
      quantity: 2,
      buyer: { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" },
      whatsappOptIn: true,
    });
    expect(checkout.order.status).toBe("awaiting_payment");
    expect(checkout.order.total).toEqual({ amount: 9_000, currency: "EUR" });
    expect(await shop.available(type.id)).toBe(8);

    await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await world.settle();

    const order = await shop.order(checkout);
    expect(order.status).toBe("fulfilled");
    expect(order.tickets).toHaveLength(2);
    expect(order.tickets[0]!.credential).toMatch(/^FT1\./);
    const messages = (await world.wati.messages()).filter(({ localMessageId }) => localMessageId.includes(order.id));
    expect(messages).toHaveLength(1);
    expect(messages[0]!.phone).toBe("393331234567");
    expect(await violations(world)).toEqual([]);
  });

  it("fulfils free orders at once, without Stripe", async () => {
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    const checkout = await shop.buy(type.id);
    expect(checkout).toMatchObject({ payment: null, order: { status: "fulfilled", tickets: [{ status: "valid" }] } });
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("lets a declined buyer try another card on the same seats, and gives them at least ten minutes for it", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    travel(12 * MINUTES);
    await world.stripe.pay(checkout.payment!.paymentIntentId, "decline");
    await world.settle();
    const declined = await shop.order(checkout);
    expect(declined.paymentError).toEqual({ code: "card_declined" });
    expect(Date.parse(declined.expiresAt!)).toBeGreaterThan(Date.parse(checkout.order.expiresAt!));

    const again = await shop.onOrder<typeof checkout>(checkout, "pay");
    expect(again.body.payment!.paymentIntentId).toBe(checkout.payment!.paymentIntentId);
    await world.stripe.pay(again.body.payment!.paymentIntentId, "succeed");
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    present();
    expect(await violations(world)).toEqual([]);
  });

  it("waits for a customer whose bank asks for 3-D Secure, and lets them come back to the same payment", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    const { paymentIntentId } = checkout.payment!;
    await world.stripe.pay(paymentIntentId, "requires_action");
    await world.settle();
    expect(await shop.order(checkout)).toMatchObject({ status: "awaiting_payment", paymentError: null });
    expect((await shop.onOrder<typeof checkout>(checkout, "pay")).body.payment!.paymentIntentId).toBe(paymentIntentId);
    await world.stripe.pay(paymentIntentId, "succeed");
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("fulfilled");

    const leaves = await shop.buy(type.id);
    await world.stripe.pay(leaves.payment!.paymentIntentId, "requires_action");
    travel(16 * MINUTES);
    await world.runSchedule("expire-orders");
    expect((await shop.order(leaves)).status).toBe("expired");
    await expect(world.stripe.pay(leaves.payment!.paymentIntentId, "succeed")).rejects.toThrow();
    present();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("starts a second payment with a key of its own once the first was cancelled at Stripe", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    await world.stripe.cancel(checkout.payment!.paymentIntentId);
    await world.settle();
    const again = await shop.onOrder<typeof checkout>(checkout, "pay");
    expect(again.body.payment!.paymentIntentId).not.toBe(checkout.payment!.paymentIntentId);
    await world.stripe.pay(again.body.payment!.paymentIntentId, "succeed");
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect(await violations(world)).toEqual([]);
  });

  it("gives the seats of an order that nobody paid back, after its payment is cancelled at Stripe", async () => {
    const { type } = await shop.onSale({ quantityTotal: 2 });
    const checkout = await shop.buy(type.id, { quantity: 2 });
    expect((await shop.purchase(type.id)).body).toMatchObject({ code: "ticket_type.all_held" });
    travel(16 * MINUTES);
    await world.runSchedule("expire-orders");
    expect((await shop.order(checkout)).status).toBe("expired");
    expect(await shop.available(type.id)).toBe(2);
    await expect(world.stripe.pay(checkout.payment!.paymentIntentId, "succeed")).rejects.toThrow();
    present();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("fulfils an order whose money was faster than its expiry", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    world.stripe.pauseWebhooks();
    await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    travel(16 * MINUTES);
    await world.runSchedule("expire-orders");
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    world.stripe.resumeWebhooks();
    present();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("waits with the seats while a bank is still processing, and sells or frees them by its answer", async () => {
    const { type } = await shop.onSale({ quantityTotal: 1 });
    const checkout = await shop.buy(type.id);
    await world.stripe.pay(checkout.payment!.paymentIntentId, "processing");
    await world.settle();
    expect((await shop.onOrder(checkout, "cancel")).body).toMatchObject({ code: "order.payment_processing" });
    travel(20 * MINUTES);
    await world.runSchedule("expire-orders");
    expect((await shop.order(checkout)).status).toBe("expiring");
    expect(await shop.available(type.id)).toBe(0);
    await world.stripe.settle(checkout.payment!.paymentIntentId, "succeed");
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    present();
    expect(await violations(world)).toEqual([]);
  });

  it("takes Stripe's webhooks duplicated, reordered and late without doing anything twice", async () => {
    const { type } = await shop.onSale();
    const checkouts = await Promise.all(
      Array.from({ length: 4 }, () =>
        shop.buy(type.id, { buyer: { name: "B", email: `b${Math.random()}@example.com`, phone: "+39 333 7654321" }, whatsappOptIn: true }),
      ),
    );
    world.stripe.pauseWebhooks();
    for (const { payment } of checkouts) {
      await world.stripe.pay(payment!.paymentIntentId, "decline");
      await world.stripe.pay(payment!.paymentIntentId, "succeed");
    }
    world.stripe.resumeWebhooks();
    for (const event of (await world.stripe.events()).reverse()) await world.stripe.redeliver(event.id);
    await world.settle();
    for (const event of await world.stripe.events()) await world.stripe.redeliver(event.id);
    await world.settle();
    for (const checkout of checkouts) {
      expect((await shop.order(checkout)).status).toBe("fulfilled");
      expect((await world.wati.messages()).filter(({ localMessageId }) => localMessageId.includes(checkout.order.id))).toHaveLength(1);
    }
    expect(await violations(world)).toEqual([]);
  });
});
