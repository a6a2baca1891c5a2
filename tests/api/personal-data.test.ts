import * as Dispute from "@fashionistas/core/dispute";
import type { Checkout, OrderView } from "@fashionistas/core/order/schema";
import { userIdFor } from "@fashionistas/core/user";
import { endpoints } from "@fashionistas/functions/api/endpoint";
import { LOCAL_ISSUER } from "@fashionistas/local/issuer";
import { beforeAll, describe, expect, it } from "vitest";
import { eventDocument, typeDocument } from "../kit/shop.ts";
import { gather, type As } from "./matrix/people.ts";
import { answered, openApi, type Api } from "./support.ts";

/** Personal data and secrets of one sold order, each to be recognised wherever it appears. */
const DATA = {
  "buyer's name": "Bibi Buyer",
  "buyer's e-mail": "bibi.buyer@example.com",
  "buyer's phone": "+393330000001",
  "attendee's name": "Ada Attendee",
  "attendee's e-mail": "ada.attendee@example.com",
  "attendee's phone": "+393330000002",
  "account's name": "Ulla Account",
  "account's e-mail": "ulla.account@example.com",
  "account's phone": "+393330000003",
};
const ATTENDEE = ["attendee's name", "attendee's e-mail", "attendee's phone"];
const ACCOUNT = ["account's name", "account's e-mail", "account's phone"];
const BUYER_AS_TOLD_TO_A_BANK = ["buyer's name", "buyer's e-mail"];
const TICKETS = [...ATTENDEE, "ticket credential"];

const VIEWERS = ["anonymous", "holder", "buyer", "attendee", "organizer", "granted", "key", "device", "other organizer", "admin"] as const;
type Viewer = (typeof VIEWERS)[number];

/** Every answer in which something of it is seen, by whom and what exactly. Everything else shows nothing to anybody. */
const SEEN: Record<string, Partial<Record<Viewer, string[]>>> = {
  "GET /orders/:id": { holder: TICKETS, buyer: TICKETS, organizer: ATTENDEE, granted: ATTENDEE, key: ATTENDEE, admin: ATTENDEE, device: ["attendee's name"] },
  "GET /disputes/:id": { organizer: BUYER_AS_TOLD_TO_A_BANK, granted: BUYER_AS_TOLD_TO_A_BANK, key: BUYER_AS_TOLD_TO_A_BANK, admin: BUYER_AS_TOLD_TO_A_BANK },
  "GET /me": { buyer: ACCOUNT },
  "GET /me/export/download": { buyer: ["buyer's name", "buyer's e-mail", "buyer's phone", ...ACCOUNT] },
  "GET /users": { admin: ACCOUNT },
  "GET /users/:id": { admin: ACCOUNT },
  "POST /users/search": { admin: ACCOUNT },
};

let api: Api;
let viewers: Record<Viewer, As>;
let ids: [RegExp, string][];
let queries: Record<string, string>;
let credential: string;

