import { beforeAll, describe, expect, it } from "vitest";
import { eventDocument, purchaseBody, typeDocument } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

const MAX_BODY_BYTES = 256 * 1024;

let api: Api;
let shop: Api["shop"];
let token: string;
/** Every endpoint that takes a body, with a body that it accepts. */
let bodies: { name: string; method: string; path: string; body: Record<string, unknown>; success: number }[];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  token = shop.organizer;
  const { event, type } = await shop.onSale({ quantityTotal: 100 });
  const draft = await shop.createEvent();
  const { eventId: _, ...replacement } = typeDocument("", { quantityTotal: 100 });
  bodies = [
    { name: "POST /events", method: "POST", path: "/events", body: eventDocument(), success: 201 },
    { name: "PUT /events/:id", method: "PUT", path: `/events/${event.id}`, body: eventDocument(), success: 200 },
    { name: "POST /events/:id/status", method: "POST", path: `/events/${draft.id}/status`, body: { status: "review" }, success: 200 },
    { name: "PUT /events/:id/capacities", method: "PUT", path: `/events/${draft.id}/capacities`, body: { capacities: [] }, success: 200 },
    { name: "POST /tickets", method: "POST", path: "/tickets", body: typeDocument(draft.id), success: 201 },
    { name: "PUT /tickets/:id", method: "PUT", path: `/tickets/${type.id}`, body: replacement, success: 200 },
    { name: "POST /tickets/:id/purchase", method: "POST", path: `/tickets/${type.id}/purchase`, body: purchaseBody(), success: 201 },
    { name: "POST /realtime/tickets", method: "POST", path: "/realtime/tickets", body: { channel: "tickets" }, success: 201 },
  ];
});

const send = (method: string, path: string, body: unknown) => api.request<any>(method, path, { token, body });
const create = (change: Record<string, unknown>) => send("POST", "/events", eventDocument(change));
const nested = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);

