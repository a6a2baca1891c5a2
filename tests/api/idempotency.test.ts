import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Checkout } from "@fashionistas/core/order/schema";
import { DAYS, MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { eventDocument, purchaseBody, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

const newKey = () => `key-${randomUUID()}`;
const withKey = (key: string) => ({ "idempotency-key": key });
const buy = (ticketTypeId: string, key: string, body: unknown, token?: string) =>
  api.request<any>("POST", `/tickets/${ticketTypeId}/purchase`, { body, headers: withKey(key), ...(token ? { token } : {}) });
const ordersOf = async (ticketTypeId: string) =>
  ((await everything(api.world)).get("order") ?? []).filter(({ lines }) => (lines as { ticketTypeId: string }[])[0]!.ticketTypeId === ticketTypeId);

describe("the same purchase under the same key", () => {
  it("is answered alike: the same order, the same client secret, the same token, and seats for one", async () => {
    const { type } = await shop.onSale();
    const [key, body] = [newKey(), purchaseBody({ quantity: 2 })];
    const first = await answered(buy(type.id, key, body), 201);
    for (let n = 0; n < 3; n++) expect(await answered(buy(type.id, key, body), 201)).toEqual(first);
    expect(await shop.available(type.id)).toBe(8);
    expect(await api.story(first.order.id)).toHaveLength(2);
  });

  it("tells how the order stands by now", async () => {
    const { type } = await shop.onSale();
    const [key, body] = [newKey(), purchaseBody()];
    const first: Checkout = await answered(buy(type.id, key, body), 201);
    await api.world.stripe.pay(first.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    expect(await answered(buy(type.id, key, body), 201)).toMatchObject({
      order: { id: first.order.id, status: "fulfilled", tickets: [{}] },
      payment: null,
      orderToken: first.orderToken,
    });

    const [otherKey, otherBody] = [newKey(), purchaseBody()];
    const second: Checkout = await answered(buy(type.id, otherKey, otherBody), 201);
    await answered(shop.onOrder(second, "cancel"), 200);
    expect(await answered(buy(type.id, otherKey, otherBody), 201)).toMatchObject({ order: { id: second.order.id, status: "cancelled" }, payment: null });
  });

  it("is answered with its order also when the time to pay is over, before and after anybody has noticed", async () => {
    const { type } = await shop.onSale();
    const [key, body] = [newKey(), purchaseBody()];
    const first: Checkout = await answered(buy(type.id, key, body), 201);
    travel(16 * MINUTES);
    const late = await buy(type.id, key, body);
    await api.world.runSchedule("expire-orders");
    expect(await answered(buy(type.id, key, body), 201)).toMatchObject({ order: { id: first.order.id, status: "expired" }, payment: null });
    expect(await answered(late, 201)).toMatchObject({ order: { id: first.order.id }, payment: null });
  });

  it("makes exactly one order when it comes several times at once, whoever wins, and stays that order afterwards", async () => {
    for (let round = 0; round < 6; round++) {
      const { type } = await shop.onSale();
      const [key, body] = [newKey(), purchaseBody({ quantity: 2 })];
      const answers = await atOnce(5, () => buy(type.id, key, body));
      const counts = tally(answers);
      expect(counts["201"], JSON.stringify(counts)).toBeGreaterThan(0);
      expect((counts["201"] ?? 0) + (counts["409 idempotency_key.in_progress"] ?? 0), JSON.stringify(counts)).toBe(5);
      for (const { status, headers } of answers) if (status === 409) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.order.id as string));
      const after = await answered(buy(type.id, key, body), 201);
      expect([...ids, after.order.id]).toEqual([after.order.id, after.order.id]);
      expect(after.payment.clientSecret).toMatch(/_secret_/);
      expect(await ordersOf(type.id)).toHaveLength(1);
      expect(await shop.available(type.id)).toBe(8);
    }
  });

  it("makes exactly one order when repeats come in while the first is still being answered", async () => {
    for (let round = 0; round < 4; round++) {
      const { type } = await shop.onSale();
      const [key, body] = [newKey(), purchaseBody()];
      const answers = await atOnce(8, async (n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 6));
        return buy(type.id, key, body);
      });
      await buy(type.id, key, body);
      expect(await ordersOf(type.id)).toHaveLength(1);
      expect(
        Object.keys(tally(answers))
          .sort()
          .filter((name) => name !== "201" && name !== "409 idempotency_key.in_progress"),
      ).toEqual([]);
    }
  });

  it("makes one free order when it comes several times at once", async () => {
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    const [key, body] = [newKey(), purchaseBody()];
    const answers = await atOnce(6, () => buy(type.id, key, body));
    expect(Object.keys(tally(answers)).filter((name) => name !== "201" && name !== "409 idempotency_key.in_progress")).toEqual([]);
    expect(await answered(buy(type.id, key, body), 201)).toMatchObject({ order: { status: "fulfilled", tickets: [{}] } });
    expect(await ordersOf(type.id)).toHaveLength(1);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });
});

