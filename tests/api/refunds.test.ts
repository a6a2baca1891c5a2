import { randomUUID } from "node:crypto";
import type { RefundList, RefundView } from "@fashionistas/core/refund/schema";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { violations } from "../kit/invariants.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

const DAYS = 24 * 60 * MINUTES;

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterEach(present);

type Paid = { id: string; orderToken: string; eventId: string; tickets: string[] };

/** An order that was paid, 30 days before its event. */
async function paid(event: Record<string, unknown> = {}, quantity = 2): Promise<Paid> {
  const { type, event: sold } = await api.shop.onSale({}, event);
  const checkout = await api.shop.buy(type.id, { quantity });
  await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  await api.world.settle();
  const order = await api.shop.order(checkout);
  return { id: order.id, orderToken: checkout.orderToken, eventId: sold.id, tickets: order.tickets.map(({ id }) => id) };
}

type Who = { token?: string; headers?: Record<string, string> };
const buyerOf = ({ orderToken }: Paid): Who => ({ headers: { "order-token": orderToken } });
const organizer = (): Who => ({ token: api.shop.organizer });
const admin = (): Who => ({ token: api.shop.admin });

const ask = (order: Paid, body: unknown, who: Who = admin(), key: string | undefined = randomUUID()) =>
  api.request<RefundView>("POST", `/orders/${order.id}/refunds`, {
    ...who,
    body,
    headers: { ...who.headers, ...(key === undefined ? {} : { "idempotency-key": key }) },
  });
const list = (order: Paid, who: Who = admin()) => api.request<RefundList>("GET", `/orders/${order.id}/refunds`, who);

