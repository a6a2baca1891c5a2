import { randomUUID } from "node:crypto";
import { client } from "@fashionistas/core/db/client";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Checkout, OrderView } from "@fashionistas/core/order/schema";
import { DAYS, MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
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

const person = (name: string) => ({ name, email: `${name.toLowerCase()}-${randomUUID()}@example.com` });
const seen = (ticketNumber: number, { name, email, phone = null }: { name: string; email: string; phone?: string | null }) => ({
  ticketNumber,
  name,
  email,
  phone,
});
type Naming = { ticketNumber: number; attendee: object | null };
const name = (id: string, attendees: readonly unknown[], by: { token?: string; headers?: Record<string, string> }) =>
  api.request<OrderView>("PUT", `/orders/${id}/attendees`, { ...by, body: { attendees } });
const ofToken = ({ orderToken }: Pick<Checkout, "orderToken">) => ({ headers: { "order-token": orderToken } });
const rename = (checkout: Checkout, attendees: readonly Naming[]) => name(checkout.order.id, attendees, ofToken(checkout));
const holdersOf = ({ tickets }: OrderView) => tickets.map(({ holder }) => holder);
const paid = async (checkout: Checkout): Promise<OrderView> => {
  await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  await api.world.settle();
  return shop.order(checkout);
};
const ticketRows = async (orderId: string) => ((await everything(api.world)).get("ticket") ?? []).filter((ticket) => ticket["orderId"] === orderId);

describe("attendees named with an order", () => {
  it("hold its tickets once they are issued, in the order of the lines", async () => {
    const draft = await shop.createEvent();
    const [one, two] = [await shop.createType(draft.id), await shop.createType(draft.id, { name: "Two" })];
    await shop.publish(draft.id);
    const [bea, cleo] = [{ ...person("Bea"), phone: "+39 333 7654321" }, person("Cleo")];
    const lines = [
      { ticketTypeId: one.id, quantity: 2, attendees: [null, bea] },
      { ticketTypeId: two.id, quantity: 2, attendees: [cleo] },
    ];
    const checkout = await answered(api.request<Checkout>("POST", "/orders", { body: { lines, buyer: person("Anna") } }), 201);
    const attendees = [seen(2, { ...bea, phone: "+393337654321" }), seen(3, cleo)];
    expect(checkout.order).toMatchObject({ status: "awaiting_payment", attendees, tickets: [] });
    expect((await answered(shop.onOrder<Checkout>(checkout, "pay"), 200)).order.attendees).toEqual(attendees);
    expect((await answered(shop.onOrder(checkout, "extend"), 200)).attendees).toEqual(attendees);
    const order = await paid(checkout);
    expect(order.attendees).toEqual(attendees);
    expect(holdersOf(order)).toEqual(["buyer", "attendee", "attendee", "buyer"]);
    expect(new Set((await ticketRows(order.id)).map((ticket) => ticket["personId"])).size).toBe(3);
    expect(await violations(api.world)).toEqual([]);
  });

  it("may be named with a purchase of one type, and naming the buyer names nobody else", async () => {
    const { type } = await shop.onSale(FREE);
    const [anna, bea] = [person("Anna"), person("Bea")];
    const { order } = await shop.buy(type.id, { quantity: 4, buyer: anna, attendees: [anna, bea, bea] });
    expect(order.attendees).toEqual([seen(2, bea), seen(3, bea)]);
    expect(holdersOf(order)).toEqual(["buyer", "attendee", "attendee", "buyer"]);
    await refused(shop.purchase(type.id, { quantity: 1, attendees: [null, bea] }), 400, "input.invalid", ["attendees"]);
    await refused(shop.purchase(type.id, { attendees: [{ ...bea, email: "nonsense" }] }), 400, "input.invalid", ["attendees.0.email"]);
  });

  it("are kept in one place and sealed there: nothing in the table, no domain event and no payment knows their names", async () => {
    const { type } = await shop.onSale();
    const quux = { name: "Zebedea Quux", email: `zebedea-${randomUUID()}@example.com`, phone: "+39 333 0007771" };
    const checkout = await shop.buy(type.id, { quantity: 2, attendees: [quux] });
    await paid(checkout);
    await answered(rename(checkout, [{ ticketNumber: 2, attendee: { ...quux, name: "Zebedeo Quux" } }]), 200);
    await api.world.settle();
    const words = /zebede|quux|3330007771/i;
    for (const [entity, rows] of await everything(api.world)) expect(JSON.stringify(rows), entity).not.toMatch(words);
    expect(JSON.stringify(await api.world.store.list("domain-events"))).not.toMatch(words);
    expect(JSON.stringify(await api.world.store.list("stripe_payment_intents"))).not.toMatch(words);
    expect((await everything(api.world)).get("person")).not.toEqual([]);
  });
});

describe("PUT /orders/:id/attendees", () => {
  it("names people before the tickets are issued and after, one by one, and tells each change once", async () => {
    const { type } = await shop.onSale();
    const [bea, cleo, dora] = [person("Bea"), person("Cleo"), person("Dora")];
    const checkout = await shop.buy(type.id, { quantity: 3, attendees: [bea] });
    expect((await answered(rename(checkout, [{ ticketNumber: 3, attendee: cleo }]), 200)).attendees).toEqual([seen(1, bea), seen(3, cleo)]);
    const order = await paid(checkout);
    expect(holdersOf(order)).toEqual(["attendee", "buyer", "attendee"]);
    const credentials = order.tickets.map(({ credential }) => credential);

    const changed = await answered(
      rename(checkout, [
        { ticketNumber: 2, attendee: dora },
        { ticketNumber: 1, attendee: null },
      ]),
      200,
    );
    expect(changed.attendees).toEqual([seen(2, dora), seen(3, cleo)]);
    expect(holdersOf(changed)).toEqual(["buyer", "attendee", "attendee"]);
    expect(changed.tickets.map(({ credential }) => credential)).toEqual(credentials);
    expect(await shop.order(checkout)).toEqual(changed);
    expect(await api.story(order.id)).toEqual([
      "public order.place → order.held",
      "public order.record_intent → order.payment_started",
      "public order.name_attendees → order.attendees_changed",
      "system order.mark_paid → order.paid, order.fulfilled",
      "public order.name_attendees → order.attendees_changed",
    ]);
    const events = (await api.journalOf(order.id)).flatMap((entry) => entry.events).filter((event) => event.type === "order.attendees_changed");
    expect(events.map(({ data }) => data["ticketNumbers"])).toEqual([[3], [1, 2]]);
    expect(await violations(api.world)).toEqual([]);
  });

  it("changes nothing when the same people are named again", async () => {
    const { type } = await shop.onSale(FREE);
    const bea = person("Bea");
    const checkout = await shop.buy(type.id, { quantity: 2 });
    const first = await answered(rename(checkout, [{ ticketNumber: 2, attendee: bea }]), 200);
    const again = [
      { ticketNumber: 2, attendee: { ...bea, email: bea.email.toUpperCase() } },
      { ticketNumber: 1, attendee: null },
    ];
    for (let n = 0; n < 2; n++) expect(await answered(rename(checkout, again), 200)).toEqual(first);
    expect((await api.story(checkout.order.id)).filter((entry) => entry.includes("attendees_changed"))).toHaveLength(1);
  });

  it("takes one of several at the same moment, and the others may repeat theirs", async () => {
    const { type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id, { quantity: 4 });
    const people = [1, 2, 3, 4].map((ticketNumber) => ({ ticketNumber, attendee: person(`P${ticketNumber}`) }));
    const answers = await atOnce(4, (n) => rename(checkout, [people[n]!]));
    expect(Object.keys(tally(answers)).filter((key) => !["200", "409 request.conflict"].includes(key))).toEqual([]);
    expect(tally(answers)["200"]).toBeGreaterThanOrEqual(1);
    for (const naming of people) await answered(rename(checkout, [naming]), 200);
    const order = await shop.order(checkout);
    expect(order.attendees).toEqual(people.map(({ ticketNumber, attendee }) => seen(ticketNumber, attendee)));
    expect((await api.story(order.id)).filter((entry) => entry.includes("attendees_changed"))).toHaveLength(4);
    expect(await violations(api.world)).toEqual([]);
  });

  it("loses no name when the payment arrives at the same moment", async () => {
    const { type } = await shop.onSale();
    const bea = person("Bea");
    const checkout = await shop.buy(type.id, { quantity: 2 });
    const [answer] = await Promise.all([
      rename(checkout, [{ ticketNumber: 1, attendee: bea }]),
      api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed"),
    ]);
    await api.world.settle();
    if (answer.status !== 200) {
      await refused(answer, 409, "request.conflict");
      await answered(rename(checkout, [{ ticketNumber: 1, attendee: bea }]), 200);
    }
    travel(MINUTES);
    await api.world.settle();
    expect(await shop.order(checkout)).toMatchObject({
      status: "fulfilled",
      attendees: [seen(1, bea)],
      tickets: [{ holder: "attendee" }, { holder: "buyer" }],
    });
    present();
    expect(await violations(api.world)).toEqual([]);
  });

  it("refuses a body that is none, naming the field", async () => {
    const { type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id, { quantity: 2 });
    const bea = person("Bea");
    const wrong: [unknown, string[]][] = [
      [[], ["attendees"]],
      [[{ ticketNumber: 0, attendee: bea }], ["attendees.0.ticketNumber"]],
      [[{ ticketNumber: 51, attendee: bea }], ["attendees.0.ticketNumber"]],
      [[{ ticketNumber: 1 }], ["attendees.0.attendee"]],
      [[{ ticketNumber: 1, attendee: { ...bea, email: "nonsense" } }], ["attendees.0.attendee.email"]],
      [[{ ticketNumber: 1, attendee: bea, seat: "A1" }], ["attendees.0.seat"]],
      [
        [
          { ticketNumber: 1, attendee: bea },
          { ticketNumber: 1, attendee: null },
        ],
        ["attendees.1.ticketNumber"],
      ],
      [Array.from({ length: 41 }, (_, i) => ({ ticketNumber: i + 1, attendee: null })), ["attendees"]],
    ];
    for (const [attendees, fields] of wrong) await refused(name(checkout.order.id, attendees as Naming[], ofToken(checkout)), 400, "input.invalid", fields);
    const none = await refused(
      rename(
        checkout,
        [1, 3].map((ticketNumber) => ({ ticketNumber, attendee: bea })),
      ),
      422,
      "order.no_such_ticket",
      ["attendees.1.ticketNumber"],
    );
    expect(none.detail).toContain("2 tickets");
    expect((await shop.order(checkout)).attendees).toEqual([]);
  });

  it("changes as many as forty tickets at once", async () => {
    const { type } = await shop.onSale({ ...FREE, quantityTotal: 50, maxPerOrder: 50 });
    const checkout = await shop.buy(type.id, { quantity: 50 });
    const people = Array.from({ length: 50 }, (_, i) => ({ ticketNumber: i + 1, attendee: person(`P${i}`) }));
    await answered(rename(checkout, people.slice(0, 32)), 200);
    const order = await answered(rename(checkout, people.slice(32)), 200);
    expect(order.attendees).toEqual(people.map(({ ticketNumber, attendee }) => seen(ticketNumber, attendee)));
  });
});

describe("who names and sees attendees", () => {
  it("is the order's owner, the event's organizer and an admin", async () => {
    const { type } = await shop.onSale(FREE);
    const anna = await api.world.tokenOf("attendee", "usr_anna");
    const checkout = await answered(api.request<Checkout>("POST", `/tickets/${type.id}/purchase`, { token: anna, body: purchaseBody() }), 201);
    const id = checkout.order.id;
    for (const by of [ofToken(checkout), { token: anna }, { token: shop.organizer }, { token: shop.admin }]) {
      const somebody = person("Bea");
      expect((await answered(name(id, [{ ticketNumber: 1, attendee: somebody }], by), 200)).attendees).toEqual([seen(1, somebody)]);
      expect((await answered(api.request<OrderView>("GET", `/orders/${id}`, by), 200)).attendees).toEqual([seen(1, somebody)]);
    }
  });

  it("gets no credential by naming somebody: only the order's owner does", async () => {
    const { type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id);
    for (const token of [shop.organizer, shop.admin]) {
      const order = await answered(name(checkout.order.id, [{ ticketNumber: 1, attendee: person("Bea") }], { token }), 200);
      expect(order.tickets.map(({ credential }) => credential)).toEqual([""]);
    }
    expect((await answered(rename(checkout, [{ ticketNumber: 1, attendee: null }]), 200)).tickets[0]!.credential).toMatch(/^FT1\./);
  });

  it("is nobody else: a foreign order, a missing one and what cannot be an id are answered alike, to the byte", async () => {
    const { type } = await shop.onSale(FREE);
    const { order } = await shop.buy(type.id);
    const body = { attendees: [{ ticketNumber: 1, attendee: person("Bea") }] };
    for (const token of [undefined, api.otherOrganizer, await api.world.tokenOf("attendee"), await api.world.tokenOf("sponsor")]) {
      const ask = { body, ...(token ? { token } : {}) };
      const missing = await api.bytes("PUT", `/orders/${NOBODY}/attendees`, ask);
      expect(missing.status).toBe(404);
      expect(await api.bytes("PUT", `/orders/${order.id}/attendees`, ask)).toEqual(missing);
      expect(await api.bytes("PUT", "/orders/nonsense/attendees", ask)).toEqual(missing);
    }
  });
});

describe("nobody is named", () => {
  it("from the event's deadline on, and the refusal says when that was", async () => {
    const attendeesUntil = new Date(Date.now() + 5 * DAYS).toISOString();
    const { type } = await shop.onSale(FREE, { attendeesUntil });
    const checkout = await shop.buy(type.id);
    await answered(rename(checkout, [{ ticketNumber: 1, attendee: person("Bea") }]), 200);
    travel(5 * DAYS + 1_000);
    for (const by of [ofToken(checkout), { token: shop.organizer }])
      expect(await refused(name(checkout.order.id, [{ ticketNumber: 1, attendee: null }], by), 409, "order.attendees_closed")).toMatchObject({
        attendeesUntil,
      });
  });

  it("once the event has begun, when it says nothing else", async () => {
    const { event, type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id);
    travel(30 * DAYS - MINUTES);
    await answered(rename(checkout, [{ ticketNumber: 1, attendee: person("Bea") }]), 200);
    travel(2 * MINUTES);
    const problem = await refused(rename(checkout, [{ ticketNumber: 1, attendee: null }]), 409, "order.attendees_closed");
    expect(problem).toMatchObject({ attendeesUntil: event.startsAt });
  });

  it("for an order that has ended", async () => {
    const { type } = await shop.onSale();
    const checkout = await shop.buy(type.id);
    await answered(shop.onOrder(checkout, "cancel"), 200);
    const problem = await refused(rename(checkout, [{ ticketNumber: 1, attendee: person("Bea") }]), 409, "order.attendees_closed");
    expect(problem.detail).toContain("cancelled");
  });

  it.each(["suspended", "revoked"])("for a ticket that is %s, nor for the others in the same breath", async (status) => {
    const { type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id, { quantity: 2 });
    const Key = { pk: `ORDER#${checkout.order.id}`, sk: "TICKET#0002" };
    const change = { UpdateExpression: "SET #s = :s", ExpressionAttributeNames: { "#s": "status" }, ExpressionAttributeValues: { ":s": status } };
    await api.world.documents.send(new UpdateCommand({ TableName: api.world.tableName, Key, ...change }));
    const both = [1, 2].map((ticketNumber) => ({ ticketNumber, attendee: person("Bea") }));
    const problem = await refused(rename(checkout, both), 409, "order.ticket_not_valid", ["attendees.1.ticketNumber"]);
    expect(problem.detail).toContain(status);
    expect((await shop.order(checkout)).attendees).toEqual([]);
    await answered(rename(checkout, both.slice(0, 1)), 200);
  });
});

describe("a ticket that changes between reading and writing", () => {
  const meanwhile = async (attribute: string, value: string) => {
    const { type } = await shop.onSale(FREE);
    const checkout = await shop.buy(type.id, { quantity: 2 });
    const Key = { pk: `ORDER#${checkout.order.id}`, sk: "TICKET#0001" };
    const change = { UpdateExpression: "SET #a = :v", ExpressionAttributeNames: { "#a": attribute }, ExpressionAttributeValues: { ":v": value } };
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const is = commandName === "TransactWriteItemsCommand" && client.middlewareStack.remove("meanwhile");
          if (is) await api.world.documents.send(new UpdateCommand({ TableName: api.world.tableName, Key, ...change }));
          return next(args);
        },
      { step: "initialize", name: "meanwhile" },
    );
    return { checkout, answer: await rename(checkout, [{ ticketNumber: 1, attendee: person("Bea") }]) };
  };

  it("is named for nobody: suspended meanwhile it is refused, and the order stays as it was", async () => {
    const { checkout, answer } = await meanwhile("status", "suspended");
    await refused(answer, 409, "order.ticket_not_valid", ["attendees.0.ticketNumber"]);
    expect((await shop.order(checkout)).attendees).toEqual([]);
    expect((await api.story(checkout.order.id)).filter((entry) => entry.includes("attendees_changed"))).toEqual([]);
  });

  it("and was given to somebody else asks for another look", async () => {
    const { answer } = await meanwhile("personId", "per_SOMEBODYELSE");
    await refused(answer, 409, "request.conflict");
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