describe("another purchase under the same key", () => {
  it("is refused, whatever differs, and the first one stands", async () => {
    const { type } = await shop.onSale();
    const [key, body] = [newKey(), purchaseBody()];
    await answered(buy(type.id, key, body), 201);
    for (const change of [{ quantity: 2 }, { buyer: { name: "Somebody else", email: "else@example.com" } }])
      await refused(buy(type.id, key, { ...body, ...change }), 422, "idempotency_key.reused");
    expect(await ordersOf(type.id)).toHaveLength(1);
    await answered(buy(type.id, key, body), 201);
  });

  it("is no other one when the body says the same in other words", async () => {
    const { type } = await shop.onSale();
    const key = newKey();
    const { order } = await answered(buy(type.id, key, { quantity: 1, buyer: { name: "Anna", email: "anna@example.com", phone: "+39 333 1234567" } }), 201);
    const same = await answered(
      buy(type.id, key, '{ "buyer": {"phone":"+393331234567", "email":"ANNA@example.com", "name":"Anna"},\n "quantity": 1.0, "whatsappOptIn": false }'),
      201,
    );
    expect(same.order.id).toBe(order.id);
  });

  it("is another call on another path: keys of two routes never meet", async () => {
    const [one, two] = [await shop.onSale(), await shop.onSale()];
    const [key, body] = [newKey(), purchaseBody()];
    const first = await answered(buy(one.type.id, key, body), 201);
    const second = await answered(buy(two.type.id, key, body), 201);
    expect(second.order.id).not.toBe(first.order.id);
    await answered(api.request("POST", "/events", { token: shop.organizer, body: eventDocument(), headers: withKey(key) }), 201);
    await answered(api.request("POST", "/tickets", { token: shop.organizer, body: typeDocument(one.event.id, { name: "Box" }), headers: withKey(key) }), 201);
  });
});