describe("every body", () => {
  it("is accepted as its endpoint wants it", async () => {
    for (const { method, path, body, success } of bodies) await answered(send(method, path, body), success);
  });

  it("that is no JSON is refused as such", async () => {
    for (const { name, method, path } of bodies) {
      for (const text of ["{", "{]", '{"a":1,}', "{'a':1}", "undefined", "NaN", "{}{}", "// comment\n{}", "title=x&capacity=1", '{"a":"\n"}', " "]) {
        const answer = await send(method, path, text);
        expect([name, text, answer.body.code]).toEqual([name, text, "request.body_malformed"]);
        await refused(answer, 400, "request.body_malformed");
      }
    }
  });

  it("that is JSON but no object is refused as input", async () => {
    for (const { name, method, path } of bodies) {
      for (const text of ["null", "[]", "[{}]", '"text"', "7", "true"]) {
        const answer = await send(method, path, text);
        expect([name, text, answer.body.code]).toEqual([name, text, "input.invalid"]);
        expect(answer.body.errors).toHaveLength(1);
      }
    }
  });

  it("that is missing names every field that is needed", async () => {
    const needed: Record<string, string[]> = {
      "POST /events": ["capacity", "currency", "endsAt", "startsAt", "timeZone", "title", "venue"],
      "PUT /events/:id": ["capacity", "currency", "endsAt", "startsAt", "timeZone", "title", "venue"],
      "POST /events/:id/status": ["status"],
      "PUT /events/:id/capacities": ["capacities"],
      "POST /tickets": ["basePrice", "eventId", "kind", "name", "quantityTotal"],
      "PUT /tickets/:id": ["basePrice", "kind", "name", "quantityTotal"],
      "POST /tickets/:id/purchase": ["buyer", "quantity"],
    };
    for (const { name, method, path } of bodies) {
      if (!needed[name]) continue;
      for (const body of ["", "{}"]) await refused(send(method, path, body), 400, "input.invalid", needed[name]);
    }
    await answered(send("POST", "/realtime/tickets", ""), 201);
  });

  it("with fields that we do not know names each of them, wherever it stands", async () => {
    for (const { method, path, body } of bodies) {
      const problem = await refused(send(method, path, { ...body, colour: "red", "a.b": 1, constructor: 1 }), 400, "input.invalid", [
        "a.b",
        "colour",
        "constructor",
      ]);
      for (const { message } of problem.errors!) expect(message).toMatch(/unknown field/i);
      expect(problem.detail).toContain("colour");
      await refused(send(method, path, JSON.stringify(body).replace("{", '{"__proto__":{"isAdmin":true},')), 400, "input.invalid", ["__proto__"]);
    }
    await refused(create({ venue: { ...eventDocument().venue, planet: "Earth" } }), 400, "input.invalid", ["venue.planet"]);
    await refused(create({ seo: { robots: "all" }, venue: { ...eventDocument().venue, a: 1, b: 2 } }), 400, "input.invalid", [
      "seo.robots",
      "venue.a",
      "venue.b",
    ]);
  });

  it("cannot say what only the path and we ourselves say", async () => {
    const own = [
      "id",
      "eventId",
      "ticketTypeId",
      "orderId",
      "organizerId",
      "status",
      "stage",
      "version",
      "ifVersion",
      "startsPayment",
      "createdAt",
      "capacityBinds",
      "offers",
      "userId",
      "groups",
      "reason",
    ];
    for (const { name, method, path, body } of bodies) {
      for (const field of own) {
        if (field in body || (name === "PUT /tickets/:id" && field === "eventId") || (name === "POST /events/:id/status" && field === "reason")) continue;
        await refused(send(method, path, { ...body, [field]: "x" }), 400, "input.invalid", [field]);
      }
    }
  });

  it("may be 256 KB and not one byte more", async () => {
    for (const { name, method, path, body, success } of bodies) {
      const text = JSON.stringify(body);
      const padded = (bytes: number) => `${text.slice(0, -1)}${" ".repeat(bytes - Buffer.byteLength(text))}}`;
      expect((await send(method, path, padded(MAX_BODY_BYTES))).status, name).toBe(success);
      await refused(send(method, path, padded(MAX_BODY_BYTES + 1)), 413, "request.body_too_large");
      await refused(send(method, path, `{"title":"${"é".repeat(MAX_BODY_BYTES / 2)}"}`), 413, "request.body_too_large");
    }
  });

  it("is no way to keep us busy by nesting, length or number of fields", async () => {
    for (const { method, path } of bodies) {
      const started = performance.now();
      for (const text of [
        nested(40_000),
        "[".repeat(120_000) + "]".repeat(120_000),
        `{${Array.from({ length: 20_000 }, (_, n) => `"f${n}":1`).join(",")}}`,
        `{"title":"${"a".repeat(200_000)}"}`,
      ])
        expect((await send(method, path, text)).status).toBe(400);
      expect(performance.now() - started).toBeLessThan(5_000);
    }
    for (const field of ["title", "description", "venue", "seo", "capacity", "startsAt", "currency"]) {
      const nesting = (depth: number) => JSON.stringify(eventDocument({ [field]: 0 })).replace(`"${field}":0`, `"${field}":${nested(depth)}`);
      for (const depth of [32, 1_000, 30_000]) await refused(send("POST", "/events", nesting(depth)), 400, "request.body_too_deep");
      expect((await send("POST", "/events", nesting(31))).body.errors?.[0]?.path.split(".")[0], field).toBe(field);
    }
  });
});