describe("POST /orders/:id/refunds", () => {
  it("needs an Idempotency-Key, so that nobody is refunded twice by mistake", async () => {
    const order = await paid();
    const bare = await api.request("POST", `/orders/${order.id}/refunds`, { ...admin(), body: { amount: 100, reason: "goodwill" } });
    await refused(bare, 400, "idempotency_key.required", ["Idempotency-Key"]);
    expect((await answered(list(order), 200)).items).toEqual([]);
  });

  it("refuses a key that was used for another refund", async () => {
    const order = await paid();
    const key = randomUUID();
    await answered(ask(order, { amount: 100, reason: "goodwill" }, admin(), key), 201);
    await refused(ask(order, { amount: 200, reason: "goodwill" }, admin(), key), 422, "idempotency_key.reused");
  });

  it.each<[string, object, string[]]>([
    ["no reason", {}, ["reason"]],
    ["an unknown reason", { reason: "because" }, ["reason"]],
    ["no money", { amount: 0, reason: "goodwill" }, ["amount"]],
    ["part of a cent", { amount: 1.5, reason: "goodwill" }, ["amount"]],
    ["amount and tickets", { amount: 1, ticketIds: ["tkt_01J8Z3K4M5N6P7Q8R9S0T1V2W3-1"], reason: "other" }, ["ticketIds"]],
    ["a ticket twice", { ticketIds: ["tkt_01J8Z3K4M5N6P7Q8R9S0T1V2W3-1", "tkt_01J8Z3K4M5N6P7Q8R9S0T1V2W3-1"], reason: "other" }, ["ticketIds"]],
    ["restocking an amount", { amount: 1, restock: true, reason: "other" }, ["restock"]],
    ["something unknown", { reason: "other", currency: "EUR" }, ["currency"]],
  ])("refuses %s, naming the field", async (_, body, fields) => {
    await refused(ask(await paid(), body), 400, "input.invalid", fields);
  });

  it("tells how much is left to whoever asks for more", async () => {
    const order = await paid();
    const problem = await refused(ask(order, { amount: 9_001, reason: "goodwill" }), 422, "refund.exceeds_remaining", ["amount"]);
    expect(problem["refundable"]).toEqual({ amount: 9_000, currency: "EUR" });
    await answered(ask(order, { reason: "other" }), 201);
    await refused(ask(order, { amount: 1, reason: "goodwill" }), 409, "refund.nothing_left");
  });

  it("refuses tickets of others, and those that were taken back", async () => {
    const [order, other] = [await paid(), await paid()];
    await refused(ask(order, { ticketIds: [other.tickets[0]], reason: "other" }), 422, "refund.ticket_not_refundable", ["ticketIds"]);
    await answered(ask(order, { ticketIds: [order.tickets[0]], reason: "other" }), 201);
    await refused(ask(order, { ticketIds: [order.tickets[0]], reason: "other" }), 422, "refund.ticket_not_refundable", ["ticketIds"]);
  });

  it("has nothing to give back for an order that nobody paid", async () => {
    const { type } = await api.shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    const { order, orderToken } = await api.shop.buy(type.id);
    await refused(ask({ id: order.id, orderToken, eventId: "", tickets: [] }, { reason: "other" }), 409, "refund.not_refundable");
  });

  it("binds buyers and organizers to the event's policy, by the days that are left, and admins to nothing", async () => {
    const policy = [
      { daysBefore: 14, percent: 100 },
      { daysBefore: 3, percent: 50 },
    ];
    const order = await paid({ refundPolicy: policy });
    await answered(ask(order, { amount: 1_000, reason: "customer_request" }, buyerOf(order)), 201);
    travel(20 * DAYS);
    const late = { token: await api.world.tokenOf("organizer") };
    const problem = await refused(ask(order, { amount: 3_501, reason: "goodwill" }, organizer()), 422, "refund.exceeds_policy", ["amount"]);
    expect(problem["refundable"]).toEqual({ amount: 3_500, currency: "EUR" });
    await answered(ask(order, { ticketIds: [order.tickets[0]], reason: "customer_request" }, buyerOf(order)), 201);
    travel(8 * DAYS);
    await refused(ask(order, { amount: 1, reason: "goodwill" }, late), 409, "refund.not_by_policy");
    await refused(ask(order, { reason: "customer_request" }, buyerOf(order)), 409, "refund.not_by_policy");
    expect((await answered(ask(order, { reason: "other" }), 201)).amount).toEqual({ amount: 9_000 - 1_000 - 2_250, currency: "EUR" });
    present();
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("lets buyers ask the team where no policy was promised, and the team decide freely", async () => {
    const order = await paid();
    await refused(ask(order, { reason: "customer_request" }, buyerOf(order)), 409, "refund.not_by_policy");
    await answered(ask(order, { amount: 4_000, reason: "goodwill" }, organizer()), 201);
  });

  it("leaves reasons and stock to the team", async () => {
    const order = await paid({ refundPolicy: [{ daysBefore: 0, percent: 100 }] });
    await refused(ask(order, { reason: "fraudulent" }, buyerOf(order)), 403, "refund.staff_only", ["reason"]);
    await refused(ask(order, { reason: "customer_request", restock: false }, buyerOf(order)), 403, "refund.staff_only", ["restock"]);
  });

  it("answers strangers as if there were no such order", async () => {
    const order = await paid();
    const missing = { ...order, id: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" };
    const strangers: Who[] = [{}, { token: await api.world.tokenOf("attendee") }, { token: api.otherOrganizer }, buyerOf(await paid())];
    for (const who of strangers) {
      const headers = { ...who.headers, "idempotency-key": randomUUID() };
      const call = (id: string, method: string, body?: unknown) => api.bytes(method, `/orders/${id}/refunds`, { ...who, headers, ...(body ? { body } : {}) });
      expect(await call(order.id, "POST", { reason: "other" })).toEqual(await call(missing.id, "POST", { reason: "other" }));
      expect(await call(order.id, "GET")).toEqual(await call(missing.id, "GET"));
    }
    await refused(ask(missing, { reason: "other" }), 404, "order.not_found");
  });

  it("tells its story once: who asked, what followed, nothing twice", async () => {
    const order = await paid({}, 1);
    await answered(ask(order, { reason: "event_changed" }, organizer()), 201);
    const story = await api.story(order.id);
    expect(story.slice(-2)).toEqual([
      "organizer order.refund → refund.requested, order.tickets_revoked, order.voided",
      "system order.record_refund → refund.succeeded",
    ]);
    expect(await api.stuck(order.id)).toEqual([]);
    expect(JSON.stringify(await api.journalOf(order.id))).not.toMatch(/example\.com|Rossi/);
  });
});

describe("the refund policy of an event", () => {
  it.each<[string, unknown, string]>([
    [
      "gives less to whoever asks earlier",
      [
        { daysBefore: 3, percent: 80 },
        { daysBefore: 14, percent: 50 },
      ],
      "refundPolicy",
    ],
    [
      "names a day twice",
      [
        { daysBefore: 3, percent: 80 },
        { daysBefore: 3, percent: 50 },
      ],
      "refundPolicy",
    ],
    ["gives more than everything back", [{ daysBefore: 3, percent: 101 }], "refundPolicy.0.percent"],
  ])("is refused when it %s", async (_, refundPolicy, field) => {
    const { id: __, status: ___, version: ____, createdAt: _____, updatedAt: ______, ...event } = await api.shop.createEvent();
    const { seo: _s, description: _d, registrationDeadline: _r, attendeesUntil: _a, refundPolicy: _p, ...document } = event;
    await refused(api.request("POST", "/events", { ...organizer(), body: { ...document, refundPolicy } }), 400, "input.invalid", [field]);
  });
});

it("answers only what is documented", async () => {
  expect(await api.undocumented()).toEqual([]);
});
