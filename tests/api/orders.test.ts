import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Checkout, OrderView } from "@fashionistas/core/order/schema";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { violations } from "../kit/invariants.ts";
import { FREE, purchaseBody } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

const NOBODY = "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

type Action = "pay" | "cancel" | "extend";
const read = (id: string, ask: { token?: string; headers?: Record<string, string> } = {}) => api.request<OrderView>("GET", `/orders/${id}`, ask);
const act = (checkout: Pick<Checkout, "order" | "orderToken">, action: Action) => shop.onOrder<any>(checkout, action);
const settled = async (checkout: Checkout): Promise<OrderView> => {
  await api.world.settle();
  return shop.order(checkout);
};
const paid = async (checkout: Checkout): Promise<OrderView> => {
  await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  return settled(checkout);
};
const processing = async (ticketTypeId: string): Promise<Checkout> => {
  const checkout = await shop.buy(ticketTypeId);
  await api.world.stripe.pay(checkout.payment!.paymentIntentId, "processing");
  await api.world.settle();
  return checkout;
};
const intentsOf = async (orderId: string) =>
  (await api.world.store.list<{ intent: { id: string; status: string; metadata: Record<string, string> } }>("stripe_payment_intents"))
    .map(({ value }) => value.intent)
    .filter(({ metadata }) => metadata["order_id"] === orderId);

describe("GET /orders/:id", () => {
  it("opens for whoever holds its link, and for nobody else", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    const other = await shop.buy(type.id);
    expect(await answered(read(checkout.order.id, { headers: { "order-token": checkout.orderToken } }), 200)).toEqual(checkout.order);
    const wrong = [
      undefined,
      "",
      "v1.",
      checkout.orderToken.slice(0, -1),
      `${checkout.orderToken}x`,
      checkout.orderToken.toLowerCase(),
      checkout.orderToken.replace("v1", "v2"),
      other.orderToken,
      "null",
    ];
    for (const token of wrong) await refused(read(checkout.order.id, token === undefined ? {} : { headers: { "order-token": token } }), 404, "order.not_found");
    await refused(
      api.request("GET", `/orders/${checkout.order.id}?orderToken=${checkout.orderToken}&order-token=${checkout.orderToken}`),
      404,
      "order.not_found",
    );
  });

  it("opens for the buyer who was signed in, without any link, and for no other attendee", async () => {
    const { type } = await shop.onSale();
    const [anna, bea] = [await api.world.tokenOf("attendee", "usr_anna"), await api.world.tokenOf("attendee", "usr_bea")];
    const checkout = await answered(api.request<Checkout>("POST", `/tickets/${type.id}/purchase`, { token: anna, body: purchaseBody() }), 201);
    expect(await answered(read(checkout.order.id, { token: anna }), 200)).toEqual(checkout.order);
    expect(await answered(read(checkout.order.id, { token: bea, headers: { "order-token": checkout.orderToken } }), 200)).toEqual(checkout.order);
    await refused(read(checkout.order.id, { token: bea }), 404, "order.not_found");
    const guest = await shop.buy(type.id);
    await refused(read(guest.order.id, { token: anna }), 404, "order.not_found");
  });

  it("shows the event's organizer and an admin everything but the credentials that open the door", async () => {
    const { type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id, { quantity: 2 });
    expect(checkout.order.tickets.map(({ credential }) => credential).every(Boolean)).toBe(true);
    for (const token of [shop.organizer, shop.admin]) {
      const seen = await answered(read(checkout.order.id, { token }), 200);
      expect(seen).toEqual({ ...checkout.order, tickets: checkout.order.tickets.map((ticket) => ({ ...ticket, credential: "" })) });
    }
    for (const token of [api.otherOrganizer, await api.world.tokenOf("sponsor"), await api.world.tokenOf("designer"), await api.world.tokenOf("model")])
      await refused(read(checkout.order.id, { token }), 404, "order.not_found");
  });

  it("is never kept by a cache", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    const { headers } = await read(checkout.order.id, { headers: { "order-token": checkout.orderToken } });
    expect(headers.get("cache-control")).toBe("private, no-store");
  });

  it("answers a foreign order, a missing one and what cannot be an id alike, to the byte", async () => {
    const { type } = await shop.onSale();
    const { order } = await shop.buy(type.id);
    for (const [method, tail] of [
      ["GET", ""],
      ["POST", "/cancel"],
      ["POST", "/pay"],
      ["POST", "/extend"],
    ] as const) {
      for (const token of [undefined, api.otherOrganizer, await api.world.tokenOf("attendee")]) {
        const ask = token ? { token } : {};
        const missing = await api.bytes(method, `/orders/${NOBODY}${tail}`, ask);
        expect(missing.status).toBe(404);
        expect(await api.bytes(method, `/orders/${order.id}${tail}`, ask)).toEqual(missing);
        expect(await api.bytes(method, `/orders/nonsense${tail}`, ask)).toEqual(missing);
      }
    }
  });
});