describe("different callers", () => {
  it("never meet under one key", async () => {
    const { type } = await shop.onSale();
    const [key, body] = [newKey(), purchaseBody()];
    const tokens = [
      undefined,
      await api.world.tokenOf("attendee", "usr_a"),
      await api.world.tokenOf("attendee", "usr_b"),
      await api.world.tokenOf("sponsor", "usr_c"),
      shop.admin,
    ];
    const answers = await Promise.all(tokens.map((token) => buy(type.id, key, body, token)));
    expect(tally(answers)).toEqual({ "201": 5 });
    expect(new Set(answers.map(({ body }) => body.order.id)).size).toBe(5);
    for (const [n, token] of tokens.entries()) expect((await answered(buy(type.id, key, body, token), 201)).order.id).toBe(answers[n]!.body.order.id);
  });

  it("learn nothing from a key they took: another body under it is refused in words that fit any first call", async () => {
    const { type } = await shop.onSale();
    const [key, body] = [newKey(), purchaseBody()];
    const victim = await answered(buy(type.id, key, body), 201);
    const thief = [
      { ...body, quantity: 2 },
      { ...body, buyer: { ...body.buyer, name: "A. Thief" } },
      { ...body, buyer: { name: body.buyer.name, email: "thief@example.com" } },
      { ...body, whatsappOptIn: false, buyer: { ...body.buyer, phone: "+393331112223" } },
    ];
    const refusals = await Promise.all(thief.map((other) => refused(buy(type.id, key, other), 422, "idempotency_key.reused")));
    for (const refusal of refusals) {
      expect({ ...refusal, requestId: "" }).toEqual({ ...refusals[0], requestId: "" });
      for (const secret of [victim.order.id, victim.orderToken, victim.payment.clientSecret, body.buyer.email])
        expect(JSON.stringify(refusal)).not.toContain(secret);
    }
    const attendee = await api.world.tokenOf("attendee", "usr_thief");
    expect((await answered(buy(type.id, key, body, attendee), 201)).order.id, "signed in, the same key is another caller's").not.toBe(victim.order.id);
    expect(await ordersOf(type.id)).toHaveLength(2);
  });

  it("who hold an order's token and who do not never meet on that order", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    const [key, body] = [newKey(), { reason: "customer_request" }];
    const ask = (headers: Record<string, string>) =>
      api.request<any>("POST", `/orders/${checkout.order.id}/refunds`, { body, headers: { ...withKey(key), ...headers } });
    const own = await ask({ "order-token": checkout.orderToken });
    for (const headers of [{}, { "order-token": `${checkout.orderToken}x` }]) await refused(ask(headers as Record<string, string>), 404, "order.not_found");
    expect((await ask({ "order-token": checkout.orderToken })).body.id).toBe(own.body.id);
  });

  it("that nobody knows must send a key that nobody guesses; those who signed in or hold the order need not", async () => {
    const { type } = await shop.onSale();
    for (const key of ["1", "order-1", "x".repeat(255), "00000000000000000001", "2026-11-02T09:00:00"]) {
      const problem = await refused(buy(type.id, key, purchaseBody()), 400, "idempotency_key.guessable", ["Idempotency-Key"]);
      expect(problem.detail).toContain("UUID");
    }
    expect(await ordersOf(type.id)).toEqual([]);
    for (const key of [randomUUID(), randomUUID().replaceAll("-", ""), Buffer.from(randomUUID()).toString("base64url").slice(0, 22)])
      await answered(buy(type.id, key, purchaseBody()), 201);
    await answered(buy(type.id, "1", purchaseBody(), shop.organizer), 201);
  });
});

describe("a refusal", () => {
  it("is not remembered: the same key may try again when there are seats", async () => {
    const { type } = await shop.onSale({ quantityTotal: 1 });
    const holder = await shop.buy(type.id);
    const [key, body] = [newKey(), purchaseBody()];
    await refused(buy(type.id, key, body), 409, "ticket_type.all_held");
    await refused(buy(type.id, key, { ...body, quantity: 11 }), 422, "order.over_limit");
    await answered(shop.onOrder(holder, "cancel"), 200);
    const first = await answered(buy(type.id, key, body), 201);
    expect((await answered(buy(type.id, key, body), 201)).order.id).toBe(first.order.id);
  });

  it("of the input, the caller or the path leaves the key unused", async () => {
    const { type } = await shop.onSale();
    const key = newKey();
    await refused(buy(type.id, key, { quantity: 0 }), 400, "input.invalid");
    await refused(api.request("POST", "/events", { body: eventDocument(), headers: withKey(key) }), 401, "actor.unauthenticated");
    await refused(buy("tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", key, purchaseBody()), 404, "ticket_type.not_found");
    await answered(buy(type.id, key, purchaseBody()), 201);
  });
});

