import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Checkout, QuoteView } from "@fashionistas/core/order/schema";
import { DAYS, MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { orderLine, purchaseBody, somebody, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "../api/support.ts";

let api: Api;
let shop: Api["shop"];
closeBooks(() => api.world);
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(present);

const eur = (amount: number) => ({ amount, currency: "EUR" });
const inDays = (n: number) => new Date(Date.now() + n * DAYS).toISOString();
const early = (some: Record<string, unknown> = {}) => ({ name: "Early bird", price: eur(3_000), ...some });
const typeOf = async (id: string) => answered(api.request<any>("GET", `/tickets/${id}`), 200);
const buy = (id: string, change: Record<string, unknown> = {}) => api.request<Checkout>("POST", `/tickets/${id}/purchase`, { body: purchaseBody(change) });
const paid = async (id: string, change: Record<string, unknown> = {}) => (await answered(buy(id, change), 201)).order.lines[0]!;
const quote = (id: string, quantity: number) =>
  answered(api.request<QuoteView>("POST", "/orders/quote", { body: { lines: [orderLine({ id } as never, quantity)] } }), 200);

describe("a price phase that ends at an instant", () => {
  it("is what everybody pays before it, nobody from it on, and a live hold keeps its price", async () => {
    const endsAt = inDays(1);
    const { type } = await shop.onSale({ phases: [early({ endsAt })] });
    expect(await typeOf(type.id)).toMatchObject({
      ...{ currentPrice: eur(3_000), currentPhase: "Early bird", earlyBirdPrice: eur(3_000), earlyBirdDeadline: endsAt, basePrice: eur(4_500) },
      nextPrice: { price: eur(4_500), phase: null, at: endsAt, afterQuantity: null },
      phases: [{ name: "Early bird", status: "current", remainingQuantity: null }],
    });
    expect((await quote(type.id, 2)).lines[0]!.steps).toEqual([
      { kind: "list_price", unitPrice: eur(4_500), total: eur(9_000) },
      { kind: "phase", name: "Early bird", unitPrice: eur(3_000), total: eur(6_000) },
    ]);
    const held = await answered(buy(type.id, { quantity: 2 }), 201);
    expect(held.order.lines[0]).toMatchObject({ unitPrice: eur(3_000), phase: "Early bird", total: eur(6_000) });
    travel(1 * DAYS);
    expect((await shop.order(held)).total).toEqual(eur(6_000));
    expect(await typeOf(type.id)).toMatchObject({ currentPrice: eur(4_500), currentPhase: null, nextPrice: null, phases: [{ status: "over" }] });
    const later = await paid(type.id);
    expect(later).toMatchObject({ unitPrice: eur(4_500) });
    expect(later).not.toHaveProperty("phase");
  });
});

describe("a price phase with a quota", () => {
  it("is had by exactly as many as it has tickets, however many want it at once, and the others pay the next price", async () => {
    const { type } = await shop.onSale({ quantityTotal: 60, phases: [early({ quantity: 20 }), { name: "Second wave", price: eur(4_000), quantity: 10 }] });
    const answers = await atOnce(45, () => buy(type.id));
    const prices = answers.map(({ body }) => ({ status: 0, body: { code: String(body.order?.lines[0]?.unitPrice.amount) } }));
    expect(prices.map(({ body }) => body.code).sort()).toEqual([...Array(20).fill("3000"), ...Array(10).fill("4000"), ...Array(15).fill("4500")]);
    expect(tally(answers)).toEqual({ 201: 45 });
    expect(await typeOf(type.id)).toMatchObject({
      currentPrice: eur(4_500),
      phases: [
        { status: "over", remainingQuantity: 0 },
        { status: "over", remainingQuantity: 0 },
      ],
    });
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("gives a line one price: a party that does not fit pays the next one, a smaller one still this", async () => {
    const { type } = await shop.onSale({ phases: [early({ quantity: 4 })] });
    await paid(type.id, { quantity: 2 });
    expect((await quote(type.id, 3)).total).toEqual(eur(13_500));
    expect(await paid(type.id, { quantity: 3 })).toMatchObject({ unitPrice: eur(4_500) });
    expect(await paid(type.id, { quantity: 2 })).toMatchObject({ unitPrice: eur(3_000) });
  });

  it("takes back what an order held that ended, and what a refusal had taken", async () => {
    const { type } = await shop.onSale({ quantityTotal: 5, phases: [early({ quantity: 3 })] });
    const held = await answered(buy(type.id, { quantity: 3 }), 201);
    await answered(api.request("POST", `/orders/${held.order.id}/cancel`, { headers: { "order-token": held.orderToken } }), 200);
    await answered(buy(type.id, { quantity: 2, expectedTotal: eur(1) }), 409);
    expect(await typeOf(type.id)).toMatchObject({ phases: [{ remainingQuantity: 3 }], availableQuantity: 5 });
    await refused(buy(type.id, { quantity: 6 }), 409, "ticket_type.not_enough_left");
    await paid(type.id, { quantity: 3 });
    expect(await typeOf(type.id)).toMatchObject({ phases: [{ remainingQuantity: 0 }], availableQuantity: 2 });
  });

  it("never costs somebody their seats whose money came late: the price was promised, whoever has the quota now", async () => {
    const { type } = await shop.onSale({ quantityTotal: 10, phases: [early({ quantity: 2 })] });
    const late = await answered(buy(type.id, { quantity: 2 }), 201);
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    expect(await paid(type.id, { quantity: 2 })).toMatchObject({ unitPrice: eur(3_000) });
    await api.world.stripe.payCanceled(late.payment!.paymentIntentId);
    await api.world.settle();
    const order = await shop.order(late);
    expect(order).toMatchObject({ status: "fulfilled", total: eur(6_000) });
    expect(order.tickets).toHaveLength(2);
    expect(await violations(api.world)).toEqual([]);
  });

  it("goes on with what is taken when the document is replaced, grows at once, and is used up when it becomes smaller than that", async () => {
    const { type } = await shop.onSale({ phases: [early({ quantity: 3 })] });
    await paid(type.id, { quantity: 2 });
    const [{ id }] = (await typeOf(type.id)).phases;
    const put = (phases: unknown[]) => {
      const { eventId: _, ...document } = typeDocument("", { phases });
      return api.request<any>("PUT", `/tickets/${type.id}`, { token: shop.organizer, body: document });
    };
    expect((await answered(put([early({ id, quantity: 5 })]), 200)).phases).toMatchObject([{ id, remainingQuantity: 3 }]);
    expect((await answered(put([early({ id, quantity: 1 })]), 200)).phases).toMatchObject([{ id, remainingQuantity: 0, status: "over" }]);
    expect(await paid(type.id)).toMatchObject({ unitPrice: eur(4_500) });
    await refused(put([early({ id: "ph_01J8Z3K4M5N6P7Q8R9S0T1V2W3" })]), 422, "ticket_type.phase_unknown", ["phases.0.id"]);
    const without = await answered(put([]), 200);
    expect(without).toMatchObject({ phases: [], currentPrice: eur(4_500) });
  });
});

describe("a type that is deleted", () => {
  it("leaves no quota behind", async () => {
    const { id } = await shop.createEvent();
    const type = await answered(
      api.request<any>("POST", "/tickets", { token: shop.organizer, body: typeDocument(id, { phases: [early({ quantity: 20 })] }) }),
      201,
    );
    const quotas = async () => ((await everything(api.world)).get("bucket") ?? []).filter(({ p }) => p === type.phases[0].id).length;
    expect(await quotas()).toBe(2);
    await answered(api.request("DELETE", `/tickets/${type.id}`, { token: shop.organizer }), 204);
    expect(await quotas()).toBe(0);
  });
});

describe("a price that is another one than the buyer was shown", () => {
  it("refuses the order with the new total, holds nothing, and takes it at that", async () => {
    const { type } = await shop.onSale({ quantityTotal: 3, phases: [early({ endsAt: inDays(1) })] });
    const { total } = await quote(type.id, 2);
    travel(1 * DAYS);
    const problem = await refused(buy(type.id, { quantity: 2, expectedTotal: total }), 409, "order.price_changed", ["expectedTotal"]);
    expect(problem).toMatchObject({ total: eur(9_000) });
    expect((await typeOf(type.id)).availableQuantity).toBe(3);
    expect(((await everything(api.world)).get("order") ?? []).filter((row) => row["eventId"] === type.eventId)).toEqual([]);
    await answered(buy(type.id, { quantity: 2, expectedTotal: eur(9_000) }), 201);
  });
});

describe("a group discount", () => {
  it("is for parties of its size, explained in the quote, kept in the order, and shared by the tickets that are refunded", async () => {
    const { type, event } = await shop.onSale({ basePrice: eur(3_335), groupDiscount: { threshold: 3, percent: 10 } });
    expect(await paid(type.id, { quantity: 2 })).toMatchObject({ total: eur(6_670) });
    const quoted = await quote(type.id, 3);
    expect(quoted.lines[0]!.steps.at(-1)).toEqual({ kind: "group_discount", change: eur(-1_001), total: eur(9_004) });
    const checkout = await answered(
      api.request<Checkout>("POST", "/orders", { body: { eventId: event.id, lines: [orderLine(type, 3)], buyer: somebody(), expectedTotal: quoted.total } }),
      201,
    );
    expect(checkout.order.lines[0]).toMatchObject({ unitPrice: eur(3_335), adjustments: [{ kind: "group_discount", amount: -1_001 }], total: eur(9_004) });
    await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    const order = await shop.order(checkout);
    const refund = await answered(
      api.request<any>("POST", `/orders/${order.id}/refunds`, {
        token: shop.organizer,
        headers: { "idempotency-key": `refund-of-${order.id}` },
        body: { ticketIds: [order.tickets[0]!.id], reason: "customer_request" },
      }),
      201,
    );
    expect(refund.amount).toEqual(eur(3_002));
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });
});

describe("a document with prices", () => {
  const asked = async (change: Record<string, unknown>) => {
    const event = await shop.createEvent();
    return api.request("POST", "/tickets", { token: shop.organizer, body: typeDocument(event.id, change) });
  };
  it("is told which phase overlaps, leaves a gap or is in another currency, and what to do", async () => {
    await refused(asked({ phases: [early({ endsAt: inDays(2) }), early({ endsAt: inDays(1) })] }), 400, "input.invalid", ["phases.1.endsAt"]);
    await refused(asked({ phases: [early({ endsAt: inDays(2) }), early({ startsAt: inDays(1) })] }), 400, "input.invalid", ["phases.1.startsAt"]);
    const gap = await refused(asked({ phases: [early({ endsAt: inDays(2) }), early({ startsAt: inDays(3) })] }), 400, "input.invalid", ["phases.1.startsAt"]);
    expect(JSON.stringify(gap)).toContain("leave a gap");
    await refused(asked({ phases: [early({ price: { amount: 3_000, currency: "USD" } })] }), 400, "input.invalid", ["phases.0.price.currency"]);
    await refused(asked({ phases: [early({ price: eur(49) })] }), 422, "ticket_type.price_too_small", ["phases.0.price.amount"]);
  });

  it("has phases and group discounts for paid types, and bounds for donations, alone", async () => {
    const donation = { kind: "donation", basePrice: eur(1_000) };
    await refused(asked({ ...donation, phases: [early()] }), 400, "input.invalid", ["phases"]);
    await refused(asked({ ...donation, groupDiscount: { threshold: 2, percent: 10 } }), 400, "input.invalid", ["groupDiscount"]);
    await refused(asked({ minimumPrice: eur(100) }), 400, "input.invalid", ["minimumPrice"]);
    await refused(asked({ ...donation, minimumPrice: eur(2_000) }), 400, "input.invalid", ["minimumPrice.amount"]);
    await refused(asked({ ...donation, maximumPrice: eur(500) }), 400, "input.invalid", ["maximumPrice.amount"]);
  });

  it("takes donations within its bounds and refuses others by the field", async () => {
    const { type } = await shop.onSale({ kind: "donation", basePrice: eur(1_000), minimumPrice: eur(500), maximumPrice: eur(5_000) });
    expect(type).toMatchObject({ minimumPrice: eur(500), maximumPrice: eur(5_000) });
    await refused(buy(type.id, { amount: 400 }), 422, "order.amount_invalid", ["amount"]);
    await refused(buy(type.id, { amount: 6_000 }), 422, "order.amount_invalid", ["amount"]);
    expect(await paid(type.id, { amount: 700 })).toMatchObject({ unitPrice: eur(700) });
  });
});