describe("who may act on an order", () => {
  it("is its owner, and an admin for all but paying: the event's organizer reads, and does no more", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    for (const action of ["pay", "extend", "cancel"] as const) {
      for (const token of [shop.organizer, api.otherOrganizer, await api.world.tokenOf("attendee"), undefined])
        await refused(api.request("POST", `/orders/${checkout.order.id}/${action}`, token ? { token } : {}), 404, "order.not_found");
    }
    expect((await shop.order(checkout)).status).toBe("awaiting_payment");
    const anna = await api.world.tokenOf("attendee", "usr_anna");
    const own = await answered(api.request<Checkout>("POST", `/tickets/${type.id}/purchase`, { token: anna, body: purchaseBody() }), 201);
    for (const action of ["pay", "extend", "cancel"] as const) await answered(api.request("POST", `/orders/${own.order.id}/${action}`, { token: anna }), 200);
    // The answer to paying holds the token that opens the order, tickets included.
    await refused(api.request("POST", `/orders/${checkout.order.id}/pay`, { token: shop.admin }), 404, "order.not_found");
    for (const action of ["extend", "cancel"] as const)
      await answered(api.request("POST", `/orders/${checkout.order.id}/${action}`, { token: shop.admin }), 200);
  });
});

describe("POST /orders/:id/cancel", () => {
  it("cancels the payment at Stripe, gives the seats back, and tells each step once", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id, { quantity: 4 });
    const answer = await act(checkout, "cancel");
    expect(await answered(answer, 200)).toMatchObject({ id: checkout.order.id, status: "cancelled", expiresAt: null, tickets: [] });
    expect(await shop.available(type.id)).toBe(10);
    expect(await intentsOf(checkout.order.id)).toMatchObject([{ status: "canceled" }]);
    await expect(api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed")).rejects.toThrow();
    expect(await api.story(checkout.order.id)).toEqual([
      "public order.place → order.held",
      "public order.record_intent → order.payment_started",
      "public order.end → order.expiring",
      "public order.record_attempt_cancelled → order.payment_cancelled",
      "public order.release → order.cancelled",
    ]);
    expect(await violations(api.world)).toEqual([]);
  });

  it("may be repeated, and changes nothing then", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    const first = await answered(act(checkout, "cancel"), 200);
    expect(await answered(act(checkout, "cancel"), 200)).toEqual(first);
    expect(await answered(act(checkout, "cancel"), 200)).toEqual(first);
    expect(await api.journalOf(checkout.order.id)).toHaveLength(5);
  });

  it("gives the seats back once when several ask at the same moment", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id, { quantity: 3 });
    const counts = tally(await atOnce(5, () => act(checkout, "cancel")));
    expect((counts["200"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(5);
    expect(counts["200"]).toBeGreaterThan(0);
    await answered(act(checkout, "cancel"), 200);
    expect(await shop.available(type.id)).toBe(10);
    expect((await api.story(checkout.order.id)).filter((line) => line.endsWith("order.cancelled"))).toHaveLength(1);
    expect(await violations(api.world)).toEqual([]);
  });

  it("never cancels what is paid: tickets are refunded, not cancelled", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    expect((await paid(checkout)).status).toBe("fulfilled");
    expect((await refused(act(checkout, "cancel"), 409, "order.not_cancellable")).detail).toContain("refund");
    const free = await shop.onSale(FREE);
    await refused(act(await shop.buy(free.type.id), "cancel"), 409, "order.not_cancellable");
  });

  it("waits while a bank is working on the payment, and has its tickets when the bank agrees", async () => {
    const { type } = await shop.onSale();
    const checkout = await processing(type.id);
    await refused(act(checkout, "cancel"), 409, "order.payment_processing");
    expect(await shop.available(type.id)).toBe(9);
    await api.world.stripe.settle(checkout.payment!.paymentIntentId, "succeed");
    expect((await settled(checkout)).status).toBe("fulfilled");
    expect(await violations(api.world)).toEqual([]);
  });

  it("is cancelled in the end when the bank was asked in vain, its seats back on sale", async () => {
    const { type } = await shop.onSale();
    const [asksAgain, waits] = [await processing(type.id), await processing(type.id)];
    for (const checkout of [asksAgain, waits]) {
      await refused(act(checkout, "cancel"), 409, "order.payment_processing");
      await api.world.stripe.settle(checkout.payment!.paymentIntentId, "decline");
    }
    await api.world.settle();
    expect(await answered(act(asksAgain, "cancel"), 200)).toMatchObject({ status: "cancelled" });
    travel(2 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect((await shop.order(waits)).status).toBe("cancelled");
    expect(await shop.available(type.id)).toBe(10);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("answers with the tickets when the money was faster", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    api.world.stripe.pauseWebhooks();
    await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    const order = await answered(act(checkout, "cancel"), 200);
    expect(order).toMatchObject({ status: "fulfilled", tickets: [{ status: "valid" }] });
    api.world.stripe.resumeWebhooks();
    expect((await settled(checkout)).status).toBe("fulfilled");
    expect(await violations(api.world)).toEqual([]);
  });

  it("leaves an order that ran out of time expired", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect(await answered(act(checkout, "cancel"), 200)).toMatchObject({ status: "expired" });
  });
});