describe("a key", () => {
  it("is one to 255 visible ASCII characters", async () => {
    const { type } = await shop.onSale();
    const token = shop.organizer;
    for (const key of ["a b", "x".repeat(256), "tab\there"]) await refused(buy(type.id, key, purchaseBody(), token), 400, "input.invalid", ["Idempotency-Key"]);
    for (const key of ["x", "x".repeat(255), "~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./"]) await answered(buy(type.id, key, purchaseBody(), token), 201);
    expect(await shop.available(type.id)).toBe(7);
  });

  it("lives 24 hours, then the same call is a new one, and another body is no reuse", async () => {
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    const [key, otherKey, body] = [newKey(), newKey(), purchaseBody()];
    const first = await answered(buy(type.id, key, body), 201);
    await answered(buy(type.id, otherKey, body), 201);
    travel(DAYS - 1 * MINUTES);
    expect((await answered(buy(type.id, key, body), 201)).order.id).toBe(first.order.id);
    await refused(buy(type.id, key, purchaseBody()), 422, "idempotency_key.reused");
    travel(1 * MINUTES + 2 * SECONDS);
    const second = await answered(buy(type.id, key, body), 201);
    expect(second.order.id).not.toBe(first.order.id);
    expect((await answered(buy(type.id, key, body), 201)).order.id).toBe(second.order.id);
    await answered(buy(type.id, otherKey, purchaseBody()), 201);
  });

  it("makes exactly one order after its 24 hours, too, when the call comes several times at once", async () => {
    const { type } = await shop.onSale();
    const [key, body] = [newKey(), purchaseBody()];
    await answered(buy(type.id, key, body), 201);
    travel(DAYS + 2 * SECONDS);
    await atOnce(5, () => buy(type.id, key, body));
    expect(await ordersOf(type.id)).toHaveLength(2);
  });
});

describe("creating an event or a ticket type with a key", () => {
  it("creates it once, however often and at whatever moment it is asked, and says where it is every time", async () => {
    const token = shop.organizer;
    const event = await shop.createEvent();
    for (const [path, body] of [
      ["/events", eventDocument({ title: `Once ${randomUUID()}` })],
      ["/tickets", typeDocument(event.id, { name: `Once ${randomUUID()}` })],
    ] as const) {
      const key = newKey();
      const answers = await atOnce(5, () => api.request<any>("POST", path, { token, body, headers: withKey(key) }));
      const counts = tally(answers);
      expect((counts["201"] ?? 0) + (counts["409 idempotency_key.in_progress"] ?? 0), JSON.stringify(counts)).toBe(5);
      for (const { status, headers } of answers) if (status === 409) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      const again = await api.request<any>("POST", path, { token, body, headers: withKey(key) });
      const { id } = await answered(again, 201);
      expect(again.headers.get("location")).toBe(`${path}/${id}`);
      for (const answer of answers) if (answer.status === 201) expect(answer.body.id).toBe(id);
      expect(await api.story(id)).toHaveLength(1);
      await refused(api.request("POST", path, { token, body: { ...body, name: "Other", title: "Other" }, headers: withKey(key) }), 400, "input.invalid");
      const change = path === "/events" ? { title: "Other" } : { name: "Other" };
      await refused(api.request("POST", path, { token, body: { ...body, ...change }, headers: withKey(key) }), 422, "idempotency_key.reused");
    }
  });

  it("answers with the thing as it is by now", async () => {
    const [key, body] = [newKey(), eventDocument()];
    const create = () => api.request<any>("POST", "/events", { token: shop.organizer, body, headers: withKey(key) });
    const event = await answered(create(), 201);
    await answered(api.request("PUT", `/events/${event.id}`, { token: shop.organizer, body: eventDocument({ title: "Renamed" }) }), 200);
    expect(await answered(create(), 201)).toMatchObject({ id: event.id, title: "Renamed", version: 2 });
  });

  it("never says that it is still running when its draft was deleted since", async () => {
    const [key, body] = [newKey(), eventDocument()];
    const create = () => api.request<any>("POST", "/events", { token: shop.organizer, body, headers: withKey(key) });
    const event = await answered(create(), 201);
    await answered(api.request("DELETE", `/events/${event.id}`, { token: shop.organizer }), 204);
    const codes = [(await create()).body.code];
    travel(1 * MINUTES);
    codes.push((await create()).body.code);
    expect(codes).not.toContain("idempotency_key.in_progress");
    expect(codes).not.toContain("request.conflict");
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
