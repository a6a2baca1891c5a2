import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { canonicalJson } from "@fashionistas/core/canonical";
import type { Checkout, QuoteView } from "@fashionistas/core/order/schema";
import { DAYS, MINUTES, present, travel } from "../kit/clock.ts";
import { everything } from "../kit/invariants.ts";
import { FREE, orderLine, somebody, typeDocument, type Line } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

const eur = (amount: number) => ({ amount, currency: "EUR" });
const ask = (lines: readonly Line[], change: Record<string, unknown> = {}) => api.request<QuoteView>("POST", "/orders/quote", { body: { lines, ...change } });
const quote = (lines: readonly Line[], change: Record<string, unknown> = {}) => answered(ask(lines, change), 200);
const order = (lines: readonly Line[], change: Record<string, unknown> = {}) =>
  answered(api.request<Checkout>("POST", "/orders", { body: { lines, buyer: somebody(), ...change } }), 201);
const refusals = ({ lines }: QuoteView) => lines.map(({ refusal }) => refusal?.code ?? null);

describe("POST /orders/quote", () => {
  it("explains every line from its list price to what it costs, and the lines sum to the total", async () => {
    const { event, types } = await shop.onSaleTogether([{}, { name: "Gift", kind: "donation", basePrice: eur(1_000) }, FREE]);
    const quoted = await quote([orderLine(types[0], 2), orderLine(types[1], 3, { amount: 2_500 }), orderLine(types[2]!)]);
    expect(quoted).toEqual({
      eventId: event.id,
      lines: [
        {
          ...{ ticketTypeId: types[0].id, name: "Standing", quantity: 2, unitPrice: eur(4_500), total: eur(9_000), purchasable: true, refusal: null },
          steps: [{ kind: "list_price", unitPrice: eur(4_500), total: eur(9_000) }],
        },
        {
          ...{ ticketTypeId: types[1].id, name: "Gift", quantity: 3, unitPrice: eur(2_500), total: eur(7_500), purchasable: true, refusal: null },
          steps: [
            { kind: "list_price", unitPrice: eur(1_000), total: eur(3_000) },
            { kind: "buyer_amount", unitPrice: eur(2_500), total: eur(7_500) },
          ],
        },
        {
          ...{ ticketTypeId: types[2]!.id, name: "Standing", quantity: 1, unitPrice: eur(0), total: eur(0), purchasable: true, refusal: null },
          steps: [{ kind: "list_price", unitPrice: eur(0), total: eur(0) }],
        },
      ],
      total: eur(16_500),
      purchasable: true,
      quotedAt: expect.any(String),
    });
  });

  it("is what the order then costs, line by line", async () => {
    const { types } = await shop.onSaleTogether([{}, { kind: "donation", basePrice: eur(1_000) }]);
    const lines = [orderLine(types[0], 3), orderLine(types[1], 2, { amount: eur(777) })];
    const quoted = await quote(lines);
    const placed = await order(lines);
    expect(placed.order.lines).toEqual(quoted.lines.map(({ steps: _, purchasable: __, refusal: ___, ...rest }) => rest));
    expect(placed.order.total).toEqual(quoted.total);
  });

  it("writes nothing and holds nothing, however often it is asked, whoever is named", async () => {
    const { types } = await shop.onSaleTogether([{ maxPerBuyer: 2 }, {}]);
    await api.world.settle();
    // Ticks of availability are the clock's, not the quote's, and every call is counted.
    const aside = ["tick", "rate-window"];
    const items = async () => [...(await everything(api.world))].flatMap(([entity, rows]) => (aside.includes(entity) ? [] : rows.map(canonicalJson))).sort();
    const before = await items();
    for (let n = 0; n < 3; n++) await quote([orderLine(types[0], 2), orderLine(types[1], 4)], { buyer: somebody(), whatsappOptIn: false });
    expect(await items()).toEqual(before);
  });

  it("needs no buyer, and takes the body of an order", async () => {
    const { event, types } = await shop.onSaleTogether([{}, {}]);
    const body = { eventId: event.id, buyer: { ...somebody(), phone: "+39 333 1234567" }, whatsappOptIn: true };
    expect((await quote([orderLine(types[0], 2, { attendees: [somebody(), null] })], body)).purchasable).toBe(true);
    expect((await quote([orderLine(types[0])], { whatsappOptIn: true })).purchasable).toBe(true);
  });

  it("is refused only for what can be no order: a body that is none, a type that is not there, an amount without a price", async () => {
    const { types } = await shop.onSaleTogether([{}, { kind: "donation", basePrice: eur(1_000) }]);
    await refused(ask([]), 400, "input.invalid", ["lines"]);
    await refused(ask([orderLine(types[0]), orderLine(types[0])]), 400, "input.invalid", ["lines.1.ticketTypeId"]);
    await refused(ask([orderLine(types[0])], { buyer: { name: "Anna" } }), 400, "input.invalid", ["buyer.email"]);
    await refused(ask([orderLine(types[0], 1, { discount: 5 })]), 400, "input.invalid", ["lines.0.discount"]);
    await refused(ask([orderLine(types[0]), orderLine({ id: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" })]), 404, "ticket_type.not_found", ["lines.1.ticketTypeId"]);
    await refused(ask([orderLine(types[0])], { eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }), 404, "event.not_found", ["eventId"]);
    await refused(ask([orderLine(types[1]), orderLine(types[0], 1, { amount: 5 })]), 422, "order.amount_invalid", ["lines.1.amount"]);
    await refused(ask([orderLine(types[1], 1, { amount: 49 })]), 422, "order.amount_invalid", ["lines.0.amount"]);
  });
});

describe("a line that cannot be bought now", () => {
  it("is told with its price, as the order would be refused, and what to do, while the others can be", async () => {
    const salesStartAt = new Date(Date.now() + 2 * DAYS).toISOString();
    const { types } = await shop.onSaleTogether([{}, { salesStartAt }, { maxPerOrder: 2 }]);
    const quoted = await quote([orderLine(types[0], 2), orderLine(types[1]), orderLine(types[2]!, 3)]);
    expect(quoted).toMatchObject({ total: eur(6 * 4_500), purchasable: false });
    expect(quoted.lines.map(({ purchasable }) => purchasable)).toEqual([true, false, false]);
    expect(quoted.lines[1]!.refusal).toMatchObject({
      ...{ code: "ticket_type.not_on_sale", nextAction: "wait_for_sale", retryAfterSeconds: null, errors: [] },
      facts: { ticketTypeId: types[1].id, salesStartAt },
    });
    expect(quoted.lines[2]!.refusal).toMatchObject({
      ...{ code: "order.over_limit", nextAction: "change_quantity", errors: [{ path: "lines.2.quantity", message: "Buy at most 2 at once." }] },
      facts: { maxPerOrder: 2 },
    });
    travel(2 * DAYS + 1_000);
    expect(refusals(await quote([orderLine(types[1])]))).toEqual([null]);
  });

  it("says whether seats are gone, are fewer, or may come back and when", async () => {
    const { types } = await shop.onSaleTogether([{ quantityTotal: 2 }, { quantityTotal: 2 }]);
    const held = await order([orderLine(types[0], 2)]);
    const sold = await order([orderLine(types[1])]);
    const quoted = await quote([orderLine(types[0]), orderLine(types[1], 2)]);
    expect(quoted.lines[0]!.refusal).toMatchObject({ code: "ticket_type.all_held", nextAction: "try_again_later", facts: { limitedBy: "stock" } });
    const { retryAfterSeconds } = quoted.lines[0]!.refusal!;
    expect(retryAfterSeconds).toBeGreaterThan(14 * 60);
    expect(retryAfterSeconds).toBeLessThanOrEqual(15 * 60 + 1);
    expect(quoted.lines[1]!.refusal).toMatchObject({
      ...{ code: "ticket_type.not_enough_left", nextAction: "change_quantity", facts: { availableQuantity: 1 } },
      errors: [{ path: "lines.1.quantity", message: "At most 1." }],
    });
    await api.world.stripe.pay(held.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    expect((await quote([orderLine(types[0])])).lines[0]!.refusal).toMatchObject({ code: "ticket_type.sold_out", nextAction: "choose_another" });
    await answered(shop.onOrder(sold, "cancel"), 200);
    expect((await quote([orderLine(types[1], 2)])).purchasable).toBe(true);
  });

  it("counts seats whose hold has passed as free: the order would get them", async () => {
    const { types } = await shop.onSaleTogether([{ quantityTotal: 1, ...FREE }, {}]);
    const { orderId, expires } = { orderId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3", expires: Math.floor(Date.now() / 1_000) + 60 };
    const { claim } = await import("@fashionistas/core/pool");
    await claim({ poolId: types[0].id, group: 0, bucket: 0, q: 1 }, orderId, expires);
    expect(refusals(await quote([orderLine(types[0])]))).toEqual(["ticket_type.all_held"]);
    travel(2 * MINUTES);
    expect(refusals(await quote([orderLine(types[0])]))).toEqual([null]);
    expect((await order([orderLine(types[0])])).order.status).toBe("fulfilled");
  });

  it("shares the room with the other lines: together they may not want more seats than it has", async () => {
    const { types } = await shop.onSaleTogether([{ quantityTotal: 10 }, { quantityTotal: 10 }], { capacity: 12 });
    const quoted = await quote([orderLine(types[0], 7), orderLine(types[1], 6)]);
    expect(refusals(quoted)).toEqual(["ticket_type.not_enough_left", "ticket_type.not_enough_left"]);
    expect(quoted.lines[0]!.refusal!.facts).toMatchObject({ limitedBy: "room", availableQuantity: 12, ticketTypeIds: types.map(({ id }) => id) });
    expect((await quote([orderLine(types[0], 7), orderLine(types[1], 5)])).purchasable).toBe(true);
  });

  it("is over what one person may have, counted for the buyer when the quote names them", async () => {
    const { types } = await shop.onSaleTogether([{ maxPerBuyer: 3 }, { maxPerBuyer: 3 }]);
    const buyer = somebody();
    await order([orderLine(types[0], 2)], { buyer });
    const lines = [orderLine(types[0], 2), orderLine(types[1], 3)];
    expect(refusals(await quote(lines))).toEqual([null, null]);
    const quoted = await quote(lines, { buyer });
    expect(refusals(quoted)).toEqual(["order.over_limit", null]);
    expect(quoted.lines[0]!.refusal).toMatchObject({ nextAction: "change_quantity", facts: { maxPerBuyer: 3, taken: 2 } });
    expect(refusals(await quote([orderLine(types[1], 4)]))).toEqual(["order.over_limit"]);
    await order([orderLine(types[0], 1)], { buyer });
    expect((await quote([orderLine(types[0])], { buyer })).lines[0]!.refusal).toMatchObject({ nextAction: "choose_another", facts: { taken: 3 } });
  });

  it("of an event that is cancelled, or a type not offered, is no matter of waiting", async () => {
    const { event, types } = await shop.onSaleTogether([{}, {}]);
    const { eventId: _, ...document } = typeDocument("", { isActive: false });
    await answered(api.request("PUT", `/tickets/${types[1].id}`, { token: shop.organizer, body: document }), 200);
    await refused(ask([orderLine(types[1])]), 404, "ticket_type.not_found", ["lines.0.ticketTypeId"]);
    const own = await answered(api.request<QuoteView>("POST", "/orders/quote", { token: shop.organizer, body: { lines: [orderLine(types[1])] } }), 200);
    expect(own.lines[0]!.refusal).toMatchObject({ code: "ticket_type.not_on_sale", nextAction: "choose_another", facts: { isActive: false } });
    await answered(api.request("POST", `/events/${event.id}/status`, { token: shop.organizer, body: { status: "cancelled", reason: "Rain" } }), 200);
    expect((await quote([orderLine(types[0])])).lines[0]!.refusal).toMatchObject({ nextAction: "choose_another", facts: { eventStatus: "cancelled" } });
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