describe("a field of an event", () => {
  const wrong: [string, unknown, string?][] = [
    ["title", ""],
    ["title", "   "],
    ["title", "x".repeat(201)],
    ["title", 7],
    ["title", null],
    ["title", []],
    ["title", {}],
    ["description", ""],
    ["description", "x".repeat(5_001)],
    ["description", null],
    ["startsAt", "2027-02-24"],
    ["startsAt", "2027-02-24T18:30:00"],
    ["startsAt", "2027-02-30T18:30:00Z"],
    ["startsAt", "2027-13-01T18:30:00Z"],
    ["startsAt", "2027-02-24T25:00:00Z"],
    ["startsAt", "24.02.2027 18:30"],
    ["startsAt", "tomorrow"],
    ["startsAt", ""],
    ["startsAt", 1_800_000_000_000],
    ["startsAt", null],
    ["startsAt", "+012027-02-24T18:30:00Z"],
    ["startsAt", "2027-02-24T18:30:00+25:00"],
    ["startsAt", "2027-02-24T18:30:00 Z"],
    ["endsAt", "now"],
    ["endsAt", "2027-02-24 18:30Z"],
    ["registrationDeadline", "soon"],
    ["attendeesUntil", "soon"],
    ["timeZone", "Rome"],
    ["timeZone", "Europe/Atlantis"],
    ["timeZone", "+02:00"],
    ["timeZone", ""],
    ["timeZone", "Europe/Rome; DROP"],
    ["timeZone", 2],
    ["timeZone", "../../etc/passwd"],
    ["venue", "Milano"],
    ["venue", null],
    ["venue", []],
    ["venue.name", ""],
    ["venue.city", 7],
    ["venue.country", "Italy"],
    ["venue.country", "it"],
    ["venue.country", "I1"],
    ["venue.address", ""],
    ["capacity", 0],
    ["capacity", -1],
    ["capacity", 1.5],
    ["capacity", "400"],
    ["capacity", 200_001],
    ["capacity", 1e300],
    ["capacity", null],
    ["capacity", true],
    ["currency", "eur"],
    ["currency", "EURO"],
    ["currency", "BTC"],
    ["currency", "HUF"],
    ["currency", ""],
    ["currency", 978],
    ["currency", null],
    ["seo", "x"],
    ["seo.slug", "Not A Slug"],
    ["seo.slug", "-a"],
    ["seo.imageUrl", "http://example.com/a.jpg"],
    ["seo.imageUrl", "javascript:alert(1)"],
    ["seo.imageUrl", "not a url"],
    ["seo.keywords", "a,b"],
    ["seo.keywords", ["ok", ""], "seo.keywords.1"],
    ["seo.keywords", Array.from({ length: 21 }, () => "k")],
  ];
  const put = (document: Record<string, any>, path: string, value: unknown) => {
    const [first, second] = path.split(".") as [string, string?];
    return second ? { ...document, [first]: { ...document[first], [second]: value } } : { ...document, [first]: value };
  };

  it("that is wrong is named by its path, with what it should be", async () => {
    const got: string[] = [];
    for (const [path, value, named = path] of wrong) {
      const { status, body } = await send("POST", "/events", put(eventDocument(), path, value));
      const fields = [...new Set(((body.errors ?? []) as { path: string }[]).map((error) => error.path))];
      if (status !== 400 || body.code !== "input.invalid" || fields.length !== 1 || fields[0] !== named)
        got.push(`${path} = ${JSON.stringify(value)?.slice(0, 60)} → ${status} ${body.code} ${fields.join(", ")}`);
    }
    expect(got).toEqual([]);
  });

  it("that is wrong inside a localised text is named by its path, too, and told what it should be", async () => {
    const problem = await refused(create({ title: { en: "Fine", it: "" } }), 400, "input.invalid", ["title.it"]);
    expect(problem.errors![0]!.message).not.toBe("Invalid input");
    await refused(create({ title: { en: "x".repeat(201) } }), 400, "input.invalid", ["title.en"]);
    await refused(create({ description: { en: 7 } }), 400, "input.invalid", ["description.en"]);
    await refused(create({ title: { english: "x" } }), 400, "input.invalid", ["title.english"]);
    await refused(create({ seo: { title: { de: "" } } }), 400, "input.invalid", ["seo.title.de"]);
  });

  it("that is wrong is told what it should be in words, never only that it is invalid", async () => {
    for (const change of [{ title: 7 }, { title: "" }, { description: [] }]) {
      const { errors } = await refused(create(change), 400, "input.invalid");
      for (const { message } of errors!) expect(message).not.toMatch(/^Invalid input$/);
    }
  });

  it("is named with all the others that are wrong, at once", async () => {
    await refused(create({ capacity: 0, currency: "X", timeZone: "X", venue: { name: "", city: "", country: "" } }), 400, "input.invalid", [
      "capacity",
      "currency",
      "timeZone",
      "venue.city",
      "venue.country",
      "venue.name",
    ]);
  });

  it("must agree with the others: it ends after it starts, and registration ends before that", async () => {
    const [startsAt, endsAt] = ["2027-02-24T18:30:00Z", "2027-02-24T20:00:00Z"];
    await refused(create({ startsAt: endsAt, endsAt: startsAt }), 400, "input.invalid", ["endsAt"]);
    await refused(create({ startsAt, endsAt: startsAt }), 400, "input.invalid", ["endsAt"]);
    await refused(create({ startsAt, endsAt: "2027-02-24T19:00:00+01:00" }), 400, "input.invalid", ["endsAt"]);
    await refused(create({ startsAt, endsAt, registrationDeadline: "2027-02-24T20:00:01Z" }), 400, "input.invalid", ["registrationDeadline"]);
    await answered(create({ startsAt, endsAt, registrationDeadline: endsAt }), 201);
    await refused(create({ startsAt, endsAt, attendeesUntil: "2027-02-24T20:00:01Z" }), 400, "input.invalid", ["attendeesUntil"]);
    await answered(create({ startsAt, endsAt, attendeesUntil: endsAt }), 201);
  });

  it("keeps every limit to the character", async () => {
    await answered(
      create({
        title: "x".repeat(200),
        description: "y".repeat(5_000),
        capacity: 200_000,
        seo: { keywords: Array.from({ length: 20 }, () => "k".repeat(60)), slug: "a".repeat(120) },
        venue: { name: "n".repeat(200), address: "a".repeat(300), city: "c".repeat(120), country: "IT" },
      }),
      201,
    );
    await answered(create({ capacity: 1, timeZone: "UTC" }), 201);
    expect(await answered(create({ title: "  trimmed  " }), 201)).toMatchObject({ title: "trimmed" });
  });

  it("takes an instant in a year that has four digits only", async () => {
    for (const startsAt of ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"])
      await refused(create({ startsAt, endsAt: startsAt }), 400, "input.invalid");
  });
});

describe("a field of a ticket type", () => {
  it("that is wrong is named by its path", async () => {
    const { id } = await shop.createEvent();
    const wrong: [Record<string, unknown>, string[]][] = [
      [{ eventId: "evt_1" }, ["eventId"]],
      [{ name: "" }, ["name"]],
      [{ name: "x".repeat(121) }, ["name"]],
      [{ kind: "vip" }, ["kind"]],
      [{ basePrice: 4_500 }, ["basePrice"]],
      [{ basePrice: "45.00" }, ["basePrice"]],
      [{ basePrice: { amount: 45.5, currency: "EUR" } }, ["basePrice.amount"]],
      [{ basePrice: { amount: "4500", currency: "EUR" } }, ["basePrice.amount"]],
      [{ basePrice: { amount: -1, currency: "EUR" } }, ["basePrice.amount"]],
      [{ basePrice: { amount: 100_000_000, currency: "EUR" } }, ["basePrice.amount"]],
      [{ basePrice: { amount: 4_500 } }, ["basePrice.currency"]],
      [{ basePrice: { amount: 4_500, currency: "EUR", tax: 1 } }, ["basePrice.tax"]],
      [{ quantityTotal: -1 }, ["quantityTotal"]],
      [{ quantityTotal: 1.5 }, ["quantityTotal"]],
      [{ quantityTotal: 200_001 }, ["quantityTotal"]],
      [{ quantityTotal: "10" }, ["quantityTotal"]],
      [{ salesStartAt: "now" }, ["salesStartAt"]],
      [{ salesStartAt: "2027-02-02T00:00:00Z", salesEndAt: "2027-02-01T00:00:00Z" }, ["salesEndAt"]],
      [{ salesStartAt: "2027-02-02T00:00:00Z", salesEndAt: "2027-02-02T01:00:00+01:00" }, ["salesEndAt"]],
      [{ minPerOrder: 0 }, ["minPerOrder"]],
      [{ minPerOrder: 51 }, ["minPerOrder", "maxPerOrder"]],
      [{ maxPerOrder: 0 }, ["maxPerOrder"]],
      [{ maxPerOrder: 51 }, ["maxPerOrder"]],
      [{ minPerOrder: 4, maxPerOrder: 3 }, ["maxPerOrder"]],
      [{ minPerOrder: 4, maxPerBuyer: 3 }, ["maxPerBuyer"]],
      [{ maxPerBuyer: 0 }, ["maxPerBuyer"]],
      [{ highDemand: "yes" }, ["highDemand"]],
      [{ isActive: 1 }, ["isActive"]],
    ];
    const got: string[] = [];
    for (const [change, fields] of wrong) {
      const { status, body } = await send("POST", "/tickets", typeDocument(id, change));
      const named = [...new Set(((body.errors ?? []) as { path: string }[]).map(({ path }) => path))];
      if (status !== 400 || body.code !== "input.invalid" || named.join() !== fields.join())
        got.push(`${JSON.stringify(change)} → ${status} ${body.code} ${named.join()}`);
    }
    expect(got).toEqual([]);
  });
});

describe("a ticket for a WebSocket", () => {
  it("is for a channel that there is", async () => {
    for (const channel of ["orders", "", "TICKETS", 7, null, ["tickets"]])
      await refused(send("POST", "/realtime/tickets", { channel }), 400, "input.invalid", ["channel"]);
  });
});

describe("what people write", () => {
  const texts = [
    "'; DROP TABLE events; --",
    '" OR 1=1 --',
    "<script>alert('x')</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "../../etc/passwd",
    "$(rm -rf /) `id` | cat /etc/passwd",
    '{"$ne": null}',
    "attribute_not_exists(pk) :v0 #n0",
    "EVENT#evt_1#TYPE",
    "Größe Ñandú Ελληνικά 東京 العربية ‮rtl‬ 👗👠🧵",
    "line\nbreak\ttab\\ \"quotes\" 'single' / %00 %2e %n",
    "null",
    "\u0000nul\u0007bell",
    "e\u0301 vs é, \ufeffbom, \u200bzero width",
  ];

  it("comes back exactly as it was written, and is never run, read or changed on the way", async () => {
    for (const text of texts) {
      const expected = text.trim();
      const event = await answered(
        create({ title: text, description: text, venue: { name: text, city: text, country: "IT" }, seo: { keywords: [text] } }),
        201,
      );
      expect(event).toMatchObject({ title: expected, description: expected, venue: { name: expected, city: expected }, seo: { keywords: [expected] } });
      expect(await answered(api.request("GET", `/events/${event.id}`, { token }), 200)).toEqual(event);
      const type = await answered(send("POST", "/tickets", typeDocument(event.id, { name: { en: text }, description: text })), 201);
      expect(await answered(api.request("GET", `/tickets/${type.id}`, { token }), 200)).toMatchObject({ name: { en: expected }, description: expected });
      await answered(api.request("POST", `/events/${event.id}/status`, { token, body: { status: "review" } }), 200);
      await answered(api.request("POST", `/events/${event.id}/status`, { token: shop.admin, body: { status: "draft", reason: text } }), 200);
      const { items } = await answered(api.request("GET", `/events/${event.id}/status-history`, { token }), 200);
      expect(items.at(-1).reason).toBe(expected);
    }
  });

  it("as a buyer's name goes nowhere but to the buyer", async () => {
    const { type } = await shop.onSale({ quantityTotal: 50 });
    for (const name of texts) await answered(shop.purchase(type.id, { buyer: { name, email: "anna@example.com" } }), 201);
  });

  it("in the path or the query is no more than a text", async () => {
    for (const text of texts) {
      const encoded = encodeURIComponent(text);
      await refused(api.request("GET", `/events?status=${encoded}`), 400, "input.invalid", ["status"]);
      await refused(api.request("GET", `/events?cursor=${encoded}`), 400, "input.invalid", ["cursor"]);
      await refused(api.request("GET", `/tickets?eventId=${encoded}`), 400, "input.invalid", ["eventId"]);
      expect((await api.bytes("GET", `/events/${encoded}`)).status).toBe(404);
    }
  });

  it("as half a character is refused, not kept and not an error on our side", async () => {
    const half = (field: string) => JSON.stringify(eventDocument({ [field]: "HALF" })).replace("HALF", "\\ud83d");
    for (const field of ["title", "description"]) await refused(send("POST", "/events", half(field)), 400, "input.invalid", [field]);
    const { type } = await shop.onSale();
    await refused(
      send(
        "POST",
        `/tickets/${type.id}/purchase`,
        JSON.stringify(purchaseBody({ buyer: { name: "HALF", email: "a@example.com" } })).replace("HALF", "\\ud83d"),
      ),
      400,
      "input.invalid",
      ["buyer.name"],
    );
    expect(await shop.available(type.id)).toBe(10);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
