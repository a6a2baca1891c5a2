import { createHash } from "node:crypto";
import { connect } from "node:net";
import { canonicalJson } from "@fashionistas/core/canonical";
import { context } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";
import { setLogSink } from "@fashionistas/core/log";
import { endpoints } from "@fashionistas/functions/api/endpoint";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { everything } from "../kit/invariants.ts";
import { eventDocument, purchaseBody } from "../kit/shop.ts";
import { answered, callFrom, openApi, refused, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
/** What stands for :id in a path: something of each kind that exists. */
const ids: Record<string, string> = {};
let orderToken: string;
let apiKey: string;
let deviceKey: string;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  const { type, event } = await shop.onSale();
  const checkout = await shop.buy(type.id);
  await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  await api.world.settle();
  orderToken = checkout.orderToken;
  Object.assign(ids, { events: event.id, tickets: type.id, orders: checkout.order.id });
  const { id } = await answered(
    api.request<any>("POST", "/reconciliations", { token: shop.admin, body: { since: new Date(Date.now() - 3_600_000).toISOString() } }),
    202,
  );
  const { items } = await answered(api.request<any>("GET", "/webhooks", { token: shop.admin }), 200);
  const me = await answered(api.request<any>("GET", "/me", { token: shop.admin }), 200);
  const key = await answered(api.request<any>("POST", "/api-keys", { token: shop.organizer, body: { name: "Key", permissions: { orders: "read" } } }), 201);
  const { device, pairingCode } = await answered(
    api.request<any>("POST", "/devices", { token: shop.organizer, body: { eventId: event.id, name: "Gate" } }),
    201,
  );
  await answered(api.request("POST", "/me/export", { token: await api.world.tokenOf("attendee") }), 202);
  const { erasureId } = await answered(api.request<any>("DELETE", "/me", { token: await api.world.tokenOf("attendee", "leaves") }), 202);
  ids["erasures"] = erasureId;
  apiKey = key.secret;
  deviceKey = (await answered(api.request<any>("POST", "/devices/pair", { body: { code: pairingCode } }), 201)).deviceKey;
  Object.assign(ids, { "api-keys": key.id, devices: device.id, reconciliations: id, webhooks: items[0].id, users: me.id, roles: "organizer" });
  await api.world.settle();
});
afterEach(() => void delete process.env["CORS_ORIGINS"]);

const pathOf = (template: string) => template.replace(":id", encodeURIComponent(ids[template.split("/")[1]!] ?? "dsp_01J8Z3K4M5N6P7Q8R9S0T1V2W3"));
const queryOf = (template: string) =>
  ({
    "/tickets": `?eventId=${ids["events"]}`,
    "/devices": `?eventId=${ids["events"]}`,
    "/users": "?role=admin",
    "/audit-logs": `?entityId=${ids["events"]}`,
    "/grants": `?scopeType=event&scopeId=${ids["events"]}`,
  })[template] ?? "";

/** Sends bytes as they are and answers with what comes back until the connection ends. */
function raw(text: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(api.world.baseUrl);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => void socket.write(text));
    socket.setTimeout(3_000, () => socket.destroy());
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
const statusesIn = (answer: string) => [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));

