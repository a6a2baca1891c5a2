import { randomUUID } from "node:crypto";
import { setClock } from "@fashionistas/core/context";
import type { Checkout } from "@fashionistas/core/order/schema";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MINUTES, SECONDS } from "../kit/clock.ts";
import { violations } from "../kit/invariants.ts";
import { FREE, purchaseBody, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

// One payment may be started a second, over all processes. Read once, so that this file is a world of its own.
process.env["PAYMENT_STARTS_PER_SECOND"] = "1";

/** The product's clock stands still but for `pass`: every call of a test happens in one second unless the test says otherwise. */
let nowMs = Date.now();
const pass = (ms: number) => (nowMs += ms);

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  setClock(() => nowMs);
  api = await openApi();
  shop = api.shop;
});
beforeEach(() => pass(5 * SECONDS));
afterAll(() => setClock(undefined));

const intentsOf = async (orderId: string) =>
  (await api.world.store.list<{ intent: { metadata: Record<string, string> } }>("stripe_payment_intents")).filter(
    ({ value }) => value.intent.metadata["order_id"] === orderId,
  );
const pay = (checkout: Pick<Checkout, "order" | "orderToken">) => shop.onOrder<Checkout>(checkout, "pay");

/** An order whose payment could not be started: this second's one went to somebody else. */
async function heldOrder(ticketTypeId: string, change?: Record<string, unknown>): Promise<Checkout> {
  const other = await shop.onSale();
  expect((await shop.buy(other.type.id)).payment).not.toBeNull();
  const checkout = await answered(shop.purchase(ticketTypeId, change), 201);
  expect(checkout).toMatchObject({ payment: null, order: { status: "held" } });
  return checkout;
}

