import { randomUUID } from "node:crypto";
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Checkout } from "@fashionistas/core/order/schema";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { purchaseBody } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

/** What happens to our calls on their way to Stripe; undefined: nothing. */
type Trouble = (
  request: IncomingMessage,
  response: ServerResponse,
  pass: () => Promise<{ status: number; text: string }>,
) => Promise<{ status: number; text: string } | undefined>;

const error =
  (status: number, body: Record<string, string>): Trouble =>
  async (request, _response, pass) =>
    request.method === "POST" ? { status, text: JSON.stringify({ error: body }) } : pass();
const DOWN: Trouble = async () => undefined;
const ANSWER_LOST: Trouble = async (_request, _response, pass) => void (await pass());
const BUSY = error(429, { type: "invalid_request_error", code: "rate_limit", message: "Request rate limit exceeded." });
const BROKEN = error(500, { type: "api_error", message: "An unknown error occurred" });
const AMOUNT_REFUSED = error(400, {
  type: "invalid_request_error",
  code: "amount_too_small",
  param: "amount",
  message: "Amount must convert to at least 50 cents.",
});
const ACCOUNT_REFUSED = error(400, { type: "invalid_request_error", message: "Your account cannot currently make live charges." });

let api: Api;
let shop: Api["shop"];
let road: Server;
let trouble: Trouble | undefined;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  road = createServer((request, response) => void travelTo(api.world.stripe.url, request, response));
  await new Promise<void>((resolve) => road.listen(0, "127.0.0.1", resolve));
  // Read at the first call: nothing has asked Stripe yet.
  process.env["STRIPE_API_BASE"] = `http://127.0.0.1:${(road.address() as AddressInfo).port}`;
});
afterEach(() => {
  trouble = undefined;
  present();
});
afterAll(() => {
  road.closeAllConnections();
  road.close();
});

async function travelTo(stripe: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: Buffer[] = [];
  for await (const chunk of request) body.push(chunk as Buffer);
  const pass = () =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const { host: _, ...headers } = request.headers;
      const onward = forward(`${stripe}${request.url}`, { method: request.method, headers }, (answer) => {
        const text: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => text.push(chunk)).on("end", () => resolve({ status: answer.statusCode!, text: Buffer.concat(text).toString() }));
      });
      onward.on("error", reject).end(Buffer.concat(body));
    });
  const answer = await (trouble ? trouble(request, response, pass) : pass()).catch(() => undefined);
  if (!answer) return void request.socket.destroy();
  response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.text);
}

type Intent = { id: string; status: string; metadata: Record<string, string> };
const intentsOf = async (orderId: string) =>
  (await api.world.store.list<{ intent: Intent }>("stripe_payment_intents"))
    .map(({ value }) => value.intent)
    .filter(({ metadata }) => metadata["order_id"] === orderId);
const ordersOf = async (ticketTypeId: string) =>
  ((await everything(api.world)).get("order") ?? []).filter(({ lines }) => (lines as { ticketTypeId: string }[])[0]!.ticketTypeId === ticketTypeId);
const pay = (checkout: Checkout) => shop.onOrder<Checkout>(checkout, "pay");
const paid = async (checkout: Checkout) => {
  await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  await api.world.settle();
  return shop.order(checkout);
};

