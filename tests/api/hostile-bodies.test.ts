import { beforeAll, describe, expect, it } from "vitest";
import { eventDocument, orderLine, purchaseBody, somebody, typeDocument } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

/** Bodies that mean harm: what they write is kept as text, what they claim is refused, and nothing of them is run. */
let api: Api;
let shop: Api["shop"];
let token: string;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  token = shop.organizer;
});

const HOSTILE = `'; DROP TABLE x;-- " OR 1=1 <script>alert(1)</script><img src=x onerror=alert(1)> \${7*7} {{7*7}} $(id) ../../etc {"$ne":null} attribute_exists(pk) \u0000 \u202e \u2028 👗`;
const SHORT = `"><svg onload=alert(1)>' \u0000`;

type Field = string;
type Schema = {
  $ref?: string;
  type?: string;
  enum?: unknown;
  const?: unknown;
  pattern?: string;
  format?: string;
  properties?: { [name: string]: Schema };
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};

/** The fields of every body that take any text, as `POST /events venue.name`, from the API's own document. */
async function freeTexts(): Promise<Field[]> {
  const { body } = await api.request<any>("GET", "/openapi.json");
  const fields = new Set<Field>();
  const walk = (schema: Schema, path: string, seen: readonly string[]): void => {
    if (schema.$ref) {
      if (!seen.includes(schema.$ref)) walk(body.components.schemas[schema.$ref.split("/").at(-1)!], path, [...seen, schema.$ref]);
      return;
    }
    if (schema.type === "string" && !schema.enum && schema.const === undefined && !schema.pattern && !schema.format) fields.add(path);
    for (const [name, member] of Object.entries(schema.properties ?? {})) walk(member, `${path}${path.endsWith(" ") ? "" : "."}${name}`, seen);
    if (schema.items) walk(schema.items, `${path}[]`, seen);
    if (typeof schema.additionalProperties === "object") walk(schema.additionalProperties, path, seen);
    for (const choice of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) walk(choice, path, seen);
  };
  for (const [path, methods] of Object.entries<Record<string, any>>(body.paths))
    for (const [method, { requestBody }] of Object.entries(methods))
      if (requestBody) walk(requestBody.content["application/json"].schema, `${method.toUpperCase()} ${path} `, []);
  return [...fields];
}