describe("pages of other origins", () => {
  const SHOP = "https://shop.example.com";
  const preflight = (origin: string, path = "/orders", method = "POST") =>
    api.request("OPTIONS", path, {
      headers: { origin, "access-control-request-method": method, "access-control-request-headers": "content-type,idempotency-key" },
    });

  it("of the list may call and read what they need, refusals no less than answers, and never with cookies", async () => {
    process.env["CORS_ORIGINS"] = `${SHOP},https://door.example.com`;
    const asked = await preflight(SHOP);
    expect(asked.status).toBe(204);
    expect(Object.fromEntries([...asked.headers].filter(([name]) => name.startsWith("access-control") || name === "vary"))).toEqual({
      "access-control-allow-origin": SHOP,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
      "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Order-Token, X-Api-Key, X-Device-Key",
      "access-control-expose-headers": "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
      "access-control-max-age": "7200",
      vary: "Origin",
    });
    for (const [status, path] of [
      [200, `/events/${ids["events"]}`],
      [404, "/events/nonsense"],
      [404, "/nonsense"],
      [200, "/openapi.json"],
    ] as const) {
      const { headers, status: got } = await api.request("GET", path, { headers: { origin: SHOP } });
      expect([path, got]).toEqual([path, status]);
      expect(headers.get("access-control-allow-origin"), path).toBe(SHOP);
      expect(headers.get("access-control-allow-credentials"), path).toBeNull();
      expect(headers.get("vary"), path).toBe("Origin");
    }
  });

  it("that are not on it get the same answer without leave to read it", async () => {
    process.env["CORS_ORIGINS"] = SHOP;
    for (const origin of ["https://evil.test", "null", `${SHOP}.evil.test`, "http://shop.example.com", "http://localhost:3000"]) {
      for (const answer of [await preflight(origin), await api.request("GET", `/events/${ids["events"]}`, { headers: { origin } })]) {
        expect(
          [...answer.headers.keys()].filter((name) => name.startsWith("access-control")),
          origin,
        ).toEqual([]);
        expect(answer.headers.get("vary")).toBe("Origin");
      }
    }
    delete process.env["CORS_ORIGINS"];
    expect((await preflight(SHOP)).headers.get("access-control-allow-origin"), "an empty list").toBeNull();
  });

  it("learn from a preflight nothing about what is there, and cause nothing", async () => {
    process.env["CORS_ORIGINS"] = SHOP;
    const before = await dump();
    const paths = [`/orders/${ids["orders"]}/pay`, "/orders/ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3/pay", "/nonsense"];
    const answers = await Promise.all(paths.map((path) => preflight(SHOP, path)));
    const plain = answers.map(({ headers, status }) => [status, ...[...headers].filter(([name]) => !["date", "x-request-id"].includes(name))]);
    expect(new Set(plain.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await dump()).toEqual(before);
  });
});

describe("the documentation page", () => {
  it("may run its own script and Swagger UI's, and nothing else", async () => {
    const { body, headers } = await api.request<string>("GET", "/docs");
    const policy = Object.fromEntries(
      headers
        .get("content-security-policy")!
        .split("; ")
        .map((rule) => [rule.split(" ")[0]!, rule.split(" ").slice(1)]),
    );
    const inline = [...body.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => `'sha256-${createHash("sha256").update(script!).digest("base64")}'`);
    expect(inline).toHaveLength(1);
    const source = policy["script-src"]![0]!;
    expect(policy).toEqual({
      "default-src": ["'none'"],
      "script-src": [source, ...inline],
      "style-src": [source],
      "img-src": ["'self'", "data:"],
      "connect-src": ["'self'"],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
    });
    for (const [, url] of body.matchAll(/(?:src|rel="stylesheet" href)="([^"]+)"/g)) expect(url!.startsWith(source), url).toBe(true);
    expect(source).toMatch(/^https:\/\/[^/]+\/.*@\d+\.\d+\.\d+\/$/);
    expect(body).not.toMatch(/\son[a-z]+=|javascript:|\sstyle=/);
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("permissions-policy")).toContain("camera=()");
  });

  it("takes from its configuration an address and nothing that could be more", async () => {
    for (const url of ['x"><script>alert(1)</script>', "https://a.test; script-src *", "https://a.test 'unsafe-inline'", "javascript:alert(1)//<"]) {
      process.env["DOCS_ASSETS_URL"] = url;
      const answer = await api.request("GET", "/docs").finally(() => delete process.env["DOCS_ASSETS_URL"]);
      await refused(answer, 500, "internal");
    }
    process.env["DOCS_ASSETS_URL"] = "/_local/swagger-ui";
    const { headers } = await api.request("GET", "/docs").finally(() => delete process.env["DOCS_ASSETS_URL"]);
    expect(headers.get("content-security-policy")).toContain("script-src 'self' 'sha256-");
  });

  it("is the only page: everything else is data that no browser shows or runs", async () => {
    for (const path of ["/events", "/openapi.json", "/health", "/nonsense", "/events/nonsense"]) {
      const { headers } = await api.request("GET", path);
      expect(headers.get("content-type"), path).toMatch(/^application\/(problem\+)?json/);
      expect(headers.get("content-security-policy"), path).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get("cross-origin-resource-policy"), path).toBe("same-origin");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    }
  });
});

