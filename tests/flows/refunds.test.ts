import { randomUUID } from "node:crypto";
import type { Checkout } from "@fashionistas/core/order/schema";
import type { RefundList, RefundView } from "@fashionistas/core/refund/schema";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
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
afterEach(present);

async function paid(typeId: string, change: Record<string, unknown> = {}, paymentMethod?: string): Promise<Checkout> {
  const checkout = await shop.buy(typeId, change);
  await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed", paymentMethod ? { paymentMethod } : {});
  await world.settle();
  return checkout;
}

const refund = <T = RefundView>(checkout: Checkout, body: object, { token = shop.admin, key = randomUUID() as string } = {}) =>
  world.request<T>("POST", `/orders/${checkout.order.id}/refunds`, { token, body, headers: { "idempotency-key": key } });
const refunds = async (checkout: Checkout) => (await world.request<RefundList>("GET", `/orders/${checkout.order.id}/refunds`, { token: shop.admin })).body;

describe("a refund", () => {
  it("of everything voids the order, revokes its tickets and puts their seats on sale again", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id, { quantity: 2 });
    const { status, body } = await refund(checkout, { reason: "other" });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: "pending",
      amount: { amount: 9_000, currency: "EUR" },
      ticketIds: expect.arrayContaining([expect.stringMatching(/-1$/)]),
    });
    await world.settle();
    const order = await shop.order(checkout);
    expect(order.status).toBe("voided");
    expect(order.tickets.map(({ status, credential }) => [status, credential])).toEqual([
      ["revoked", ""],
      ["revoked", ""],
    ]);
    expect(await shop.available(type.id)).toBe(10);
    expect(await refunds(checkout)).toMatchObject({ refundState: "full", remaining: { amount: 0 }, items: [{ status: "succeeded" }] });
    expect(await violations(world)).toEqual([]);
  });

  it("of an amount leaves the tickets valid", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id, { quantity: 2 });
    await refund(checkout, { amount: 2_000, reason: "goodwill" });
    await world.settle();
    expect(await shop.order(checkout)).toMatchObject({ status: "fulfilled", tickets: [{ status: "valid" }, { status: "valid" }] });
    expect(await refunds(checkout)).toMatchObject({ refundState: "partial", refunded: { amount: 2_000 }, remaining: { amount: 7_000 } });
    expect(await violations(world)).toEqual([]);
  });

  it("of named tickets takes those back, once, and the last one voids the order", async () => {
    const { type } = await shop.onSale({}, { refundPolicy: [{ daysBefore: 7, percent: 50 }] });
    const checkout = await paid(type.id, { quantity: 3 });
    const ids = (await shop.order(checkout)).tickets.map(({ id }) => id);
    const own = { "order-token": checkout.orderToken };
    const ask = (ticketIds: string[]) =>
      world.request<RefundView & { code: string }>("POST", `/orders/${checkout.order.id}/refunds`, {
        headers: { ...own, "idempotency-key": randomUUID() },
        body: { ticketIds, reason: "customer_request" },
      });
    expect((await ask([ids[1]!])).body).toMatchObject({ amount: { amount: 2_250 }, ticketIds: [ids[1]] });
    expect((await ask([ids[1]!])).body.code).toBe("refund.ticket_not_refundable");
    await world.settle();
    expect(await shop.available(type.id)).toBe(8);
    expect((await ask([ids[0]!, ids[2]!])).body).toMatchObject({ amount: { amount: 4_500 } });
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("voided");
    expect(await shop.available(type.id)).toBe(10);
    expect(await violations(world)).toEqual([]);
  });

  it("can keep the seats off sale", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id, { quantity: 2 });
    await refund(checkout, { reason: "fraudulent", restock: false });
    await world.settle();
    expect(await shop.available(type.id)).toBe(8);
    expect(await violations(world)).toEqual([]);
  });

  it("puts a seat back in every pool it was taken from", async () => {
    const draft = await shop.createEvent({ capacity: 12 });
    const [a, b] = [await shop.createType(draft.id), await shop.createType(draft.id, { name: "Seat" })];
    await shop.publish(draft.id);
    const checkout = await paid(a.id, { quantity: 4 });
    await paid(b.id, { quantity: 8 });
    expect(await shop.available(a.id)).toBe(0);
    const [first] = (await shop.order(checkout)).tickets;
    await refund(checkout, { ticketIds: [first!.id], reason: "other" });
    await world.settle();
    expect(await shop.available(a.id)).toBe(1);
    expect(await shop.available(b.id)).toBe(1);
    expect(await violations(world)).toEqual([]);
  });

  it("lets whoever gave everything back buy as much again", async () => {
    const { type } = await shop.onSale({ maxPerBuyer: 2 });
    const buyer = { name: "Anna Rossi", email: `anna-${randomUUID()}@example.com` };
    const checkout = await paid(type.id, { quantity: 2, buyer });
    expect((await shop.purchase<{ code: string }>(type.id, { buyer })).body.code).toBe("order.over_limit");
    await refund(checkout, { reason: "other" });
    await world.settle();
    await paid(type.id, { quantity: 2, buyer });
    expect(await violations(world)).toEqual([]);
  });

  it("that fails days later is seen, and what it would have given back can be given again", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id, {}, "pm_card_refundFail");
    world.stripe.pauseWebhooks();
    await refund(checkout, { reason: "other" });
    await world.pump.drain();
    await world.bus.drain();
    expect(await refunds(checkout)).toMatchObject({ items: [{ status: "succeeded" }], remaining: { amount: 0 } });
    travel(3 * 24 * 60 * MINUTES);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await refunds(checkout)).toMatchObject({
      items: [{ status: "failed", failure: "expired_or_canceled_card" }],
      refundState: "none",
      remaining: { amount: 4_500 },
    });
    expect((await refund(checkout, { reason: "other" })).body).toMatchObject({ status: "pending", amount: { amount: 4_500 } });
    await world.settle();
    present();
    expect(await violations(world)).toEqual([]);
  });

  it("that is pending at Stripe counts as gone until it is known", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id, {}, "pm_card_pendingRefund");
    world.stripe.pauseWebhooks();
    await refund(checkout, { amount: 4_000, reason: "goodwill" });
    await world.pump.drain();
    await world.bus.drain();
    expect(await refunds(checkout)).toMatchObject({ items: [{ status: "pending" }], remaining: { amount: 500 } });
    expect((await refund<{ code: string }>(checkout, { amount: 501, reason: "goodwill" })).body.code).toBe("refund.exceeds_remaining");
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await refunds(checkout)).toMatchObject({ items: [{ status: "succeeded" }], remaining: { amount: 500 } });
    expect(await violations(world)).toEqual([]);
  });

  it("made in Stripe's dashboard is recorded and changes neither tickets nor stock", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id);
    await world.stripe.refund(checkout.payment!.paymentIntentId);
    await world.settle();
    for (const event of await world.stripe.events()) if (event.type.includes("refund")) await world.stripe.redeliver(event.id);
    await world.settle();
    expect(await refunds(checkout)).toMatchObject({ refundState: "full", items: [{ status: "succeeded", reason: "made_at_provider", ticketIds: [] }] });
    expect(await shop.order(checkout)).toMatchObject({ status: "fulfilled", tickets: [{ status: "valid" }] });
    expect(await shop.available(type.id)).toBe(9);
    expect(await violations(world)).toEqual([]);
  });

  it("that Stripe refuses, because somebody refunded there first, fails and moves no money", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id);
    world.stripe.pauseWebhooks();
    await world.stripe.refund(checkout.payment!.paymentIntentId);
    await refund(checkout, { reason: "other" });
    await world.pump.drain();
    await world.bus.drain();
    world.stripe.resumeWebhooks();
    await world.settle();
    const { items } = await refunds(checkout);
    expect(items.map(({ status, failure }) => [status, failure]).sort()).toEqual([
      ["failed", "charge_already_refunded"],
      ["succeeded", null],
    ]);
    expect(await violations(world)).toEqual([]);
  });

  it("never gives back more than was paid when twelve are asked for at once", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id, { quantity: 2 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => refund<{ code?: string }>(checkout, { amount: 2_000, reason: "goodwill" })));
    await world.settle();
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(4);
    expect((await refunds(checkout)).refunded.amount).toBeLessThanOrEqual(9_000);
    expect(await violations(world)).toEqual([]);
  });

  it("asked for twice under one key is one refund", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id);
    const key = randomUUID();
    const answers = [
      await refund(checkout, { amount: 100, reason: "goodwill" }, { key }),
      await refund(checkout, { amount: 100, reason: "goodwill" }, { key }),
    ];
    expect(answers[1]!.body.id).toBe(answers[0]!.body.id);
    await world.settle();
    expect((await refunds(checkout)).items).toHaveLength(1);
    expect(await violations(world)).toEqual([]);
  });

  it("whose message was lost is made by the schedule, once", async () => {
    const { type } = await shop.onSale();
    const checkout = await paid(type.id);
    await refund(checkout, { amount: 100, reason: "goodwill" });
    travel(11 * MINUTES);
    await Promise.all([world.runSchedule("retry-refunds"), world.settle()]);
    await world.settle();
    expect((await refunds(checkout)).items).toMatchObject([{ status: "succeeded" }]);
    expect(await violations(world)).toEqual([]);
  });
});
