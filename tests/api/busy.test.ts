import { randomUUID } from "node:crypto";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { client } from "@fashionistas/core/db/client";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { present, SECONDS, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { eventDocument, purchaseBody, typeDocument } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

/** How many more transactions the table refuses because others touch the same items: no local engine does so by itself. */
let conflicts = 0;
client.middlewareStack.add(
  (next, { commandName }) =>
    async (args) => {
      if (commandName !== "TransactWriteItemsCommand" || conflicts === 0) return next(args);
      conflicts -= 1;
      throw new TransactionCanceledException({
        message: "Transaction cancelled",
        $metadata: {},
        CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "None" }],
      });
    },
  { step: "initialize", name: "conflicts" },
);

let api: Api;
let shop: Api["shop"];
let token: string;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  token = shop.organizer;
});
afterEach(() => {
  conflicts = 0;
  present();
});

describe("when too many transactions touch the same things", () => {
  it("a call waits and is done all the same, once", async () => {
    const { type } = await shop.onSale();
    conflicts = 3;
    const checkout = await shop.buy(type.id);
    expect(conflicts).toBe(0);
    expect(await api.story(checkout.order.id)).toHaveLength(2);
    expect(await shop.available(type.id)).toBe(9);
  });

  it("and it does not end, every write says when to try again, and has changed nothing", async () => {
    const [draft, other] = [await shop.createEvent(), await shop.createEvent()];
    const type = await shop.createType(draft.id);
    const onSale = await shop.onSale();
    const checkout = await shop.buy(onSale.type.id);
    const { eventId: _, ...replacement } = typeDocument("");
    const own = { "order-token": checkout.orderToken };
    const writes: [string, string, { token?: string; body?: unknown; headers?: Record<string, string> }][] = [
      ["POST", "/events", { token, body: eventDocument() }],
      ["PUT", `/events/${draft.id}`, { token, body: eventDocument() }],
      ["POST", `/events/${other.id}/status`, { token, body: { status: "review" } }],
      ["POST", "/tickets", { token, body: typeDocument(draft.id) }],
      ["PUT", `/tickets/${type.id}`, { token, body: replacement }],
      ["DELETE", `/tickets/${type.id}`, { token }],
      ["DELETE", `/events/${draft.id}`, { token }],
      ["POST", `/orders/${checkout.order.id}/extend`, { headers: own }],
      ["POST", `/orders/${checkout.order.id}/cancel`, { headers: own }],
      ["POST", `/tickets/${onSale.type.id}/purchase`, { body: purchaseBody() }],
    ];
    const journal = async () => ((await everything(api.world)).get("journal-entry") ?? []).length;
    const before = await journal();
    conflicts = Infinity;
    const answers = await Promise.all(writes.map(([method, path, ask]) => api.request(method, path, ask)));
    conflicts = 0;
    for (const [n, answer] of answers.entries()) {
      expect([writes[n]![0], writes[n]![1], answer.status]).toEqual([writes[n]![0], writes[n]![1], 503]);
      await refused(answer, 503, "request.busy");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(await journal()).toBe(before);
    for (const [method, path, ask] of writes) expect((await api.request(method, path, ask)).status, `${method} ${path}`).toBeLessThan(300);
  });

  it("a purchase repeated under its key is one order on the seats that the first try took", async () => {
    const { type } = await shop.onSale({ quantityTotal: 2 });
    const ask = { body: purchaseBody({ quantity: 2 }), headers: { "idempotency-key": randomUUID() } };
    const buy = () => api.request<any>("POST", `/tickets/${type.id}/purchase`, ask);
    conflicts = Infinity;
    await refused(buy(), 503, "request.busy");
    conflicts = 0;
    travel(31 * SECONDS);
    const { order } = await answered(buy(), 201);
    expect((await answered(buy(), 201)).order.id).toBe(order.id);
    expect(await shop.available(type.id)).toBe(0);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("a purchase repeated under its key as soon as it was told to is let through", async () => {
    const { type } = await shop.onSale();
    const ask = { body: purchaseBody(), headers: { "idempotency-key": randomUUID() } };
    const buy = () => api.request<any>("POST", `/tickets/${type.id}/purchase`, ask);
    conflicts = Infinity;
    const { headers } = await buy();
    conflicts = 0;
    travel(Number(headers.get("retry-after")) * SECONDS);
    await answered(buy(), 201);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