describe("POST /orders/:id/pay", () => {
  it("answers with the payment that stands, however often it is asked", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    for (let n = 0; n < 2; n++) expect(await answered(act(checkout, "pay"), 200)).toEqual(checkout);
    const answers = await atOnce(5, () => act(checkout, "pay"));
    expect(tally(answers)).toEqual({ "200": 5 });
    for (const { body } of answers) expect(body.payment).toEqual(checkout.payment);
    expect(await intentsOf(checkout.order.id)).toHaveLength(1);
    expect(await api.story(checkout.order.id)).toHaveLength(2);
  });

  it("starts a second payment when the first was cancelled at Stripe, and that one fulfils the order", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    await cancelAtStripe(checkout.payment!.paymentIntentId);
    await api.world.settle();
    const again = await answered(act(checkout, "pay"), 200);
    expect(again.payment.paymentIntentId).not.toBe(checkout.payment!.paymentIntentId);
    await api.world.stripe.pay(again.payment.paymentIntentId, "succeed");
    expect((await settled(checkout)).status).toBe("fulfilled");
    expect(await violations(api.world)).toEqual([]);
  });

  it("tells why a card was declined, without the bank's suspicion, and lets another card pay", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    for (const [declineCode, shown] of [
      ["insufficient_funds", "insufficient_funds"],
      ["stolen_card", "card_declined"],
      ["fraudulent", "card_declined"],
    ] as const) {
      await api.world.stripe.pay(checkout.payment!.paymentIntentId, "decline", { declineCode });
      expect((await settled(checkout)).paymentError).toEqual({ code: shown });
      expect((await answered(act(checkout, "pay"), 200)).order.paymentError).toEqual({ code: shown });
    }
    expect((await paid(checkout)).paymentError).toBeNull();
  });

  it("finds the money that came when no webhook has told of it yet", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    api.world.stripe.pauseWebhooks();
    await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    expect(await answered(act(checkout, "pay"), 200)).toMatchObject({ payment: null, order: { status: "fulfilled", tickets: [{}] } });
    api.world.stripe.resumeWebhooks();
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("has nothing to pay once the order is fulfilled, cancelled, expired, or was free", async () => {
    const { type } = await shop.onSale();
    const free = await shop.onSale(FREE);
    const checkouts = await atOnce(3, () => shop.buy(type.id));
    await paid(checkouts[0]!);
    await answered(act(checkouts[1]!, "cancel"), 200);
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    const refusals = [];
    for (const checkout of [...checkouts, await shop.buy(free.type.id)]) refusals.push((await refused(act(checkout, "pay"), 409, "order.not_payable")).detail);
    expect(refusals).toEqual(["fulfilled", "cancelled", "expired", "fulfilled"].map((status) => expect.stringContaining(status)));
  });

  it("is too late once the time is over, also before anybody has noticed", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    travel(15 * MINUTES + 1_000);
    await refused(act(checkout, "pay"), 409, "order.expired");
  });
});

