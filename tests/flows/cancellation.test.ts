import type { CancellationView } from "@fashionistas/core/cancellation/schema";
import { envelopesOf } from "@fashionistas/core/db/journal";
import type { Checkout } from "@fashionistas/core/order/schema";
import { lambdaContext, loadHandler, sqsEvent } from "@fashionistas/local/lambda";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
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

const cancel = (eventId: string) => world.request("POST", `/events/${eventId}/status`, { token: shop.organizer, body: { status: "cancelled" } });
const progress = async (eventId: string) => (await world.request<CancellationView>("GET", `/events/${eventId}/cancellation`, { token: shop.organizer })).body;

async function paid(typeId: string, change: Record<string, unknown> = {}): Promise<Checkout> {
  const checkout = await shop.buy(typeId, change);
  await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  return checkout;
}

/** Lets the clock come round until the job is done. */
async function untilDone(eventId: string): Promise<CancellationView> {
  for (let round = 0; round < 20; round++) {
    await world.settle();
    const view = await progress(eventId);
    if (view.phase === "done") return view;
    travel(3 * MINUTES);
    await world.runSchedule("continue-cancellations");
  }
  return progress(eventId);
}

describe("cancelling an event", () => {
  it("gives everybody their money back, whatever the policy, ends what is unpaid and tells how far it came", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: 100 }, { refundPolicy: [] });
    const orders = await Promise.all([1, 2, 3].map((quantity) => paid(type.id, { quantity })));
    const unpaid = await shop.buy(type.id);
    await world.settle();
    expect((await world.request<{ code: string }>("GET", `/events/${event.id}/cancellation`, { token: shop.organizer })).body.code).toBe(
      "cancellation.not_found",
    );
    await cancel(event.id);
    const view = await untilDone(event.id);
    expect(view).toMatchObject({
      phase: "done",
      orders: { ended: 1, sold: 3, voided: 3 },
      refunds: { pending: 0, succeeded: 3, failed: 0, amount: { amount: 27_000, currency: "EUR" } },
      finishedAt: expect.any(String),
    });
    for (const order of orders) expect((await shop.order(order)).status).toBe("voided");
    expect((await shop.order(unpaid)).status).toBe("cancelled");
    await expect(world.stripe.pay(unpaid.payment!.paymentIntentId, "succeed")).rejects.toThrow();
    expect(await violations(world)).toEqual([]);
  });

  it("voids free orders and those that were refunded before, without giving anything back twice", async () => {
    const { event, type } = await shop.onSale();
    const draft = await shop.createEvent();
    const free = await shop.createType(draft.id, { kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    await shop.publish(draft.id);
    const gift = await shop.buy(free.id);
    const checkout = await paid(type.id, { quantity: 2 });
    await world.settle();
    await world.stripe.refund(checkout.payment!.paymentIntentId, 4_000);
    await world.settle();
    await Promise.all([cancel(event.id), cancel(draft.id)]);
    expect(await untilDone(event.id)).toMatchObject({ refunds: { succeeded: 1, amount: { amount: 5_000 } } });
    expect(await untilDone(draft.id)).toMatchObject({ orders: { voided: 1 }, refunds: { succeeded: 0 } });
    expect((await shop.order(gift)).status).toBe("voided");
    expect(await violations(world)).toEqual([]);
  });

  it("finds whoever paid after the job had passed", async () => {
    const { event, type } = await shop.onSale();
    const slow = await shop.buy(type.id);
    await world.stripe.pay(slow.payment!.paymentIntentId, "processing");
    await world.settle();
    await cancel(event.id);
    expect(await untilDone(event.id)).toMatchObject({ orders: { sold: 0 } });
    await world.stripe.settle(slow.payment!.paymentIntentId, "succeed");
    await world.settle();
    travel(61 * MINUTES);
    await world.runSchedule("continue-cancellations");
    expect(await untilDone(event.id)).toMatchObject({ orders: { sold: 1, voided: 1 }, refunds: { succeeded: 1 } });
    expect((await shop.order(slow)).status).toBe("voided");
    expect(await violations(world)).toEqual([]);
  });

  it.each(["before", "after"] as const)("is finished by others when a worker dies %s any one of its calls", { timeout: 120_000 }, async (when) => {
    for (let at = 1, crashed = true; crashed; at += 9) {
      const { event, type } = await shop.onSale();
      const orders = await Promise.all([paid(type.id), paid(type.id)]);
      await shop.buy(type.id);
      await world.settle();
      await cancel(event.id);
      crashAt({ at, when, of: "machines" });
      await world.settle();
      crashed = disarm();
      world.stripe.resumeWebhooks();
      travel(3 * MINUTES);
      await world.runSchedule("continue-cancellations");
      expect(await untilDone(event.id), `${when} ${at}`).toMatchObject({ orders: { sold: 2, voided: 2 }, refunds: { succeeded: 2 } });
      for (const order of orders) expect((await shop.order(order)).status).toBe("voided");
    }
    travel(20 * MINUTES);
    await world.runSchedule("expire-orders");
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("is not begun again by messages that come once more", async () => {
    const { event, type } = await shop.onSale();
    await paid(type.id);
    await world.settle();
    await cancel(event.id);
    const view = await untilDone(event.id);
    const told = ((await everything(world)).get("journal-entry") ?? []).flatMap((entry) => envelopesOf(entry as never));
    const messages = told.filter(({ type: name, data }) => /^cancellation\.(started|continued)$/.test(name) && data["eventId"] === event.id);
    expect(messages.length).toBeGreaterThanOrEqual(2);
    const handler = await loadHandler("functions/consumers/cancellation-continued/void-orders.handler");
    const records = messages.map((detail, n) => ({ id: `again-${n}`, body: JSON.stringify({ detail }), attempts: 0 }));
    expect(await handler(sqsEvent("cancellation-continued-void-orders", records), lambdaContext("again"))).toEqual({ batchItemFailures: [] });
    await world.settle();
    expect(await progress(event.id)).toEqual(view);
    expect(await violations(world)).toEqual([]);
  });

  it("is shown to the event's team alone", async () => {
    const { event } = await shop.onSale();
    await cancel(event.id);
    await world.settle();
    const ask = (token?: string) => world.request<{ code: string }>("GET", `/events/${event.id}/cancellation`, token ? { token } : {});
    expect((await ask()).body.code).toBe("actor.unauthenticated");
    expect((await ask(await world.tokenOf("attendee"))).body.code).toBe("actor.not_allowed");
    expect((await ask(await world.tokenOf("organizer", "usr_somebody_else"))).body.code).toBe("event.not_found");
    expect((await ask(shop.admin)).status).toBe(200);
    await untilDone(event.id);
  });
});