beforeAll(async () => {
  api = await openApi();
  const { world } = api;
  const people = await gather(world);
  const { organizer, admin } = people;
  const claims = { email: DATA["account's e-mail"], email_verified: true, phone_number: DATA["account's phone"], phone_number_verified: true };
  const buyer = api.tokenWith({ sub: "the-buyer", ...claims, name: DATA["account's name"] });

  const { id: eventId } = await answered(world.request<{ id: string }>("POST", "/events", { token: organizer.token, body: eventDocument() }), 201);
  const { id: typeId } = await answered(world.request<{ id: string }>("POST", "/tickets", { token: organizer.token, body: typeDocument(eventId) }), 201);
  await answered(world.request("POST", `/events/${eventId}/status`, { token: organizer.token, body: { status: "review" } }), 200);
  await answered(world.request("POST", `/events/${eventId}/status`, { token: admin.token, body: { status: "published" } }), 200);
  const attendee = { name: DATA["attendee's name"], email: DATA["attendee's e-mail"], phone: DATA["attendee's phone"] };
  const body = {
    quantity: 2,
    attendees: [null, attendee],
    buyer: { name: DATA["buyer's name"], email: DATA["buyer's e-mail"], phone: DATA["buyer's phone"] },
    whatsappOptIn: true,
  };
  const { order, payment, orderToken } = await answered(world.request<Checkout>("POST", `/tickets/${typeId}/purchase`, { token: buyer, body }), 201);
  await world.stripe.pay(payment!.paymentIntentId, "succeed");
  await world.settle();
  credential = (await answered(world.request<OrderView>("GET", `/orders/${order.id}`, { token: buyer }), 200)).tickets[0]!.credential;
  const { id: disputeId } = await world.stripe.dispute(payment!.paymentIntentId, { kind: "inquiry" });
  await world.settle();
  const { items } = await answered(world.request<{ items: { id: string }[] }>("GET", "/webhooks?vendor=stripe", { token: admin.token }), 200);

  const account = userIdFor(LOCAL_ISSUER, "the-buyer");
  // Attendees stand in no list.
  await answered(world.request("PUT", `/users/${account}/role`, { token: admin.token, body: { role: "sponsor" } }), 200);

  viewers = {
    anonymous: {},
    holder: { headers: { "order-token": orderToken } },
    buyer: { token: buyer },
    attendee: people.attendee,
    organizer,
    granted: await people.as("granted", eventId),
    key: await people.as("key", eventId),
    device: await people.as("device", eventId),
    "other organizer": people.otherOrganizer,
    admin,
  };
  const { token } = organizer;
  const { id: keyId } = await answered(
    world.request<{ id: string }>("POST", "/api-keys", { token, body: { name: "Box office", permissions: { events: "read" } } }),
    201,
  );
  const { device } = await answered(world.request<{ device: { id: string } }>("POST", "/devices", { token, body: { eventId, name: "Gate" } }), 201);
  await answered(world.request("POST", "/me/export", { token: buyer }), 202);
  await world.settle();
  ids = [
    [/^\/api-keys/, keyId],
    [/^\/devices/, device.id],
    [/^\/events/, eventId],
    [/^\/tickets/, typeId],
    [/^\/orders/, order.id],
    [/^\/disputes/, Dispute.idOf(disputeId)],
    [/^\/users/, account],
    [/^\/webhooks/, encodeURIComponent(items[0]!.id)],
    [/^\/roles/, "attendee"],
    [/./, "none"],
  ];
  queries = {
    "GET /tickets": `eventId=${eventId}`,
    "GET /devices": `eventId=${eventId}`,
    "GET /disputes": `eventId=${eventId}`,
    "GET /audit-logs": `entityId=${order.id}`,
    "GET /users": "role=sponsor",
    "GET /webhooks": "vendor=stripe",
  };
});

async function seen(name: string, { token, headers }: As): Promise<string[]> {
  const [method, path] = name.split(" ") as [string, string];
  const url = path.replace(":id", ids.find(([pattern]) => pattern.test(path))![1]) + (queries[name] ? `?${queries[name]}` : "");
  const init = {
    method,
    headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(method === "POST" ? { body: JSON.stringify({ email: DATA["account's e-mail"] }) } : {}),
  };
  const text = await (await fetch(`${api.world.baseUrl}${url}`, init)).text();
  return Object.entries({ ...DATA, "ticket credential": credential }).flatMap(([what, value]) => (text.includes(value) ? [what] : []));
}

describe("what is personal", () => {
  const reads = endpoints.filter(({ method }) => method === "get").map(({ path }) => `GET ${path}`);

  it.each([...reads, "POST /users/search"])("is seen in %s by those whose business it is, and no more of it than that", async (name) => {
    const all = await Promise.all(VIEWERS.map(async (viewer) => [viewer, await seen(name, viewers[viewer])] as const));
    expect(Object.fromEntries(all.filter(([, what]) => what.length > 0))).toEqual(SEEN[name] ?? {});
  });

  it("is looked for where there is some", () => {
    expect(Object.keys(SEEN).filter((name) => name.startsWith("GET") && !reads.includes(name))).toEqual([]);
  });
});