describe("when no payment can be started in this second", () => {
  it("a buyer keeps the seats all the same, is told when to ask, and pays then", async () => {
    const { type } = await shop.onSale();
    const other = await shop.onSale();
    await shop.buy(other.type.id);
    const answer = await shop.purchase(type.id, { quantity: 3 });
    const held = await answered(answer, 201);
    expect(held).toMatchObject({ payment: null, order: { status: "held", total: { amount: 13_500 } }, orderToken: expect.stringMatching(/^v1\./) });
    const retryAfter = Number(answer.headers.get("retry-after"));
    expect(retryAfter).toBeGreaterThan(0);
    expect(await shop.available(type.id)).toBe(7);
    expect(await intentsOf(held.order.id)).toEqual([]);
    expect(await api.story(held.order.id)).toEqual(["public order.place → order.held"]);

    pass(retryAfter * SECONDS);
    const started = await pay(held);
    expect(await answered(started, 200)).toMatchObject({ order: { id: held.order.id, status: "awaiting_payment" }, payment: { provider: "stripe" } });
    expect(started.headers.get("retry-after")).toBeNull();
    await api.world.stripe.pay(started.body.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    expect((await shop.order(held)).status).toBe("fulfilled");
    expect(await intentsOf(held.order.id)).toHaveLength(1);
    expect(await violations(api.world)).toEqual([]);
  });

  it("asking again too early answers the same, and changes nothing", async () => {
    const { type } = await shop.onSale();
    const held = await heldOrder(type.id);
    for (let n = 0; n < 3; n++) {
      const again = await pay(held);
      expect(await answered(again, 200)).toEqual(held);
      expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(await api.journalOf(held.order.id)).toHaveLength(1);
  });

  it("the order is no less its owner's: who may read it, and who may not, learn nothing from its payment", async () => {
    const { type } = await shop.onSale();
    const held = await heldOrder(type.id);
    for (const token of [shop.organizer, api.otherOrganizer, await api.world.tokenOf("attendee"), undefined])
      await refused(api.request("POST", `/orders/${held.order.id}/pay`, token ? { token } : {}), 404, "order.not_found");
  });

  it("an order that has ended says so, not that it should ask later", async () => {
    const { type } = await shop.onSale();
    const held = await heldOrder(type.id);
    await answered(shop.onOrder(held, "cancel"), 200);
    await refused(pay(held), 409, "order.not_payable");
    const free = await shop.onSale(FREE);
    await refused(pay(await shop.buy(free.type.id)), 409, "order.not_payable");
    const late = await shop.buy(type.id);
    pass(16 * MINUTES);
    await shop.buy(type.id);
    await refused(pay(late), 409, "order.expired");
  });

  it("free tickets are there at once: they cost no payment", async () => {
    const { type } = await shop.onSale(FREE);
    await heldOrder((await shop.onSale()).type.id);
    expect(await shop.buy(type.id)).toMatchObject({ payment: null, order: { status: "fulfilled" } });
  });

  it("everybody who comes at once has seats, one of them a payment, and in the end all of them tickets", async () => {
    const { type } = await shop.onSale({ quantityTotal: 6 });
    const answers = await atOnce(6, () => shop.purchase(type.id));
    expect(tally(answers)).toEqual({ "201": 6 });
    const checkouts = answers.map(({ body }) => body);
    expect(checkouts.filter(({ payment }) => payment)).toHaveLength(1);
    expect(await shop.available(type.id)).toBe(0);
    for (const checkout of checkouts) {
      pass(1 * SECONDS);
      const { payment } = await answered(pay(checkout), 200);
      await api.world.stripe.pay(payment!.paymentIntentId, "succeed");
    }
    await api.world.settle();
    for (const checkout of checkouts) expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect(await violations(api.world)).toEqual([]);
  });

  it("a held order can be cancelled, without Stripe, its seats back at once", async () => {
    const { type } = await shop.onSale();
    const held = await heldOrder(type.id, { quantity: 4 });
    expect(await answered(shop.onOrder(held, "cancel"), 200)).toMatchObject({ status: "cancelled" });
    expect(await shop.available(type.id)).toBe(10);
    expect(await intentsOf(held.order.id)).toEqual([]);
    expect(await api.story(held.order.id)).toEqual([
      "public order.place → order.held",
      "public order.end → order.expiring",
      "public order.release → order.cancelled",
    ]);
  });

  it("a held order can have more time, and its seats have it, too", async () => {
    const { type } = await shop.onSale({ quantityTotal: 1 });
    const held = await heldOrder(type.id);
    await answered(shop.onOrder(held, "extend"), 200);
    pass(20 * MINUTES);
    await refused(shop.purchase(type.id), 409, "ticket_type.all_held");
    pass(2 * SECONDS);
    expect((await answered(pay(held), 200)).payment).not.toBeNull();
    await refused(shop.onOrder(held, "extend"), 409, "order.not_extendable");
  });

  it("the same purchase under the same key is the same order, whose payment comes when there is one", async () => {
    const { type } = await shop.onSale();
    await shop.buy((await shop.onSale()).type.id);
    const ask = { body: purchaseBody(), headers: { "idempotency-key": randomUUID() } };
    const buy = () => api.request<Checkout>("POST", `/tickets/${type.id}/purchase`, ask);
    const first = await buy();
    expect(await answered(first, 201)).toMatchObject({ payment: null });
    const second = await buy();
    expect(await answered(second, 201)).toEqual(first.body);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
    pass(2 * SECONDS);
    const third = await answered(buy(), 201);
    expect(third).toMatchObject({
      order: { id: first.body.order.id, status: "awaiting_payment" },
      payment: { clientSecret: expect.any(String) },
      orderToken: first.body.orderToken,
    });
    expect(await shop.available(type.id)).toBe(9);
  });
});

describe("when nobody asked for the payment in time", () => {
  it("the seats are the next buyer's, before any schedule has run, and the first one is too late", async () => {
    const { type } = await shop.onSale({ quantityTotal: 2 });
    const held = await heldOrder(type.id, { quantity: 2 });
    await refused(shop.purchase(type.id), 409, "ticket_type.all_held");
    pass(16 * MINUTES);
    expect(await shop.available(type.id)).toBe(2);
    const next = await shop.buy(type.id, { quantity: 2 });
    expect(next.payment).not.toBeNull();
    pass(1 * SECONDS);
    await refused(pay(held), 409, "order.expired");
    await api.world.runSchedule("expire-orders");
    expect((await shop.order(held)).status).toBe("expired");
    expect((await shop.order(next)).status).toBe("awaiting_payment");
    expect(await shop.available(type.id)).toBe(0);
    await api.world.stripe.pay(next.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    expect((await shop.order(next)).status).toBe("fulfilled");
    expect(await violations(api.world)).toEqual([]);
  });

  it("the organizer may take the seats off sale: nobody holds them any more", async () => {
    const { type } = await shop.onSale({ quantityTotal: 4 });
    await heldOrder(type.id, { quantity: 4 });
    pass(16 * MINUTES);
    expect(await shop.available(type.id)).toBe(4);
    const { eventId: _, ...document } = typeDocument("", { quantityTotal: 1 });
    expect(await answered(api.request("PUT", `/tickets/${type.id}`, { token: shop.organizer, body: document }), 200)).toMatchObject({
      quantityTotal: 1,
      availableQuantity: 1,
    });
    expect(await shop.available(type.id)).toBe(1);
  });

  it("the limit per person is theirs again when they come back", async () => {
    const { type } = await shop.onSale({ maxPerBuyer: 2 });
    const buyer = { name: "Anna", email: `anna-${randomUUID()}@example.com` };
    await heldOrder(type.id, { quantity: 2, buyer });
    await refused(shop.purchase(type.id, { buyer }), 422, "order.over_limit");
    pass(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    await answered(shop.purchase(type.id, { quantity: 2, buyer }), 201);
  });
});

describe("the payments that may be started", () => {
  it("are not spent on free tickets", async () => {
    const [free, paid] = [await shop.onSale(FREE), await shop.onSale()];
    await shop.buy(free.type.id);
    expect((await shop.buy(paid.type.id)).payment).not.toBeNull();
  });

  it("are not spent on buyers who get no seat", async () => {
    const [full, open] = [await shop.onSale({ quantityTotal: 0 }), await shop.onSale()];
    await refused(shop.purchase(full.type.id), 409, "ticket_type.sold_out");
    await refused(shop.purchase(open.type.id, { quantity: 11 }), 422, "order.over_limit");
    await refused(shop.purchase("tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3"), 404, "ticket_type.not_found");
    expect((await shop.buy(open.type.id)).payment).not.toBeNull();
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
