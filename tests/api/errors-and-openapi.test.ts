import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { errorDefinitions } from "@fashionistas/core/error";
import { app } from "@fashionistas/functions/api/app";
import { STATUS_OF } from "@fashionistas/functions/api/middleware/problem";
import { beforeAll, describe, expect, it } from "vitest";
import { eventDocument, typeDocument } from "../kit/shop.ts";
import type { Answer } from "../kit/world.ts";
import { answered, openApi, readSchema, refused, type Api } from "./support.ts";

type Schema = { $ref?: string; example?: unknown } & Record<string, unknown>;
type Content = Record<string, { schema: Schema }>;
type Operation = {
  summary: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
};
type Document = {
  openapi: string;
  info: Record<string, unknown>;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, object> };
};

const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-frame-options": "DENY",
};

let api: Api;
let shop: Api["shop"];
let document: Document;
let operations: { name: string; method: string; path: string; operation: Operation }[];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  document = await answered(api.request<Document>("GET", "/openapi.json"), 200);
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, method, path, operation })),
  );
});

/** Every schema that has a name, and every one that stands in an operation itself. */
function schemas(): { name: string; schema: Schema }[] {
  const inline = operations.flatMap(({ name, operation }) => [
    ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => ({ name: `${name} body`, schema })),
    ...Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).map(({ schema }) => ({ name: `${name} ${status}`, schema })),
    ),
  ]);
  return [...Object.entries(document.components.schemas).map(([name, schema]) => ({ name, schema })), ...inline.filter(({ schema }) => !schema.$ref)];
}

describe("every answer", () => {
  it("carries an id of its own and the security headers, errors no less than successes", async () => {
    const { event } = await shop.onSale();
    const draft = await shop.createEvent();
    const etag = (await api.request("GET", `/events/${draft.id}`, { token: shop.organizer })).headers.get("etag")!;
    const calls: [string, number, () => Promise<Answer<any>>][] = [
      ["a document", 200, () => api.request("GET", `/events/${event.id}`)],
      ["health", 200, () => api.request("GET", "/health")],
      ["the documentation", 200, () => api.request("GET", "/docs")],
      ["the OpenAPI document", 200, () => api.request("GET", "/openapi.json")],
      ["something new", 201, () => api.request("POST", "/events", { token: shop.organizer, body: eventDocument() })],
      ["any ETag", 304, () => api.request("GET", `/events/${event.id}`, { headers: { "if-none-match": "*" } })],
      ["bad input", 400, () => api.request("GET", "/events?limit=0")],
      ["no token", 401, () => api.request("POST", "/events", { body: eventDocument() })],
      ["a bad token", 401, () => api.request("GET", "/events", { token: "nonsense" })],
      ["a wrong role", 403, async () => api.request("POST", "/events", { token: await api.world.tokenOf("attendee"), body: eventDocument() })],
      ["a missing event", 404, () => api.request("GET", "/events/nonsense")],
      ["no such path", 404, () => api.request("GET", "/nonsense")],
      ["a conflict", 409, () => api.request("DELETE", `/events/${event.id}`, { token: shop.organizer })],
      ["a stale ETag", 412, () => api.request("DELETE", `/events/${draft.id}`, { token: shop.organizer, headers: { "if-match": etag.replace("1", "9") } })],
      ["too much", 413, () => api.request("POST", "/events", { token: shop.organizer, body: " ".repeat(300_000) })],
      ["nothing left", 204, () => api.request("DELETE", `/events/${draft.id}`, { token: shop.organizer })],
    ];
    const wrong: string[] = [];
    const ids = new Set<string | null>();
    for (const [name, status, call] of calls) {
      const answer = await call();
      expect([name, answer.status]).toEqual([name, status]);
      const id = answer.headers.get("x-request-id");
      if (!id?.startsWith("req_") || (status >= 400 && answer.body.requestId !== id)) wrong.push(`${name}: x-request-id ${id}`);
      ids.add(id);
      for (const [header, value] of Object.entries(SECURITY_HEADERS))
        if (answer.headers.get(header) !== value) wrong.push(`${name}: ${header} ${answer.headers.get(header)}`);
    }
    expect(wrong).toEqual([]);
    expect(ids.size).toBe(calls.length);
  });

  it("that is an error is a problem that says what to do, whatever is asked for on whatever path", async () => {
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/nonsense"],
      ["POST", "/nonsense"],
      ["PATCH", "/events"],
      ["DELETE", "/events"],
      ["PUT", "/health"],
      ["GET", "/events/"],
      ["GET", "/events/a/b/c"],
      ["PUT", "/orders"],
      ["GET", "//events"],
      ["GET", "/EVENTS"],
    ] as const) {
      const problem = await refused(api.request(method, path), 404, "request.route_not_found");
      expect(problem.detail).toContain("/docs");
    }
  });

  it("to a path that cannot be decoded is a refusal, not an error on our side", async () => {
    for (const path of ["/events/%", "/events/%E0%A4%A", "/orders/%ff", "/tickets/%zz/purchase"]) {
      const { status } = await api.bytes(path.endsWith("purchase") ? "POST" : "GET", path);
      expect([path, status]).toEqual([path, expect.toBeOneOf([400, 404])]);
    }
  });

  it("of a problem on our side says nothing about it but the id to tell us", async () => {
    const id = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W9";
    const broken = {
      pk: `EVENT#${id}`,
      sk: "EVENT",
      __edb_e__: "event",
      __edb_v__: "1",
      eventId: id,
      organizerId: "usr_secret",
      stage: "published",
      visibility: "public",
      title: "Secret",
      offers: "broken",
      startsAt: "x",
      endsAt: "y",
    };
    await api.world.documents.send(new PutCommand({ TableName: api.world.tableName, Item: broken }));
    const answer = await api.request("GET", `/events/${id}`);
    const problem = await refused(answer, 500, "internal");
    expect(Object.keys(problem).sort()).toEqual(["code", "detail", "requestId", "status", "title", "type"]);
    expect(JSON.stringify(problem)).not.toMatch(/secret|filter|TypeError|function|\.ts|at /i);
  });
});