describe("POST /orders/:id/extend", () => {
  it("adds the hold's length once, keeps the seats for that long, and tells it once", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    const order = await answered(act(checkout, "extend"), 200);
    expect(order).toMatchObject({ extended: true, status: "awaiting_payment" });
    expect(Date.parse(order.expiresAt) - Date.parse(checkout.order.expiresAt!)).toBe(15 * MINUTES);
    expect((await refused(act(checkout, "extend"), 409, "order.not_extendable")).detail).toContain("once");
    expect(await api.story(checkout.order.id)).toEqual([
      "public order.place → order.held",
      "public order.record_intent → order.payment_started",
      "public order.extend → order.extended",
    ]);
    travel(20 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect((await shop.order(checkout)).status).toBe("awaiting_payment");
    await answered(act(checkout, "pay"), 200);
    expect((await paid(checkout)).status).toBe("fulfilled");
    expect(await violations(api.world)).toEqual([]);
  });

  it("ends when the added time is over", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    await answered(act(checkout, "extend"), 200);
    travel(31 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect((await shop.order(checkout)).status).toBe("expired");
    expect(await shop.available(type.id)).toBe(10);
  });

  it("adds time once when several ask at the same moment", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    const counts = tally(await atOnce(5, () => act(checkout, "extend")));
    expect(counts["200"], JSON.stringify(counts)).toBe(1);
    expect((counts["409 order.not_extendable"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(4);
    expect(Date.parse((await shop.order(checkout)).expiresAt!) - Date.parse(checkout.order.expiresAt!)).toBe(15 * MINUTES);
    expect(await api.story(checkout.order.id)).toHaveLength(3);
  });

  it("gives no time to an order that has ended, or whose time is over", async () => {
    const { type } = await shop.onSale();
    const [fulfilled, cancelled, late] = await atOnce(3, () => shop.buy(type.id));
    await paid(fulfilled!);
    await answered(act(cancelled!, "cancel"), 200);
    await refused(act(fulfilled!, "extend"), 409, "order.not_extendable");
    await refused(act(cancelled!, "extend"), 409, "order.not_extendable");
    travel(15 * MINUTES + 1_000);
    await refused(act(late!, "extend"), 409, "order.expired");
    await api.world.runSchedule("expire-orders");
    await refused(act(late!, "extend"), 409, "order.not_extendable");
  });

  it("is no way to keep seats for ever by way of declines", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    for (let n = 0; n < 6; n++) {
      travel(9 * MINUTES);
      await api.world.stripe.pay(checkout.payment!.paymentIntentId, "decline", { declineCode: n % 2 ? "insufficient_funds" : "expired_card" });
      await api.world.settle();
    }
    const order = await shop.order(checkout);
    expect(Date.parse(order.expiresAt!) - Date.parse(order.createdAt)).toBeLessThanOrEqual(40 * MINUTES);
  });
});

describe("one order, several wishes at the same moment", () => {
  it("ends cancelled or fulfilled, never both, when it is paid and cancelled at once", async () => {
    for (let round = 0; round < 3; round++) {
      const { type } = await shop.onSale();
      const checkout = await shop.buy(type.id);
      await Promise.all([
        api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed").catch(() => undefined),
        act(checkout, "cancel"),
        act(checkout, "pay"),
        act(checkout, "extend"),
      ]);
      const order = await settled(checkout);
      const end = order.status === "fulfilled" ? order : await answered(act(checkout, "cancel"), 200);
      expect(["fulfilled", "cancelled"]).toContain(end.status);
      expect(await shop.available(type.id)).toBe(end.status === "fulfilled" ? 9 : 10);
    }
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });
});

/** What somebody does in Stripe's dashboard. */
async function cancelAtStripe(intentId: string): Promise<void> {
  const response = await fetch(`${api.world.stripe.url}/v1/payment_intents/${intentId}/cancel`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${process.env["STRIPE_SECRET_KEY"]}`,
      "idempotency-key": randomUUID(),
      "content-type": "application/x-www-form-urlencoded",
    },
  });
  expect(response.status).toBe(200);
}

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