describe("a request that is too large", () => {
  it("in its query is refused as such, whatever the path", async () => {
    for (const path of ["/events", `/events/${ids["events"]}`, "/health", "/nonsense"]) {
      const prefix = "?limit=1&x=";
      await refused(api.request("GET", `${path}${prefix}${"a".repeat(4_097 - prefix.length + 1)}`), 414, "request.query_too_long");
      expect((await api.request("GET", `${path}${prefix}${"a".repeat(4_000)}`)).status, path).not.toBe(414);
    }
  });

  it("in a header, in all together or in their number is refused as such, and the header is named", async () => {
    await refused(api.request("GET", "/events", { headers: { "x-large": "a".repeat(6_144) } }), 431, "request.headers_too_large", ["x-large"]);
    await refused(api.request("GET", "/events", { token: "a".repeat(7_000) }), 431, "request.headers_too_large", ["authorization"]);
    const many = (count: number, size: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, "a".repeat(size)]));
    await refused(api.request("GET", "/events", { headers: many(4, 3_000) }), 431, "request.headers_too_large");
    await refused(api.request("GET", "/events", { headers: many(150, 1) }), 431, "request.headers_too_large");
    expect((await api.request("GET", "/events", { headers: many(60, 50) })).status).toBe(200);
  });

  it("is refused before anybody is looked up and anything is counted", async () => {
    const before = await dump([]);
    await refused(
      api.request("POST", "/orders", { token: "nonsense", body: purchaseBody(), headers: { "x-large": "a".repeat(6_144) } }),
      431,
      "request.headers_too_large",
    );
    expect(await dump([])).toEqual(before);
  });
});

/** Every item, to the byte, but for what any counted call leaves. */
async function dump(without: readonly string[] = ["rate-window"]): Promise<Record<string, string>> {
  await api.world.settle();
  const all = await everything(api.world);
  return Object.fromEntries(
    [...all].flatMap(([entity, items]) => (without.includes(entity) ? [] : items.map((item) => [`${item.pk} ${item.sk}`, canonicalJson(item)]))),
  );
}

describe("a GET", () => {
  it("changes nothing, whoever asks for whatever there is", async () => {
    const callers = [
      {},
      { token: shop.admin },
      { token: shop.organizer },
      { token: await api.world.tokenOf("attendee") },
      { headers: { "order-token": orderToken } },
      { headers: { "x-api-key": apiKey } },
      { headers: { "x-device-key": deviceKey } },
    ];
    for (const who of callers) await api.request("GET", `/events/${ids["events"]}`, who);
    const before = await dump();
    const gets = endpoints.filter(({ method }) => method === "get");
    expect(gets.length).toBeGreaterThan(15);
    const served = new Set<string>();
    for (const { path } of gets)
      for (const who of callers)
        for (const method of ["GET", "HEAD"]) {
          const { status } = await api.request(method, `${pathOf(path)}${queryOf(path)}`, who);
          expect(status, `${method} ${path}`).toBeLessThan(500);
          if (status === 200) served.add(path);
        }
    for (const path of ["/docs", "/openapi.json"]) await api.request("GET", path);
    expect(await dump()).toEqual(before);
    const unserved = gets.map(({ path }) => path).filter((path) => !served.has(path));
    expect(unserved, "nothing there to get").toEqual(["/events/:id/cancellation", "/disputes/:id"].filter((path) => unserved.includes(path)));
  });
});