describe("GET /health", () => {
  it("says ok to anybody, at once, and is never kept", async () => {
    const answer = await api.request("GET", "/health");
    expect(await answered(answer, 200)).toEqual({ status: "ok" });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});

describe("GET /ticket-key", () => {
  it("is the key that proves a ticket's credential, and proves no other words", async () => {
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    const { order } = await shop.buy(type.id);
    const { algorithm, publicKeyPem } = await answered(api.request("GET", "/ticket-key"), 200);
    expect(algorithm).toBe("Ed25519");
    const [scheme, ticketId, eventId, version, signature] = order.tickets[0]!.credential.split(".") as [string, string, string, string, string];
    expect([scheme, ticketId, eventId, version]).toEqual(["FT1", order.tickets[0]!.id, order.eventId, "1"]);
    const proves = (words: string) => verify(null, Buffer.from(words), createPublicKey(publicKeyPem), Buffer.from(signature, "base64url"));
    expect(proves(`${scheme}.${ticketId}.${eventId}.${version}`)).toBe(true);
    expect(proves(`${scheme}.${ticketId}.${eventId}.2`)).toBe(false);
  });
});

describe("GET /docs", () => {
  it("loads Swagger UI as it is installed here, and nothing else: the hashes are those of its files", async () => {
    const answer = await api.request<string>("GET", "/docs");
    const html = await answered(answer, 200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    const require = createRequire(import.meta.url);
    const { version } = JSON.parse(readFileSync(require.resolve("swagger-ui-dist/package.json"), "utf8")) as { version: string };
    const loaded = [...html.matchAll(/(?:href|src)="(https:[^"]+)" integrity="([^"]+)" crossorigin="anonymous"/g)].map(([, url, integrity]) => ({
      url: url!,
      integrity: integrity!,
    }));
    expect(loaded.map(({ url }) => url)).toEqual([
      `https://cdn.jsdelivr.net/npm/swagger-ui-dist@${version}/swagger-ui.css`,
      `https://cdn.jsdelivr.net/npm/swagger-ui-dist@${version}/swagger-ui-bundle.js`,
    ]);
    for (const { url, integrity } of loaded) {
      const file = readFileSync(require.resolve(`swagger-ui-dist/${url.slice(url.lastIndexOf("/") + 1)}`));
      expect(integrity).toBe(`sha384-${createHash("sha384").update(file).digest("base64")}`);
    }
    expect([...html.matchAll(/https?:\/\/[^"'\s)]+/g)]).toHaveLength(2);
    expect(html).toContain('url: "/openapi.json"');
  });
});

describe("GET /openapi.json", () => {
  it("is an OpenAPI 3.1 document of everything that is served, and of nothing else", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(document.servers).toEqual([{ url: "/" }]);
    const undocumented = ["GET /openapi.json", "GET /docs"];
    const served = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(served)].filter((name) => !undocumented.includes(name)).sort());
  });

  it("describes every operation: what it is, who may call it, what it takes, what it answers", () => {
    for (const { name, path, operation } of operations) {
      expect(operation.summary, name).toMatch(/\w/);
      expect(operation.tags, name).toHaveLength(1);
      expect(operation.security.length, name).toBeGreaterThan(0);
      for (const scheme of operation.security.flatMap(Object.keys)) expect(Object.keys(document.components.securitySchemes), name).toContain(scheme);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      expect(
        (operation.parameters ?? []).filter((parameter) => parameter.in === "path").map((parameter) => parameter.name),
        name,
      ).toEqual(named);
      for (const parameter of operation.parameters ?? []) {
        const asked: Record<string, readonly string[]> = {
          ...{ "GET /tickets": ["eventId"], "GET /users": ["role"], "GET /devices": ["eventId"], "POST /orders/{id}/refunds": ["Idempotency-Key"] },
          ...{ "DELETE /grants": ["userId", "role", "scopeType", "scopeId"] },
        };
        const required = parameter.in === "path" || (asked[name] ?? []).includes(parameter.name);
        expect([name, parameter.name, parameter.required === true]).toEqual([name, parameter.name, required]);
      }
      const successes = Object.keys(operation.responses).filter((status) => status.startsWith("2"));
      expect(successes, name).toHaveLength(1);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status, name).toMatch(/^[1-5]\d\d$/);
        expect(response.description, `${name} ${status}`).toMatch(/\w/);
        if (status.startsWith("2") && status !== "204") expect(response.content?.["application/json"]?.schema, `${name} ${status}`).toBeDefined();
      }
    }
  });

  it("declares of every operation the errors that any may answer with, and of those with a body what may be wrong with it", () => {
    const missing: string[] = [];
    for (const { name, operation } of operations) {
      const declares = (status: number, code: string) =>
        operation.responses[status]?.description.includes(`\`${code}\``) || missing.push(`${name} → ${status} ${code}`);
      declares(400, "input.invalid");
      declares(401, "actor.token_invalid");
      declares(503, "actor.keys_unavailable");
      declares(500, "internal");
      if (operation.requestBody) {
        declares(400, "request.body_malformed");
        declares(413, "request.body_too_large");
      }
      if (operation.security.every((scheme) => "bearer" in scheme || "apiKey" in scheme)) {
        declares(401, "actor.unauthenticated");
        declares(403, "actor.not_allowed");
      }
      if (operation.parameters?.some((parameter) => parameter.name === "If-Match")) declares(412, "request.precondition_failed");
      if (operation.parameters?.some((parameter) => parameter.name === "Idempotency-Key")) {
        declares(409, "idempotency_key.in_progress");
        declares(422, "idempotency_key.reused");
      }
    }
    expect(missing).toEqual([]);
  });

  it("declares every error under the status that it has, as a problem", () => {
    const statusOf = new Map([...errorDefinitions().map(({ code, kind }) => [code, STATUS_OF[kind]] as const), ["internal", 500] as const]);
    for (const { name, operation } of operations) {
      for (const [status, { description, content }] of Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)) {
        const codes = [...description.matchAll(/`([\w.]+)`/g)].map(([, code]) => code!);
        expect(codes.length, `${name} ${status}`).toBeGreaterThan(0);
        for (const code of codes) expect([name, code, statusOf.get(code)]).toEqual([name, code, Number(status)]);
        expect(content?.["application/problem+json"]?.schema, `${name} ${status}`).toEqual({ $ref: "#/components/schemas/Problem" });
      }
    }
  });

  it("points only to what is there", () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) {
      expect(ref).toMatch(/^#\//);
      const target = ref
        .slice(2)
        .split("/")
        .reduce<any>((node, key) => node?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], document);
      expect(target, ref).toBeTypeOf("object");
    }
  });

  it("shows an example of every schema", () => {
    expect(
      schemas()
        .filter(({ schema }) => schema.example === undefined)
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it("shows examples that are what their schemas say", () => {
    for (const { name, schema } of schemas()) {
      if (schema.example !== undefined) expect([name, readSchema(schema, document).safeParse(schema.example).error?.issues ?? []]).toEqual([name, []]);
    }
    for (const { name, operation } of operations) {
      for (const { name: parameter, schema } of operation.parameters ?? []) {
        if (schema.example !== undefined)
          expect([name, parameter, readSchema(schema, document).safeParse(schema.example).error?.issues ?? []]).toEqual([name, parameter, []]);
      }
    }
  });

  it("shows examples that the API takes", async () => {
    const example = (name: string) => document.components.schemas[name]!.example as Record<string, unknown>;
    const token = shop.organizer;
    const event = await answered(api.request("POST", "/events", { token, body: example("EventDocument") }), 201);
    const type = await answered(api.request("POST", "/tickets", { token, body: { ...example("TicketTypeDocument"), eventId: event.id } }), 201);
    await answered(api.request("PUT", `/tickets/${type.id}`, { token, body: { ...example("TicketTypeReplacement"), eventId: event.id } }), 200);
    await answered(api.request("PUT", `/events/${event.id}`, { token, body: eventDocument() }), 200);
    await answered(api.request("POST", `/events/${event.id}/status`, { token, body: example("StatusChange") }), 200);
    await answered(api.request("POST", `/events/${event.id}/status`, { token: shop.admin, body: { status: "published" } }), 200);
    await answered(api.request("POST", `/tickets/${type.id}/purchase`, { body: example("Purchase") }), 201);
    const second = await answered(api.request("POST", "/tickets", { token, body: { ...example("TicketTypeDocument"), eventId: event.id } }), 201);
    const ofTheirs = (name: string) => ({
      ...example(name),
      lines: (example(name)["lines"] as object[]).map((line, i) => ({ ...line, ticketTypeId: [type.id, second.id][i] })),
    });
    await answered(api.request("POST", "/orders/quote", { body: ofTheirs("QuoteRequest") }), 200);
    const checkout = await answered(api.request("POST", "/orders", { body: ofTheirs("OrderRequest") }), 201);
    const headers = { "order-token": checkout.orderToken };
    await answered(api.request("PUT", `/orders/${checkout.order.id}/attendees`, { headers, body: example("AttendeeChanges") }), 200);
    await answered(api.request("POST", "/realtime/tickets", { body: example("RealtimeTicketRequest") }), 201);
  });

  it("is the same to everybody and may be kept", async () => {
    const answer = await api.request("GET", "/openapi.json");
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    expect((await api.request("GET", "/openapi.json", { token: shop.admin })).body).toEqual(answer.body);
  });

  it("names every field of a body that the API asks for, and none that it refuses", async () => {
    const { id } = await shop.createEvent();
    const everything: Record<string, { path: string; body: Record<string, unknown> }> = {
      EventDocument: {
        path: "/events",
        body: eventDocument({
          description: "d",
          registrationDeadline: new Date(Date.now() + 1_000).toISOString(),
          attendeesUntil: new Date(Date.now() + 1_000).toISOString(),
          refundPolicy: [{ daysBefore: 14, percent: 100 }],
          seo: { title: "t", description: "d", keywords: ["k"], imageUrl: "https://example.com/i.jpg", slug: "s" },
        }),
      },
      TicketTypeDocument: {
        path: "/tickets",
        body: typeDocument(id, {
          description: "d",
          salesStartAt: new Date().toISOString(),
          salesEndAt: new Date(Date.now() + 1_000).toISOString(),
          minPerOrder: 1,
          maxPerOrder: 2,
          maxPerBuyer: 3,
          highDemand: false,
          isActive: true,
          phases: [{ name: "Early bird", price: { amount: 3_000, currency: "EUR" }, quantity: 2 }],
          groupDiscount: { threshold: 2, percent: 10 },
        }),
      },
    };
    // Bounds are for donations alone: no type has all fields.
    const bounds = { minimumPrice: { amount: 500, currency: "EUR" }, maximumPrice: { amount: 9_000, currency: "EUR" } };
    await answered(api.request("POST", "/tickets", { token: shop.organizer, body: typeDocument(id, { kind: "donation", ...bounds }) }), 201);
    for (const [name, { path, body }] of Object.entries(everything)) {
      const asked = [...Object.keys(body), ...(name === "TicketTypeDocument" ? Object.keys(bounds) : [])];
      expect(Object.keys(document.components.schemas[name]!["properties"] as object).sort()).toEqual(asked.sort());
      expect(document.components.schemas[name]!["additionalProperties"]).toBe(false);
      await answered(api.request("POST", path, { token: shop.organizer, body }), 201);
    }
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
