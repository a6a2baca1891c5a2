import { userIdFor } from "@fashionistas/core/user";
import { LOCAL_ISSUER } from "@fashionistas/local/issuer";
import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DAYS, MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { FREE, purchaseBody, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

const eur = (amount: number) => ({ amount, currency: "EUR" });
const inWords = (iso: string) =>
  `${new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Rome" }).format(new Date(iso))} (Europe/Rome)`;
const email = () => `buyer-${randomUUID()}@example.com`;

describe("POST /tickets/:id/purchase", () => {
  it("holds the seats for a quarter of an hour, starts the payment, and tells both once, with their author", async () => {
    const { event, type } = await shop.onSale();
    const before = Date.now();
    const answer = await shop.purchase(type.id, { quantity: 3 });
    const checkout = await answered(answer, 201);
    expect(checkout).toEqual({
      order: {
        id: expect.stringMatching(/^ord_[0-9A-HJKMNP-TV-Z]{26}$/),
        status: "awaiting_payment",
        eventId: event.id,
        lines: [{ ticketTypeId: type.id, name: "Standing", quantity: 3, unitPrice: eur(4_500), total: eur(13_500) }],
        total: eur(13_500),
        expiresAt: expect.any(String),
        extended: false,
        paymentError: null,
        tickets: [],
        attendees: [],
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
      payment: { provider: "stripe", paymentIntentId: expect.stringMatching(/^pi_/), clientSecret: expect.stringMatching(/^pi_.+_secret_.+/) },
      orderToken: expect.stringMatching(/^v1\.[\w-]{43}$/),
    });
    expect(Date.parse(checkout.order.expiresAt!) - before).toBeGreaterThanOrEqual(15 * MINUTES);
    expect(Date.parse(checkout.order.expiresAt!) - before).toBeLessThan(15 * MINUTES + 5 * SECONDS);
    expect(answer.headers.get("retry-after")).toBeNull();
    expect(answer.headers.get("location")).toBe(`/orders/${checkout.order.id}`);
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    expect(await shop.available(type.id)).toBe(7);
    expect(await api.story(checkout.order.id)).toEqual(["public order.place → order.held", "public order.record_intent → order.payment_started"]);
    expect((await api.journalOf(checkout.order.id)).every(({ requestId }) => requestId === answer.headers.get("x-request-id"))).toBe(true);
    const { value } = (await api.world.store.list<{ intent: { amount: number; currency: string; metadata: object } }>("stripe_payment_intents")).at(-1)!;
    expect(value.intent).toMatchObject({ amount: 13_500, currency: "eur", metadata: { order_id: checkout.order.id } });
  });

  it("keeps the buyer's name, e-mail and phone in one place, and out of orders, domain events, the journal and Stripe", async () => {
    const { type } = await shop.onSale();
    const buyer = { name: "Zebedea Quux", email: `zebedea-${randomUUID()}@example.com`, phone: "+39 333 0009998" };
    const checkout = await shop.buy(type.id, { buyer, whatsappOptIn: true });
    await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    const words = /zebedea|3330009998/i;
    for (const [entity, rows] of await everything(api.world)) if (entity !== "person") expect(JSON.stringify(rows), entity).not.toMatch(words);
    expect(JSON.stringify(await api.world.store.list("domain-events"))).not.toMatch(words);
    expect(JSON.stringify(await api.world.store.list("stripe_payment_intents"))).not.toMatch(words);
  });

  it("gives free tickets at once, signed, in one call", async () => {
    const { type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id, { quantity: 2 });
    expect(checkout).toMatchObject({ payment: null, order: { status: "fulfilled", total: eur(0), expiresAt: null } });
    expect(checkout.order.tickets).toHaveLength(2);
    for (const ticket of checkout.order.tickets)
      expect(ticket).toMatchObject({ ticketTypeId: type.id, status: "valid", credential: expect.stringMatching(/^FT1\./) });
    expect(await api.story(checkout.order.id)).toEqual(["public order.place → order.held", "public order.place → order.fulfilled"]);
    expect(await violations(api.world)).toEqual([]);
  });

  it("gives fifty tickets at once, each with a credential of its own", async () => {
    const { type } = await shop.onSale({ ...FREE, quantityTotal: 60, maxPerOrder: 50 });
    const { order } = await shop.buy(type.id, { quantity: 50 });
    expect(new Set(order.tickets.map(({ credential }) => credential)).size).toBe(50);
    expect(await shop.available(type.id)).toBe(10);
  });

  it("is the signed-in buyer's, whoever that is", async () => {
    const { type } = await shop.onSale();
    for (const role of ["attendee", "sponsor", "designer", "model", "organizer", "admin"] as const) {
      const token = await api.world.tokenOf(role, `usr_buying_${role}`);
      const { order } = await answered(api.request("POST", `/tickets/${type.id}/purchase`, { token, body: purchaseBody() }), 201);
      expect((await api.journalOf(order.id))[0]!.actor).toEqual({ kind: role, id: userIdFor(LOCAL_ISSUER, `usr_buying_${role}`) });
      expect(await answered(api.request("GET", `/orders/${order.id}`, { token }), 200)).toMatchObject({ id: order.id });
    }
  });

  it("buys again at every call without an Idempotency-Key, also at the same moment", async () => {
    const { type } = await shop.onSale();
    const body = purchaseBody();
    const answers = await atOnce(4, () => api.request("POST", `/tickets/${type.id}/purchase`, { body }));
    expect(tally(answers)).toEqual({ "201": 4 });
    expect(new Set(answers.map(({ body }) => body.order.id)).size).toBe(4);
    expect(await shop.available(type.id)).toBe(6);
  });

  it("knows no type that the caller may not see", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    await refused(shop.purchase(type.id), 404, "ticket_type.not_found");
    await refused(shop.purchase("tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3"), 404, "ticket_type.not_found");
    await refused(shop.purchase("nonsense"), 404, "ticket_type.not_found");
    const own = await refused(
      api.request("POST", `/tickets/${type.id}/purchase`, { token: shop.organizer, body: purchaseBody() }),
      409,
      "ticket_type.not_on_sale",
    );
    expect(own.detail).toContain("draft");
  });
});

describe("how many", () => {
  it("between the least and the most per order, and the refusal says both", async () => {
    const { type } = await shop.onSale({ minPerOrder: 2, maxPerOrder: 3 });
    for (const quantity of [1, 4]) {
      const problem = await refused(shop.purchase(type.id, { quantity }), 422, "order.over_limit", ["quantity"]);
      expect(problem).toMatchObject({ minPerOrder: 2, maxPerOrder: 3 });
    }
    for (const quantity of [0, -1, 51, 1.5, "2", null]) await refused(shop.purchase(type.id, { quantity }), 400, "input.invalid", ["quantity"]);
    for (const quantity of [2, 3]) await answered(shop.purchase(type.id, { quantity }), 201);
    expect(await shop.available(type.id)).toBe(5);
  });

  it("at most so many per person, counted over earlier orders under one e-mail address, however it is written", async () => {
    const { type } = await shop.onSale({ maxPerBuyer: 3 });
    const address = email();
    await answered(shop.purchase(type.id, { quantity: 2, buyer: { name: "Anna", email: address } }), 201);
    const problem = await refused(
      shop.purchase(type.id, { quantity: 2, buyer: { name: "Somebody else", email: `  ${address.toUpperCase()} ` } }),
      422,
      "order.over_limit",
      ["quantity"],
    );
    expect(problem).toMatchObject({ maxPerBuyer: 3, taken: 2, errors: [{ message: expect.stringContaining("1") }] });
    await answered(shop.purchase(type.id, { quantity: 1, buyer: { name: "Anna", email: address } }), 201);
    await refused(shop.purchase(type.id, { quantity: 1, buyer: { name: "Anna", email: address } }), 422, "order.over_limit", ["quantity"]);
    await answered(shop.purchase(type.id, { quantity: 3 }), 201);
  });

  it("counted under one phone number, too, however it is written", async () => {
    const { type } = await shop.onSale({ maxPerBuyer: 3 });
    await answered(shop.purchase(type.id, { quantity: 2, buyer: { name: "Anna", email: email(), phone: "+39 333 555 0001" } }), 201);
    await refused(shop.purchase(type.id, { quantity: 2, buyer: { name: "Anna", email: email(), phone: "+39-(333).555-0001" } }), 422, "order.over_limit", [
      "quantity",
    ]);
    await answered(shop.purchase(type.id, { quantity: 1, buyer: { name: "Anna", email: email(), phone: "+393335550001" } }), 201);
    await answered(shop.purchase(type.id, { quantity: 3, buyer: { name: "Anna", email: email(), phone: "+393335550002" } }), 201);
  });

  it("of which a refusal counts nothing: neither by e-mail nor by phone", async () => {
    const { type } = await shop.onSale({ maxPerBuyer: 2, quantityTotal: 3 });
    const [address, phone] = [email(), "+39 333 555 1001"];
    await answered(shop.purchase(type.id, { quantity: 2, buyer: { name: "A", email: email(), phone } }), 201);
    await refused(shop.purchase(type.id, { quantity: 1, buyer: { name: "B", email: address, phone } }), 422, "order.over_limit", ["quantity"]);
    await refused(shop.purchase(type.id, { quantity: 2, buyer: { name: "B", email: address } }), 409, "ticket_type.not_enough_left");
    await answered(shop.purchase(type.id, { quantity: 1, buyer: { name: "B", email: address } }), 201);
    expect(await shop.available(type.id)).toBe(0);
  });

  it("given back by an order that was cancelled or ran out of time, not by one that was paid", async () => {
    const { type } = await shop.onSale({ maxPerBuyer: 2 });
    const buyer = { name: "Anna", email: email(), phone: "+39 333 555 2001" };
    const full = () => refused(shop.purchase(type.id, { quantity: 1, buyer }), 422, "order.over_limit", ["quantity"]);
    const cancelled = await shop.buy(type.id, { quantity: 2, buyer });
    await full();
    await answered(shop.onOrder(cancelled, "cancel"), 200);
    await shop.buy(type.id, { quantity: 2, buyer });
    await full();
    travel(16 * MINUTES);
    await api.world.runSchedule("expire-orders");
    const paid = await shop.buy(type.id, { quantity: 2, buyer });
    await api.world.stripe.pay(paid.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    await full();
    await answered(shop.onOrder(cancelled, "cancel"), 200);
    await full();
  });

  it("never more per person when their purchases come at once", async () => {
    const { type } = await shop.onSale({ maxPerBuyer: 4, quantityTotal: 50 });
    const buyer = { name: "Anna", email: email(), phone: "+39 333 555 3001" };
    const answers = await atOnce(12, (n) => shop.purchase(type.id, { quantity: 1 + (n % 2), buyer: n % 3 === 0 ? { ...buyer, email: email() } : buyer }));
    const seats = answers.filter(({ status }) => status === 201).reduce((sum, { body }) => sum + body.order.lines[0]!.quantity, 0);
    expect(seats).toBe(4);
    expect(await shop.available(type.id)).toBe(46);
  });

  it("counted per type: another type of the event has its own count", async () => {
    const draft = await shop.createEvent();
    const [one, two] = [await shop.createType(draft.id, { maxPerBuyer: 1 }), await shop.createType(draft.id, { name: "Two", maxPerBuyer: 1 })];
    await shop.publish(draft.id);
    const buyer = { name: "Anna", email: email() };
    await shop.buy(one.id, { buyer });
    await shop.buy(two.id, { buyer });
    await refused(shop.purchase(one.id, { buyer }), 422, "order.over_limit", ["quantity"]);
  });
});

describe("what it costs", () => {
  it("the type's price, and never what the buyer says", async () => {
    const { type } = await shop.onSale();
    await refused(shop.purchase(type.id, { amount: 1 }), 422, "order.amount_invalid", ["amount"]);
    await refused(shop.purchase(type.id, { amount: 4_500 }), 422, "order.amount_invalid", ["amount"]);
    await refused(shop.purchase(type.id, { price: 1 }), 400, "input.invalid", ["price"]);
    const free = await shop.onSale(FREE);
    await refused(shop.purchase(free.type.id, { amount: 0 }), 422, "order.amount_invalid", ["amount"]);
    expect(await shop.available(type.id)).toBe(10);
  });

  it("what a donor gives per ticket, in minor units or as money, else what was suggested", async () => {
    const { type } = await shop.onSale({ kind: "donation", basePrice: eur(1_000) });
    expect((await shop.buy(type.id, { quantity: 2, amount: 2_500 })).order).toMatchObject({ total: eur(5_000), lines: [{ unitPrice: eur(2_500) }] });
    expect((await shop.buy(type.id, { quantity: 1, amount: eur(777) })).order.total).toEqual(eur(777));
    expect((await shop.buy(type.id, { quantity: 2 })).order.total).toEqual(eur(2_000));
  });

  it("nothing for a donor who gives nothing, whose tickets are there at once", async () => {
    const { type } = await shop.onSale({ kind: "donation", basePrice: eur(1_000) });
    for (const amount of [0, eur(0)])
      expect(await shop.buy(type.id, { quantity: 2, amount })).toMatchObject({
        payment: null,
        order: { status: "fulfilled", total: eur(0), tickets: [{}, {}] },
      });
  });

  it("nothing where nothing was suggested and nothing is given", async () => {
    const { type } = await shop.onSale({ kind: "donation", basePrice: eur(0) });
    expect((await shop.buy(type.id)).order.status).toBe("fulfilled");
    expect((await shop.buy(type.id, { amount: 500 })).order).toMatchObject({ status: "awaiting_payment", total: eur(500) });
  });

  it("never less than a card can be charged, nor more than eight digits, nor another currency", async () => {
    const { type } = await shop.onSale({ kind: "donation", basePrice: eur(1_000) });
    const problem = await refused(shop.purchase(type.id, { amount: 49 }), 422, "order.amount_invalid", ["amount"]);
    expect(problem.errors![0]!.message).toContain("€0.50");
    await refused(shop.purchase(type.id, { amount: eur(1) }), 422, "order.amount_invalid", ["amount"]);
    await refused(shop.purchase(type.id, { quantity: 2, amount: 60_000_000 }), 422, "order.amount_invalid", ["amount"]);
    await refused(shop.purchase(type.id, { amount: { amount: 1_000, currency: "USD" } }), 422, "order.amount_invalid", ["amount.currency"]);
    for (const amount of [-1, 0.5, "10", 100_000_000, [], true]) await refused(shop.purchase(type.id, { amount }), 400, "input.invalid");
    await answered(shop.purchase(type.id, { amount: 50 }), 201);
    await answered(shop.purchase(type.id, { amount: 99_999_999 }), 201);
    expect(await shop.available(type.id)).toBe(8);
  });

  it("never more than a card can be charged, whatever the price", async () => {
    const { type } = await shop.onSale({ basePrice: eur(99_999_999) });
    await refused(shop.purchase(type.id, { quantity: 2 }), 422, "order.amount_invalid", ["quantity"]);
    await answered(shop.purchase(type.id), 201);
  });

  it("whole units in a currency without cents", async () => {
    const { type } = await shop.onSale({ basePrice: { amount: 5_000, currency: "JPY" } }, { currency: "JPY" });
    expect((await shop.buy(type.id, { quantity: 2 })).order.total).toEqual({ amount: 10_000, currency: "JPY" });
  });
});

describe("when", () => {
  it("not before sales start, and the refusal says when that is", async () => {
    const salesStartAt = new Date(Date.now() + 2 * DAYS).toISOString();
    const { event, type } = await shop.onSale({ salesStartAt });
    expect(event.status).toBe("published");
    const problem = await refused(shop.purchase(type.id), 409, "ticket_type.not_on_sale");
    expect(problem).toMatchObject({ salesStartAt, salesEndAt: event.endsAt, detail: `Sales start on ${inWords(salesStartAt)}.` });
    travel(2 * DAYS + 1 * SECONDS);
    await answered(shop.purchase(type.id), 201);
  });

  it.each([
    ["the type's sale has ended", (at: string) => [{ salesEndAt: at }, {}]],
    ["the event's registration deadline has passed", (at: string) => [{}, { registrationDeadline: at }]],
    ["the earlier of both has passed", (at: string) => [{ salesEndAt: new Date(Date.parse(at) + DAYS).toISOString() }, { registrationDeadline: at }]],
  ])("not after %s, and the refusal says when that was", async (_name, documents) => {
    const at = new Date(Date.now() + 2 * DAYS).toISOString();
    const [typeChange, eventChange] = documents(at);
    const { type } = await shop.onSale(typeChange, eventChange);
    await answered(shop.purchase(type.id), 201);
    travel(2 * DAYS + 1 * SECONDS);
    const problem = await refused(shop.purchase(type.id), 409, "ticket_type.not_on_sale");
    expect(problem).toMatchObject({ salesStartAt: null, salesEndAt: at, detail: `Sales ended on ${inWords(at)}.` });
  });

  it("while the show runs, when nothing says otherwise, and never after it", async () => {
    const { type } = await shop.onSale();
    travel(30 * DAYS + 10 * MINUTES);
    await answered(shop.purchase(type.id), 201);
    travel(2 * 60 * MINUTES);
    const problem = await refused(shop.purchase(type.id), 409, "ticket_type.not_on_sale");
    expect(problem.detail).toContain("completed");
  });

  it("never for a cancelled event", async () => {
    const { event, type } = await shop.onSale();
    await answered(api.request("POST", `/events/${event.id}/status`, { token: shop.organizer, body: { status: "cancelled", reason: "Rain" } }), 200);
    expect((await refused(shop.purchase(type.id), 409, "ticket_type.not_on_sale")).detail).toContain("cancelled");
  });

  it("takes no seat when it is refused", async () => {
    const { type } = await shop.onSale({ salesStartAt: new Date(Date.now() + DAYS).toISOString() });
    await atOnce(5, () => shop.purchase(type.id));
    expect(await shop.available(type.id)).toBe(10);
  });
});

describe("who", () => {
  const wrong: [string, Record<string, unknown>, string[]][] = [
    ["no name", { email: "a@example.com" }, ["buyer.name"]],
    ["a blank name", { name: "   ", email: "a@example.com" }, ["buyer.name"]],
    ["no e-mail", { name: "A" }, ["buyer.email"]],
    ["a name too long", { name: "x".repeat(201), email: "a@example.com" }, ["buyer.name"]],
    ["a field we do not know", { name: "A", email: "a@example.com", vip: true }, ["buyer.vip"]],
    ...[
      "anna",
      "anna@",
      "@example.com",
      "anna@example",
      "a b@example.com",
      "anna@exa mple.com",
      `${"x".repeat(250)}@example.com`,
      "anna@example.com\nbcc: x@y.z",
      "",
    ].map((address): [string, Record<string, unknown>, string[]] => [
      `the e-mail ${JSON.stringify(address.slice(0, 30))}`,
      { name: "A", email: address },
      ["buyer.email"],
    ]),
    ...["333 1234567", "0039 333 1234567", "+0 333 1234567", "+39", "+39 333 12345678901234", "+39 abc 1234567", "phone", ""].map(
      (phone): [string, Record<string, unknown>, string[]] => [
        `the phone ${JSON.stringify(phone)}`,
        { name: "A", email: "a@example.com", phone },
        ["buyer.phone"],
      ],
    ),
  ];
  it("refuses a buyer with a contact that is none, naming the field", async () => {
    const { type } = await shop.onSale();
    for (const [name, buyer, fields] of wrong) {
      const answer = await shop.purchase(type.id, { buyer });
      expect(answer.status, name).toBe(400);
      await refused(answer, 400, "input.invalid", fields);
    }
    for (const buyer of ["Anna", 7, null, [], true])
      expect((await refused(shop.purchase(type.id, { buyer }), 400, "input.invalid")).errors![0]!.path).toBe("buyer");
    expect(await shop.available(type.id)).toBe(10);
  });

  it("asks for a phone number of whoever wants messages on WhatsApp", async () => {
    const { type } = await shop.onSale();
    await refused(shop.purchase(type.id, { whatsappOptIn: true }), 400, "input.invalid", ["buyer.phone"]);
    await refused(shop.purchase(type.id, { whatsappOptIn: "yes" }), 400, "input.invalid", ["whatsappOptIn"]);
    await answered(shop.purchase(type.id, { whatsappOptIn: true, buyer: { name: "A", email: email(), phone: "+44 20 7946 0958" } }), 201);
  });

  it("never learns of a person by naming their e-mail: the same contact is no way into another's order", async () => {
    const { type } = await shop.onSale();
    const buyer = { name: "Anna", email: email() };
    const first = await shop.buy(type.id, { buyer });
    const second = await shop.buy(type.id, { buyer });
    expect(second.order.id).not.toBe(first.order.id);
    expect(second.orderToken).not.toBe(first.orderToken);
    await refused(api.request("GET", `/orders/${first.order.id}`, { headers: { "order-token": second.orderToken } }), 404, "order.not_found");
  });
});

it("sells what stands in the document at this instant, not what stood there before", async () => {
  const { type } = await shop.onSale({ maxPerOrder: 10 });
  const { eventId: _, ...document } = typeDocument("", { maxPerOrder: 1 });
  await answered(api.request("PUT", `/tickets/${type.id}`, { token: shop.organizer, body: document }), 200);
  await refused(shop.purchase(type.id, { quantity: 2 }), 422, "order.over_limit", ["quantity"]);
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