const NAMED = ["title", "description", "venue.name", "venue.address", "venue.city", "seo.title", "seo.description", "seo.keywords[]"];
/** Who writes each free text, and what comes back of it. */
const ECHOES: { fields: Field[]; write(): Promise<{ sent: unknown; echoed: unknown }> }[] = [
  {
    fields: ["POST", "PUT"].flatMap((method) => NAMED.map((name) => `${method} /events${method === "PUT" ? "/{id}" : ""} ${name}`)),
    async write() {
      const texts = {
        title: HOSTILE,
        description: { en: HOSTILE },
        venue: { name: SHORT, address: SHORT, city: SHORT, country: "IT" },
        seo: { title: { it: SHORT }, description: HOSTILE, keywords: [SHORT] },
      };
      const { id } = await answered(api.request<any>("POST", "/events", { token, body: eventDocument(texts) }), 201);
      const replaced = await answered(api.request<any>("PUT", `/events/${id}`, { token, body: eventDocument({ ...texts, capacity: 300 }) }), 200);
      expect(replaced).toMatchObject(texts);
      return { sent: texts, echoed: await answered(api.request("GET", `/events/${id}`, { token }), 200) };
    },
  },
  {
    fields: ["PUT /me name"],
    async write() {
      const attendee = await api.world.tokenOf("attendee", "usr_hostile_name");
      await answered(api.request("PUT", "/me", { token: attendee, body: { name: HOSTILE } }), 200);
      return { sent: { name: HOSTILE }, echoed: await answered(api.request("GET", "/me", { token: attendee }), 200) };
    },
  },
  {
    fields: ["POST /api-keys name"],
    async write() {
      const { id } = await answered(api.request<any>("POST", "/api-keys", { token, body: { name: SHORT, permissions: { events: "read" } } }), 201);
      return { sent: { name: SHORT }, echoed: await answered(api.request("GET", `/api-keys/${id}`, { token }), 200) };
    },
  },
  {
    fields: ["POST /devices name"],
    async write() {
      const { id } = await shop.createEvent();
      const { device } = await answered(api.request<any>("POST", "/devices", { token, body: { eventId: id, name: SHORT } }), 201);
      return { sent: { name: SHORT }, echoed: await answered(api.request("GET", `/devices/${device.id}`, { token }), 200) };
    },
  },
  {
    fields: ["POST /events/{id}/invitations name", "POST /invitations name"],
    async write() {
      const { id } = await shop.createEvent();
      const invited = { name: HOSTILE, email: somebody().email };
      await answered(api.request("POST", `/events/${id}/invitations`, { token, body: invited }), 201);
      await answered(api.request("POST", "/invitations", { token: shop.admin, body: { ...invited, role: "sponsor" } }), 201);
      const { items } = await answered(api.request<any>("GET", `/events/${id}/invitations`, { token }), 200);
      const { items: roles } = await answered(api.request<any>("GET", "/invitations", { token: shop.admin }), 200);
      expect(roles).toMatchObject([{ name: HOSTILE }]);
      return { sent: { name: HOSTILE }, echoed: items[0] };
    },
  },
  {
    fields: ["POST /events/{id}/status reason"],
    async write() {
      const { id } = await shop.createEvent();
      await answered(api.request("POST", `/events/${id}/status`, { token, body: { status: "review" } }), 200);
      await answered(api.request("POST", `/events/${id}/status`, { token: shop.admin, body: { status: "draft", reason: HOSTILE } }), 200);
      const { items } = await answered(api.request<any>("GET", `/events/${id}/status-history`, { token }), 200);
      return { sent: { reason: HOSTILE }, echoed: items.at(-1) };
    },
  },
  {
    fields: [
      "POST /tickets name",
      "POST /tickets description",
      "PUT /tickets/{id} name",
      "PUT /tickets/{id} description",
      "POST /tickets phases[].name",
      "PUT /tickets/{id} phases[].name",
      "PUT /events/{id}/capacities capacities[].name",
    ],
    async write() {
      const event = await shop.createEvent();
      const texts = { name: SHORT, description: { en: HOSTILE }, phases: [{ name: SHORT, price: { amount: 3_000, currency: "EUR" } }] };
      const { id } = await answered(api.request<any>("POST", "/tickets", { token, body: typeDocument(event.id, texts) }), 201);
      const { eventId: _, ...document } = typeDocument(event.id, texts);
      await answered(api.request("PUT", `/tickets/${id}`, { token, body: document }), 200);
      const capacities = [{ name: { en: SHORT }, seats: 50, ticketTypeIds: [id] }];
      const shared = await answered(api.request<any>("PUT", `/events/${event.id}/capacities`, { token, body: { capacities } }), 200);
      expect(shared.capacities[0].name).toEqual({ en: SHORT });
      return { sent: texts, echoed: await answered(api.request("GET", `/tickets/${id}`, { token }), 200) };
    },
  },
  {
    fields: [
      ...["POST /tickets/{id}/purchase ", "POST /orders ", "POST /orders/quote "].map((route) => `${route}buyer.name`),
      "POST /tickets/{id}/purchase attendees[].name",
      "POST /orders lines[].attendees[].name",
      "POST /orders/quote lines[].attendees[].name",
      "PUT /orders/{id}/attendees attendees[].attendee.name",
    ],
    async write() {
      const { type, event } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
      const [buyer, attendee] = [
        { ...somebody(), name: HOSTILE },
        { name: HOSTILE, email: somebody().email },
      ];
      const lines = [orderLine(type, 1, { attendees: [attendee] })];
      await answered(api.request("POST", "/orders/quote", { body: { eventId: event.id, lines, buyer } }), 200);
      const line = await answered(api.request<any>("POST", `/tickets/${type.id}/purchase`, { body: purchaseBody({ buyer, attendees: [attendee] }) }), 201);
      const { order, orderToken } = await answered(
        api.request<any>("POST", "/orders", { body: { eventId: event.id, lines, buyer: { ...buyer, ...somebody(), name: HOSTILE } } }),
        201,
      );
      expect(JSON.stringify(line.order.attendees)).toContain(JSON.stringify(HOSTILE.trim()));
      const named = { attendees: [{ ticketNumber: 1, attendee }] };
      await answered(api.request("PUT", `/orders/${order.id}/attendees`, { headers: { "order-token": orderToken }, body: named }), 200);
      const { attendees } = await shop.order({ order, orderToken });
      return { sent: { name: HOSTILE }, echoed: { name: JSON.parse(JSON.stringify(attendees)).map((one: any) => one.attendee?.name ?? one.name)[0] } };
    },
  },
];
/** Texts that are no text of people's: an address, a number, a name of a zone or of somebody else's thing, checked as such. */
const CHECKED = /\b(email|phone|timeZone|externalId|cursor|token|code)$/;
/** What a bank reads, and nobody else: see tests of disputes. */
const ELSEWHERE = ["POST /disputes/{id}/evidence notes"];

