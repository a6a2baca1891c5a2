import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Checkout, OrderView } from "@fashionistas/core/order/schema";
import type { TicketTypeView } from "@fashionistas/core/ticket-type/schema";
import { DAYS, present, SECONDS, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { FREE, orderLine, somebody, typeDocument, type Line } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

const NO_TYPE = "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

const eur = (amount: number) => ({ amount, currency: "EUR" });
const order = (lines: readonly Line[], change: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  api.request<Checkout>("POST", "/orders", { body: { lines, buyer: somebody(), ...change }, headers });

const row = async (orderId: string) =>
  (await everything(api.world)).get("order")!.find((item) => item["orderId"] === orderId) as unknown as {
    claims: { poolId: string; q: number }[];
    limits: unknown[];
  };

describe("POST /orders", () => {
  it("holds the seats of every line, starts one payment over all of them, and tells both once", async () => {
    const { event, types } = await shop.onSaleTogether([{}, { name: "Front row", basePrice: eur(18_000) }]);
    const answer = await order([orderLine(types[0], 2), orderLine(types[1], 3)]);
    const checkout = await answered(answer, 201);
    expect(answer.headers.get("location")).toBe(`/orders/${checkout.order.id}`);
    expect(checkout.order).toMatchObject({
      status: "awaiting_payment",
      eventId: event.id,
      lines: [
        { ticketTypeId: types[0].id, name: "Standing", quantity: 2, unitPrice: eur(4_500), total: eur(9_000) },
        { ticketTypeId: types[1].id, name: "Front row", quantity: 3, unitPrice: eur(18_000), total: eur(54_000) },
      ],
      total: eur(63_000),
    });
    expect(await Promise.all(types.map(({ id }) => shop.available(id)))).toEqual([8, 7]);
    expect(await api.story(checkout.order.id)).toEqual(["public order.place → order.held", "public order.record_intent → order.payment_started"]);
    const [held] = (await api.journalOf(checkout.order.id))[0]!.events;
    expect(held!.data).toEqual({ orderId: checkout.order.id, eventId: event.id, ticketTypeIds: types.map(({ id }) => id), quantity: 5 });

    await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    const { tickets, status } = await shop.order(checkout);
    expect(status).toBe("fulfilled");
    expect(tickets.map(({ number, ticketTypeId }) => [number, ticketTypeId])).toEqual([
      [1, types[0].id],
      [2, types[0].id],
      [3, types[1].id],
      [4, types[1].id],
      [5, types[1].id],
    ]);
    expect(await violations(api.world)).toEqual([]);
  });

  it("is what POST /tickets/:id/purchase is with one line", async () => {
    const { types } = await shop.onSaleTogether([{ kind: "donation", basePrice: eur(1_000) }, {}]);
    const ordered = await answered(order([orderLine(types[0], 2, { amount: 2_500 })]), 201);
    const bought = await shop.buy(types[0].id, { quantity: 2, amount: 2_500 });
    const comparable = ({ id: _, expiresAt: __, createdAt: ___, updatedAt: ____, ...rest }: Checkout["order"]) => rest;
    expect(comparable(ordered.order)).toEqual(comparable(bought.order));
  });

  it("claims once from each pool, however many lines draw from it", async () => {
    const { event, types } = await shop.onSaleTogether([{ quantityTotal: 10 }, { quantityTotal: 10 }], { capacity: 15 });
    const { order: placed } = await answered(order([orderLine(types[0], 4), orderLine(types[1], 3)]), 201);
    const { claims } = await row(placed.id);
    expect(Object.fromEntries(claims.map(({ poolId, q }) => [poolId, q]))).toEqual({ [event.id]: 7, [types[0].id]: 4, [types[1].id]: 3 });
    expect(claims).toHaveLength(3);
    expect(claims.map(({ poolId }) => poolId)).toEqual(claims.map(({ poolId }) => poolId).sort());
  });

  it("gives free tickets at once, and asks one payment of free and paid ones together", async () => {
    const { types } = await shop.onSaleTogether([FREE, { name: "Free, too", ...FREE }, {}]);
    const free = await answered(order([orderLine(types[0]), orderLine(types[1], 2)]), 201);
    expect(free).toMatchObject({ payment: null, order: { status: "fulfilled", total: eur(0), tickets: [{ number: 1 }, { number: 2 }, { number: 3 }] } });
    const mixed = await answered(order([orderLine(types[0]), orderLine(types[2]!, 2)]), 201);
    expect(mixed.order).toMatchObject({ status: "awaiting_payment", total: eur(9_000) });
    await api.world.stripe.pay(mixed.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    expect((await shop.order(mixed)).tickets).toHaveLength(3);
    expect(await violations(api.world)).toEqual([]);
  });

  it("takes fifty tickets for fifty people, and fulfils them", async () => {
    const { types } = await shop.onSaleTogether([
      { ...FREE, quantityTotal: 30, maxPerOrder: 30 },
      { ...FREE, quantityTotal: 30, maxPerOrder: 30 },
    ]);
    const people = (n: number) => Array.from({ length: n }, somebody);
    // One transaction takes a hundred items: two of the fifty are named afterwards.
    const { order: bought, orderToken } = await answered(
      order([orderLine(types[0], 30, { attendees: people(30) }), orderLine(types[1], 20, { attendees: people(18) })]),
      201,
    );
    expect(bought).toMatchObject({ status: "fulfilled" });
    const others = people(2).map((attendee, i) => ({ ticketNumber: 49 + i, attendee }));
    const placed = await answered<OrderView>(
      api.request("PUT", `/orders/${bought.id}/attendees`, { headers: { "order-token": orderToken }, body: { attendees: others } }),
      200,
    );
    expect(placed.tickets.map(({ holder }) => holder)).toEqual(Array.from({ length: 50 }, () => "attendee"));
    expect(new Set(placed.attendees.map(({ email }) => email)).size).toBe(50);
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("is refused as a whole when its body is none, naming the field", async () => {
    const { types } = await shop.onSaleTogether([
      { maxPerOrder: 50, quantityTotal: 100 },
      { maxPerOrder: 50, quantityTotal: 100 },
    ]);
    const [a, b] = types;
    const wrong: [readonly unknown[], string[]][] = [
      [[], ["lines"]],
      [[orderLine(a), orderLine(b), orderLine(a)], ["lines.2.ticketTypeId"]],
      [[orderLine(a, 30), orderLine(b, 21)], ["lines"]],
      [[orderLine(a, 51)], ["lines.0.quantity"]],
      [[orderLine(a), orderLine(b, 0)], ["lines.1.quantity"]],
      [[orderLine(a), { quantity: 1 }], ["lines.1.ticketTypeId"]],
      [[orderLine(a), orderLine({ id: "nonsense" })], ["lines.1.ticketTypeId"]],
      [[orderLine(a, 1, { attendees: [null, null] })], ["lines.0.attendees"]],
      [[orderLine(a, 1, { attendees: [{ name: "Bea" }] })], ["lines.0.attendees.0.email"]],
      [[orderLine(a, 1, { price: 1 })], ["lines.0.price"]],
      [[orderLine(a, 1, { amount: -1 })], ["lines.0.amount"]],
    ];
    for (const [lines, fields] of wrong) await refused(order(lines as Line[]), 400, "input.invalid", fields);
    await refused(order([orderLine(a)], { buyer: undefined }), 400, "input.invalid", ["buyer"]);
    await refused(order([orderLine(a)], { whatsappOptIn: true }), 400, "input.invalid", ["buyer.phone"]);
    await refused(order([orderLine(a)], { orderId: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }), 400, "input.invalid", ["orderId"]);
    await answered(order([orderLine(a, 30), orderLine(b, 20)]), 201);
  });

  it("is for one event: another's type is as good as a missing one, and the line is named", async () => {
    const [one, other] = [await shop.onSaleTogether([{}, {}]), await shop.onSaleTogether([{}, {}])];
    const draft = await shop.createType((await shop.createEvent()).id);
    const { eventId: _, ...document } = typeDocument("", { isActive: false });
    await answered(api.request("PUT", `/tickets/${one.types[1].id}`, { token: shop.organizer, body: document }), 200);
    const problems = [];
    for (const id of [other.types[0].id, draft.id, one.types[1].id, NO_TYPE]) {
      const problem = await refused(order([orderLine(one.types[0]), orderLine({ id })]), 404, "ticket_type.not_found", ["lines.1.ticketTypeId"]);
      problems.push({ ...problem, requestId: "" });
    }
    expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(1);
    await refused(order([orderLine({ id: NO_TYPE }), orderLine(one.types[0])]), 404, "ticket_type.not_found", ["lines.0.ticketTypeId", "lines.1.ticketTypeId"]);
    await refused(order([orderLine(draft)]), 404, "ticket_type.not_found", ["lines.0.ticketTypeId"]);
    expect(await shop.available(one.types[0].id)).toBe(10);
  });

  it("may say its event, and is refused when that is another one, or none", async () => {
    const [one, other] = [await shop.onSaleTogether([{}, {}]), await shop.onSaleTogether([{}, {}])];
    await answered(order([orderLine(one.types[0]), orderLine(one.types[1])], { eventId: one.event.id }), 201);
    await refused(order([orderLine(one.types[0])], { eventId: other.event.id }), 404, "ticket_type.not_found", ["lines.0.ticketTypeId"]);
    const hidden = await shop.createEvent();
    for (const eventId of [hidden.id, "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3"])
      await refused(order([orderLine(one.types[0])], { eventId }), 404, "event.not_found", ["eventId"]);
    await refused(order([orderLine(one.types[0])], { eventId: "nonsense" }), 400, "input.invalid", ["eventId"]);
  });

  it("tells which line may not be bought, and takes nothing of the others", async () => {
    const salesStartAt = new Date(Date.now() + 2 * DAYS).toISOString();
    const { types } = await shop.onSaleTogether([{}, { salesStartAt }, { maxPerOrder: 2 }, { kind: "donation", basePrice: eur(1_000) }]);
    const [open, later, few, gift] = types as [TicketTypeView, TicketTypeView, TicketTypeView, TicketTypeView];
    expect(await refused(order([orderLine(open), orderLine(later)]), 409, "ticket_type.not_on_sale")).toMatchObject({ ticketTypeId: later.id, salesStartAt });
    expect(await refused(order([orderLine(open), orderLine(few, 3)]), 422, "order.over_limit", ["lines.1.quantity"])).toMatchObject({
      ticketTypeId: few.id,
      maxPerOrder: 2,
    });
    await refused(order([orderLine(open), orderLine(gift, 1, { amount: 49 })]), 422, "order.amount_invalid", ["lines.1.amount"]);
    await refused(order([orderLine(gift, 1, { amount: { amount: 500, currency: "USD" } }), orderLine(open)]), 422, "order.amount_invalid", [
      "lines.0.amount.currency",
    ]);
    await refused(order([orderLine(gift, 1, { amount: 99_999_999 }), orderLine(open)]), 422, "order.amount_invalid", ["lines"]);
    expect(await Promise.all([open, few, gift].map(({ id }) => shop.available(id)))).toEqual([10, 10, 10]);
  });
});

describe("a shortage", () => {
  it("in one line names it and gives back what the other lines took: seats and shares of limits", async () => {
    const { types } = await shop.onSaleTogether([
      { quantityTotal: 10, maxPerBuyer: 2 },
      { quantityTotal: 2, maxPerBuyer: 4 },
    ]);
    const buyer = { ...somebody(), phone: `+39 333 ${1_000_000 + Math.floor(Math.random() * 8_999_999)}` };
    for (const lines of [
      [orderLine(types[0], 2), orderLine(types[1], 3)],
      [orderLine(types[1], 3), orderLine(types[0], 2)],
    ]) {
      const at = lines.findIndex(({ ticketTypeId }) => ticketTypeId === types[1].id);
      const problem = await refused(order(lines, { buyer }), 409, "ticket_type.not_enough_left", [`lines.${at}.quantity`]);
      expect(problem).toMatchObject({ ticketTypeId: types[1].id, limitedBy: "stock", availableQuantity: 2 });
    }
    expect(await Promise.all(types.map(({ id }) => shop.available(id)))).toEqual([10, 2]);
    const placed = await answered(order([orderLine(types[0], 2), orderLine(types[1], 2)], { buyer }), 201);
    await refused(order([orderLine(types[0])], { buyer }), 422, "order.over_limit", ["lines.0.quantity"]);
    const held = await order([orderLine(types[1])]);
    await refused(held, 409, "ticket_type.all_held", ["lines.0.quantity"]);
    expect(Number(held.headers.get("retry-after"))).toBeGreaterThan(0);
    await api.world.stripe.pay(placed.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    // What a look at the stock found counts for two seconds.
    travel(2.1 * SECONDS);
    await refused(order([orderLine(types[0]), orderLine(types[1])]), 409, "ticket_type.sold_out", ["lines.1.quantity"]);
    present();
    expect(await violations(api.world)).toEqual([]);
  });

  it("of what a person may still have names the line, and leaves the other lines' shares uncounted", async () => {
    const { types } = await shop.onSaleTogether([{ maxPerBuyer: 2 }, { maxPerBuyer: 3 }]);
    const buyer = somebody();
    await answered(order([orderLine(types[1], 2)], { buyer }), 201);
    const problem = await refused(order([orderLine(types[0], 2), orderLine(types[1], 2)], { buyer }), 422, "order.over_limit", ["lines.1.quantity"]);
    expect(problem).toMatchObject({ ticketTypeId: types[1].id, maxPerBuyer: 3, taken: 2 });
    await answered(order([orderLine(types[0], 2), orderLine(types[1], 1)], { buyer }), 201);
    expect(await Promise.all(types.map(({ id }) => shop.available(id)))).toEqual([8, 7]);
  });

  it("of the room says so and names every line that wants a seat in it", async () => {
    const { types } = await shop.onSaleTogether([{ quantityTotal: 10 }, { quantityTotal: 10 }], { capacity: 12 });
    await answered(order([orderLine(types[0], 8)]), 201);
    const problem = await refused(order([orderLine(types[0], 2), orderLine(types[1], 3)]), 409, "ticket_type.not_enough_left", [
      "lines.0.quantity",
      "lines.1.quantity",
    ]);
    expect(problem).toMatchObject({ limitedBy: "room", ticketTypeIds: types.map(({ id }) => id), availableQuantity: 4 });
    expect(problem.detail).toContain("in the room");
    const alone = await refused(shop.purchase(types[1].id, { quantity: 5 }), 409, "ticket_type.not_enough_left", ["quantity"]);
    expect(alone).toMatchObject({ limitedBy: "room", ticketTypeId: types[1].id });
    await answered(order([orderLine(types[0], 1), orderLine(types[1], 3)]), 201);
  });
});

describe("orders at the same moment", () => {
  it("never take a seat twice, wherever their lines stand, and leave nothing half taken", async () => {
    const { types } = await shop.onSaleTogether([{ quantityTotal: 6 }, { quantityTotal: 9 }], { capacity: 12 });
    const answers = await atOnce(12, (n) => order(n % 2 === 0 ? [orderLine(types[0]), orderLine(types[1])] : [orderLine(types[1]), orderLine(types[0])]));
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(6);
    for (const { status, body } of answers)
      if (status !== 201) expect(body).toMatchObject({ code: expect.stringMatching(/^ticket_type\.(all_held|sold_out|not_enough_left)$/) });
    const sold = answers.filter(({ status }) => status === 201).length;
    for (let n = sold; n < 6; n++) await answered(order([orderLine(types[0]), orderLine(types[1])]), 201);
    await refused(order([orderLine(types[0]), orderLine(types[1])]), 409, "ticket_type.all_held");
    expect(await Promise.all(types.map(({ id }) => shop.available(id)))).toEqual([0, 0]);
    expect(await violations(api.world, { settled: false })).toEqual([]);
  });

  it("under one Idempotency-Key are one order, answered alike; another body under it is refused", async () => {
    const { types } = await shop.onSaleTogether([{}, {}]);
    const [buyer, key] = [somebody(), { "idempotency-key": randomUUID() }];
    const lines = [orderLine(types[0], 2), orderLine(types[1], 1, { attendees: [somebody()] })];
    const first = await answered(order(lines, { buyer }, key), 201);
    const again = await order(lines, { buyer }, key);
    expect(await answered(again, 201)).toEqual(first);
    expect(again.headers.get("location")).toBe(`/orders/${first.order.id}`);
    await refused(order([...lines].reverse(), { buyer }, key), 422, "idempotency_key.reused");
    const other = { "idempotency-key": randomUUID() };
    const answers = await atOnce(4, () => order(lines, { buyer }, other));
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.order.id)).size).toBe(1);
    expect(Object.keys(tally(answers)).filter((name) => !["201", "409 idempotency_key.in_progress"].includes(name))).toEqual([]);
    expect(await Promise.all(types.map(({ id }) => shop.available(id)))).toEqual([6, 8]);
  });
});

describe("paying a held order", () => {
  const cancelEvent = (id: string) =>
    answered(api.request("POST", `/events/${id}/status`, { token: shop.organizer, body: { status: "cancelled", reason: "Rain" } }), 200);

  it("is no more asked for when its event was cancelled meanwhile", async () => {
    const { event, types } = await shop.onSaleTogether([{}, {}]);
    const checkout = await answered(order([orderLine(types[0]), orderLine(types[1])]), 201);
    await answered(shop.onOrder(checkout, "pay"), 200);
    await cancelEvent(event.id);
    await refused(shop.onOrder(checkout, "pay"), 409, "order.event_cancelled");
    expect(await answered(shop.onOrder(checkout, "cancel"), 200)).toMatchObject({ status: "cancelled" });
  });

  it("is a promise: a sale that ended or was stopped meanwhile keeps nobody from it", async () => {
    const salesEndAt = new Date(Date.now() + 60_000).toISOString();
    const { types } = await shop.onSaleTogether([{ salesEndAt }, {}]);
    const checkout = await answered(order([orderLine(types[0]), orderLine(types[1])]), 201);
    const { eventId: _, ...document } = typeDocument("", { isActive: false, basePrice: eur(9_900) });
    await answered(api.request("PUT", `/tickets/${types[1].id}`, { token: shop.organizer, body: document }), 200);
    travel(2 * 60_000);
    await refused(order([orderLine(types[0])]), 409, "ticket_type.not_on_sale");
    const { payment } = await answered(shop.onOrder<Checkout>(checkout, "pay"), 200);
    await api.world.stripe.pay(payment!.paymentIntentId, "succeed");
    await api.world.settle();
    expect(await shop.order(checkout)).toMatchObject({ status: "fulfilled", total: eur(9_000) });
    expect(await violations(api.world)).toEqual([]);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