describe("a cookie", () => {
  // The engine gives the keys of a map in any order, and what is left is told with the time it was read.
  const inOrder = ({ text, ...answer }: Awaited<ReturnType<Api["bytes"]>>) => ({
    ...answer,
    value: /^[[{]/.test(text) ? canonicalJson({ ...JSON.parse(text), lastUpdated: "" }) : text,
  });

  it("is never set, and makes nobody of anybody: who sends nothing else is anonymous", async () => {
    const cookie = [`authorization=Bearer ${shop.admin}`, `token=${shop.admin}`, `session=${shop.admin}`, `order-token=${orderToken}`].join("; ");
    for (const { method, path } of endpoints) {
      if (path === "/realtime/tickets" || path === "/health") continue;
      const ask = { headers: { "content-type": "application/json" }, ...(method === "get" || method === "delete" ? {} : { body: "{}" }) };
      const target = `${pathOf(path)}${queryOf(path)}`;
      const bare = await api.bytes(method.toUpperCase(), target, ask);
      const sent = await api.bytes(method.toUpperCase(), target, { ...ask, headers: { ...ask.headers, cookie } });
      expect(inOrder(sent), `${method} ${path}`).toEqual(inOrder(bare));
      for (const answer of [bare, sent])
        expect(
          answer.headers.map(([name]) => name),
          `${method} ${path}`,
        ).not.toContain("set-cookie");
    }
  });
});

describe("headers that contradict", () => {
  const written = (lines: readonly string[], body = "") => `${[...lines, "Host: 127.0.0.1", "Connection: close"].join("\r\n")}\r\n\r\n${body}`;

  it("each other about who asks make nobody", async () => {
    const [admin, other] = [shop.admin, await api.world.tokenOf("attendee")];
    for (const pair of [
      [admin, other],
      [other, admin],
      [admin, admin],
    ])
      expect(statusesIn(await raw(written(["GET /webhooks HTTP/1.1", ...pair.map((token) => `Authorization: Bearer ${token}`)])))).toEqual([401]);
    const twice = [orderToken, orderToken].map((token) => `Order-Token: ${token}`);
    expect(statusesIn(await raw(written([`GET /orders/${ids["orders"]} HTTP/1.1`, ...twice])))).toEqual([404]);
    expect(statusesIn(await raw(written([`GET /orders/${ids["orders"]} HTTP/1.1`, twice[0]!])))).toEqual([200]);
  });

  it("the request about its method or path are not heard", async () => {
    const before = await dump();
    const headers = {
      "x-http-method-override": "DELETE",
      "x-http-method": "DELETE",
      "x-method-override": "DELETE",
      "x-original-url": "/health",
      "x-rewrite-url": "/health",
      "x-forwarded-host": "evil.test",
      "x-forwarded-prefix": "/evil",
    };
    expect((await answered(api.request<any>("GET", `/events/${ids["events"]}`, { token: shop.admin, headers }), 200)).id).toBe(ids["events"]);
    await refused(
      api.request("POST", `/events/${ids["events"]}?_method=DELETE`, { token: shop.admin, headers, body: { _method: "DELETE" } }),
      404,
      "request.route_not_found",
    );
    expect(await dump()).toEqual(before);
  });

  it("each other about where the body ends never make two requests of one", async () => {
    const inner = "GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    const smuggling = [
      written(["POST /orders/quote HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked"], `0\r\n\r\n${inner}`),
      written(["POST /orders/quote HTTP/1.1", "Content-Length: 5", "Content-Length: 6"], "{}xxxx"),
      written(["POST /orders/quote HTTP/1.1", "Transfer-Encoding: chunked", "Transfer-Encoding: identity"], `0\r\n\r\n${inner}`),
      written(["POST /orders/quote HTTP/1.1", "Transfer-Encoding : chunked"], `0\r\n\r\n${inner}`),
      written(["POST /orders/quote HTTP/1.1", "Content-Length: +2"], "{}"),
      written(["POST /orders/quote HTTP/1.1", "Content-Length: -1"], "{}"),
      written(["GET /events HTTP/1.1", "X-Folded: a", " Authorization: Bearer x"]),
      written(["GET /events HTTP/1.1", "X-Nul: a\u0000b"]),
    ];
    for (const text of smuggling) expect(statusesIn(await raw(text)), text.slice(0, 120)).toEqual([400]);
    const split = await raw(written([`GET /events/x%0d%0aSet-Cookie:%20a=b HTTP/1.1`, "X-Request-Id: mine%0d%0aEvil: 1"]));
    expect(statusesIn(split)).toEqual([404]);
    expect(split).not.toMatch(/^(set-cookie|evil):/im);
  });

  it("the id that we give a request are not taken over", async () => {
    const { headers } = await api.request("GET", "/events", { headers: { "x-request-id": "req_mine", "x-correlation-id": "mine" } });
    expect(headers.get("x-request-id")).toMatch(/^req_[0-9A-HJKMNP-TV-Z]{26}$/);
  });
});

describe("where a call came from", () => {
  it("is known as a network, from API Gateway alone, and never logged", async () => {
    const seen: (string | undefined)[] = [];
    const lines: string[] = [];
    const note = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`);
    setLogSink({ info: note, warn: note, error: note });
    client.middlewareStack.add(
      (next) => (args) => {
        seen.push(context().address);
        return next(args);
      },
      { step: "initialize", name: "addresses" },
    );
    const headers = { "x-forwarded-for": "192.0.2.55", forwarded: "for=192.0.2.55" };
    for (const sourceIp of ["203.0.113.77", "2001:db8:1:2::3", "nonsense", undefined]) await callFrom(sourceIp, { path: `/events/${ids["events"]}`, headers });
    client.middlewareStack.remove("addresses");
    process.env["DOCS_ASSETS_URL"] = "<broken on purpose>";
    expect((await callFrom("203.0.113.77", { path: "/docs", headers })).statusCode).toBe(500);
    delete process.env["DOCS_ASSETS_URL"];
    expect([...new Set(seen)]).toEqual(["203.0.113.0/24", "2001:db8:1::/48", undefined]);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("\n")).not.toMatch(/203\.0\.113|192\.0\.2|2001:db8|127\.0\.0/);
  });
});

it("drafts stay as they were: nothing of this was a change", async () => {
  await answered(api.request("POST", "/events", { token: shop.organizer, body: eventDocument() }), 201);
  expect(await api.undocumented()).toEqual([]);
});