describe("what people may write", () => {
  it.each(ECHOES)("comes back as it was written: $fields", async ({ write }) => {
    const { sent, echoed } = await write();
    expect(echoed).toMatchObject(sent as object);
  });

  it("is proven here for every field that takes any text", async () => {
    const proven = [...ECHOES.flatMap(({ fields }) => fields), ...ELSEWHERE];
    const open = (await freeTexts()).filter((field) => !CHECKED.test(field) && !proven.includes(field));
    expect(open).toEqual([]);
  });

  it("starts nothing: everything that was caused works off, and its journal tells what was done and no more", async () => {
    const draft = await answered(api.request<any>("POST", "/events", { token, body: eventDocument({ title: HOSTILE }) }), 201);
    expect(await api.story(draft.id)).toEqual(["organizer event.create → event.created"]);
    expect(await api.stuck(draft.id)).toEqual([]);
  });
});

describe("keys that reach for the language", () => {
  const polluted = () => [
    ({} as Record<string, unknown>)["polluted"],
    (Object.prototype as unknown as Record<string, unknown>)["isAdmin"],
    ([] as unknown as Record<string, unknown>)["polluted"],
  ];

  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__"])("are fields nobody knows: %s", async (key) => {
    const evil = `"${key}":{"polluted":true,"isAdmin":true,"prototype":{"polluted":true}}`;
    const text = JSON.stringify(eventDocument({ venue: { name: "A", city: "B", country: "IT" } }));
    for (const body of [text.replace("{", `{${evil},`), text.replace('"venue":{', `"venue":{${evil},`)]) {
      const problem = await refused(api.request("POST", "/events", { token, body }), 400, "input.invalid");
      expect(problem.errors!.map(({ path }) => path.split(".").at(-1))).toEqual([key]);
    }
    await refused(api.request("POST", "/events", { token, body: text.replace('"Atelier Notturno"', `{"${key}":"x"}`) }), 400, "input.invalid");
    await refused(api.request("GET", `/tickets?${key}=1&eventId=evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3`), 400, "input.invalid", [key]);
    expect(polluted()).toEqual([undefined, undefined, undefined]);
    expect((await api.request("GET", `/events/${key}`)).status).toBe(404);
  });

  it("said twice count as the last one says, for us and for whoever reads along", async () => {
    const body = JSON.stringify(eventDocument({ capacity: 5 })).replace("{", '{"capacity":100000,"title":"Hidden",');
    expect(await answered(api.request<any>("POST", "/events", { token, body }), 201)).toMatchObject({ capacity: 5, title: "Atelier Notturno" });
  });
});

describe("bytes that are no text", () => {
  const send = (body: Buffer, headers: Record<string, string> = {}) =>
    fetch(`${api.world.baseUrl}/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: new Uint8Array(body),
    });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["half a character", [0xe2, 0x82]],
    ["a surrogate in UTF-8", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf5, 0x80, 0x80, 0x80]],
    ["Latin-1", [0xe9]],
  ])("are refused, not mended: %s", async (_, bytes) => {
    const [before, after] = JSON.stringify(eventDocument({ title: "HERE" })).split("HERE") as [string, string];
    const answer = await send(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]));
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, "request.body_malformed"]);
  });

  it("in UTF-16, compressed, or with a NUL between are no JSON", async () => {
    const text = JSON.stringify(eventDocument());
    for (const body of [Buffer.from(text, "utf16le"), Buffer.from(`${text}\u0000`), Buffer.from(`\u0000${text}`), Buffer.from([0x1f, 0x8b, 0x08, 0x00])]) {
      const answer = await send(body);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, "request.body_malformed"]);
    }
  });

  it("of another content type are read as JSON all the same, or not at all", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"]) {
      expect((await send(Buffer.from("title=x&capacity=1"), { "content-type": type })).status, type).toBe(400);
      expect(
        (await send(Buffer.from(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`), { "content-type": type })).status,
        type,
      ).toBe(400);
    }
  });
});

describe("more than was asked for", () => {
  it("is no way to what only we decide: owner, price, status, seats, payment", async () => {
    const { type, event } = await shop.onSale();
    const claims = {
      userId: "usr_x",
      role: "admin",
      permissions: ["event.publish"],
      organizerId: "usr_x",
      status: "fulfilled",
      total: { amount: 0, currency: "EUR" },
      unitPrice: 0,
      claims: [],
      groups: 64,
      version: 9,
      auditHash: "",
      holds: "ord_x",
      ttl: 1,
      pk: "x",
    };
    for (const [name, value] of Object.entries(claims)) {
      const extra = { [name]: value };
      await refused(api.request("POST", `/tickets/${type.id}/purchase`, { body: purchaseBody(extra) }), 400, "input.invalid", [name]);
      await refused(api.request("POST", `/tickets/${type.id}/purchase`, { body: purchaseBody({ buyer: { ...somebody(), ...extra } }) }), 400, "input.invalid", [
        `buyer.${name}`,
      ]);
      await refused(
        api.request("POST", "/orders", { body: { eventId: event.id, lines: [orderLine(type, 1, extra)], buyer: somebody() } }),
        400,
        "input.invalid",
        [`lines.0.${name}`],
      );
    }
    expect(await shop.available(type.id)).toBe(10);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