describe.each([
  ["Stripe cannot be reached", DOWN],
  ["Stripe's answer is lost", ANSWER_LOST],
  ["Stripe has too much to do", BUSY],
  ["Stripe is broken", BROKEN],
])("when %s", (_name, happening) => {
  it("a buyer keeps the seats, is told when to ask again, and pays once it is over, one payment in all", async () => {
    const { type } = await shop.onSale();
    trouble = happening;
    const answer = await shop.purchase(type.id, { quantity: 2 });
    const held = await answered(answer, 201);
    expect(held).toMatchObject({ payment: null, order: { status: "held" } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await shop.available(type.id)).toBe(8);
    const again = await pay(held);
    expect(await answered(again, 200)).toMatchObject({ payment: null, order: { id: held.order.id, status: "held" } });
    expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(0);

    trouble = undefined;
    const started = await answered(pay(held), 200);
    expect(started).toMatchObject({ order: { id: held.order.id, status: "awaiting_payment" }, payment: { provider: "stripe" } });
    expect(await intentsOf(held.order.id)).toHaveLength(1);
    expect(await api.story(held.order.id)).toEqual(["public order.place → order.held", "public order.record_intent → order.payment_started"]);
    expect((await paid(started)).status).toBe("fulfilled");
    expect(await violations(api.world)).toEqual([]);
  });
});

describe("while Stripe cannot be reached", () => {
  it("an order is not cancelled: its seats stay until no money can come, and then it is", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id, { quantity: 2 });
    trouble = DOWN;
    const answer = await shop.onOrder(checkout, "cancel");
    await refused(answer, 503, "payment.unavailable");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await shop.available(type.id)).toBe(8);
    trouble = undefined;
    expect(await answered(shop.onOrder(checkout, "cancel"), 200)).toMatchObject({ status: "cancelled" });
    expect(await shop.available(type.id)).toBe(10);
    expect(await intentsOf(checkout.order.id)).toMatchObject([{ status: "canceled" }]);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("an order whose payment was never made can be cancelled later, and no payment of it can come after that", async () => {
    const { type } = await shop.onSale();
    trouble = ANSWER_LOST;
    const held = await answered(shop.purchase(type.id), 201);
    trouble = undefined;
    expect(await answered(shop.onOrder(held, "cancel"), 200)).toMatchObject({ status: "cancelled" });
    expect(await intentsOf(held.order.id)).toMatchObject([{ status: "canceled" }]);
    expect(await shop.available(type.id)).toBe(10);
  });

  it("an order whose time is over waits for Stripe, and expires as soon as it is back", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    trouble = DOWN;
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect((await shop.order(checkout)).status).toBe("expiring");
    expect(await shop.available(type.id)).toBe(9);
    trouble = undefined;
    travel(2 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect((await shop.order(checkout)).status).toBe("expired");
    expect(await shop.available(type.id)).toBe(10);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("free tickets are sold as ever", async () => {
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    trouble = DOWN;
    expect((await shop.buy(type.id)).order.status).toBe("fulfilled");
  });

  it("the same purchase under the same key is the same order, whose payment comes later", async () => {
    const { type } = await shop.onSale();
    const ask = { body: purchaseBody(), headers: { "idempotency-key": randomUUID() } };
    const buy = () => api.request<Checkout>("POST", `/tickets/${type.id}/purchase`, ask);
    trouble = DOWN;
    const first = await answered(buy(), 201);
    expect(await answered(buy(), 201)).toMatchObject({ payment: null, order: { id: first.order.id } });
    trouble = undefined;
    const third = await answered(buy(), 201);
    expect(third).toMatchObject({ order: { id: first.order.id, status: "awaiting_payment" }, payment: { provider: "stripe" } });
    expect(await ordersOf(type.id)).toHaveLength(1);
    expect(await intentsOf(first.order.id)).toHaveLength(1);
  });
});

describe("when Stripe refuses to make a payment", () => {
  it("of this amount, the buyer is told so, and nobody waits for the seats for ever", async () => {
    const { type } = await shop.onSale({ kind: "donation", basePrice: { amount: 1_000, currency: "EUR" } });
    trouble = AMOUNT_REFUSED;
    await refused(shop.purchase(type.id, { amount: 60 }), 422, "payment.amount_refused", ["amount"]);
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    travel(2 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect(await shop.available(type.id)).toBe(10);
    expect((await ordersOf(type.id)).map(({ status }) => status)).toEqual([expect.toBeOneOf(["expired", "cancelled"])]);
  });

  it("for a reason that is ours, the buyer learns nothing of it, and nobody waits for the seats for ever", async () => {
    const { type } = await shop.onSale();
    trouble = ACCOUNT_REFUSED;
    const problem = await refused(shop.purchase(type.id), 500, "internal");
    expect(JSON.stringify(problem)).not.toMatch(/account|charges|stripe/i);
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    travel(2 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect(await shop.available(type.id)).toBe(10);
    expect((await ordersOf(type.id)).map(({ status }) => status)).toEqual([expect.toBeOneOf(["expired", "cancelled"])]);
  });
});

describe("when a repeated purchase is faster than the first one", () => {
  it("both are answered with the one order that there is, and so is every later one", async () => {
    const { type } = await shop.onSale();
    const ask = { body: purchaseBody(), headers: { "idempotency-key": randomUUID() } };
    const buy = () => api.request<Checkout>("POST", `/tickets/${type.id}/purchase`, ask);
    let arrived = () => {};
    let release = () => {};
    const underWay = new Promise<void>((resolve) => (arrived = resolve));
    const gate = new Promise<void>((resolve) => (release = resolve));
    trouble = async (_request, _response, pass) => {
      const answer = await pass();
      trouble = undefined;
      arrived();
      await gate;
      return answer;
    };
    const slow = buy();
    await underWay;
    const fast = await answered(buy(), 201);
    expect(fast.payment).not.toBeNull();
    release();
    const late = await slow;
    const third = await answered(buy(), 201);
    expect(third.order.id).toBe(fast.order.id);
    expect(await ordersOf(type.id)).toHaveLength(1);
    expect(await intentsOf(fast.order.id)).toHaveLength(1);
    expect(await answered(late, 201)).toMatchObject({ order: { id: fast.order.id }, payment: fast.payment });
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
