import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { setClock } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";
import { setMemory } from "@fashionistas/core/memory";
import * as RateLimit from "@fashionistas/core/rate-limit";
import { endpoints } from "@fashionistas/functions/api/endpoint";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { present, travel } from "../kit/clock.ts";
import { purchaseBody } from "../kit/shop.ts";
import { answered, callFrom, openApi, refused, tally, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
let typeId: string;
let eventId: string;
const generous = process.env["RATE_LIMITS"]!;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  const { type, event } = await shop.onSale({ quantityTotal: 300, maxPerBuyer: 300 }, { capacity: 300 });
  [typeId, eventId] = [type.id, event.id];
});
// Each test begins in a window of its own: ten minutes further on, at a full minute.
let windows = 0;
beforeEach(() => travel(600_000 - (Date.now() % 600_000) + ++windows * 600_000));
afterEach(() => {
  present();
  process.env["RATE_LIMITS"] = generous;
});

const limits = (changes: string) => void (process.env["RATE_LIMITS"] = `${generous},${changes}`);
const quote = (ask: { token?: string; headers?: Record<string, string> } = {}) =>
  api.request<any>("POST", "/orders/quote", { body: { lines: [{ ticketTypeId: typeId, quantity: 1 }] }, ...ask });
const tokenOf = (n: number) => api.world.tokenOf("attendee", `usr_limit_${windows}_${n}`);

/** A question about a price, asked from an address. */
const from = (sourceIp: string, { headers = {} }: { headers?: Record<string, string> } = {}) =>
  callFrom(sourceIp, { method: "POST", path: "/orders/quote", headers, body: { lines: [{ ticketTypeId: typeId, quantity: 1 }] } });

async function windowsInTable() {
  const { Items = [] } = await api.world.documents.send(new ScanCommand({ TableName: api.world.tableName, ConsistentRead: true }));
  return Items.filter(({ pk }) => String(pk).startsWith("RATE#"));
}

/** How many writes the limits cost while `work` runs. */
async function counted<T>(work: () => Promise<T>): Promise<{ writes: number; result: T }> {
  let writes = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      if (JSON.stringify((args.input as { Key?: unknown }).Key ?? "").includes("RATE#")) writes += 1;
      return next(args);
    },
    { step: "initialize", name: "countRates" },
  );
  try {
    return { result: await work(), writes };
  } finally {
    client.middlewareStack.remove("countRates");
  }
}

describe("a limited call", () => {
  it("says how many are left and until when, and the first one too many when to come back, having done nothing", async () => {
    limits("write=3/60");
    const token = await tokenOf(1);
    for (const left of [2, 1, 0]) {
      const { status, headers } = await quote({ token });
      expect(status).toBe(200);
      expect(headers.get("ratelimit-policy")).toBe('"write";q=3;w=60');
      expect(headers.get("ratelimit")).toMatch(new RegExp(`^"write";r=${left};t=(5[0-9]|60)$`));
      expect(headers.get("retry-after")).toBeNull();
    }
    const answer = await quote({ token });
    const problem = await refused(answer, 429, "request.too_many");
    const seconds = Number(answer.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(answer.headers.get("ratelimit")).toBe(`"write";r=0;t=${seconds}`);
    expect(problem.detail).toContain(`come back in ${seconds}`);
    travel(windows * 600_000 + 600_000 - (Date.now() % 600_000) + seconds * 1_000);
    expect((await quote({ token })).status, "after as long as it said").toBe(200);
  });

  it("costs one conditional write and no read, and nothing once this process knows that there are no more", async () => {
    limits("write=2/60");
    const token = await tokenOf(1);
    await api.request("GET", "/me", { token });
    expect((await counted(() => quote({ token }))).writes).toBe(1);
    expect((await counted(() => quote({ token }))).writes).toBe(1);
    const refusal = await counted(() => quote({ token }));
    expect([refusal.writes, refusal.result.status]).toEqual([1, 429]);
    expect((await counted(() => Promise.all([quote({ token }), quote({ token })]))).writes).toBe(0);
  });

  it("that is refused is refused before its body is looked at", async () => {
    limits("purchase=1/60");
    const token = await tokenOf(1);
    const buy = (body: unknown) => api.request("POST", `/tickets/${typeId}/purchase`, { token, body });
    await answered(buy(purchaseBody()), 201);
    for (const body of ["{", "[".repeat(100_000), " ".repeat(300_000), { quantity: -1 }, purchaseBody()]) await refused(buy(body), 429, "request.too_many");
  });

  it("is let through exactly as often as the limit says, however many come at once", async () => {
    limits("purchase=7/60");
    const answers = await Promise.all(Array.from({ length: 25 }, () => api.request<any>("POST", `/tickets/${typeId}/purchase`, { body: purchaseBody() })));
    expect(tally(answers)).toEqual({ "201": 7, "429 request.too_many": 18 });
    for (const { status, headers } of answers) if (status === 429) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("counts in its own class: purchases leave reads and writes alone", async () => {
    limits("purchase=1/60");
    const token = await tokenOf(1);
    await answered(api.request("POST", "/orders", { token, body: { lines: [{ ticketTypeId: typeId, quantity: 1 }], buyer: purchaseBody().buyer } }), 201);
    await refused(api.request("POST", `/tickets/${typeId}/purchase`, { token, body: purchaseBody() }), 429, "request.too_many");
    expect((await quote({ token })).status).toBe(200);
    expect((await api.request("GET", `/events/${eventId}`, { token })).status).toBe(200);
  });
});

describe("whose call it is", () => {
  it("is the user's, wherever they call from, and nobody else's", async () => {
    limits("write=2/60");
    const [one, other] = [await tokenOf(1), await tokenOf(2)];
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    expect((await from("203.0.113.1", bearer(one))).statusCode).toBe(200);
    expect((await from("203.0.113.2", bearer(one))).statusCode).toBe(200);
    expect((await from("203.0.113.3", bearer(one))).statusCode).toBe(429);
    expect((await from("203.0.113.1", bearer(other))).statusCode).toBe(200);
    expect((await from("203.0.113.1")).statusCode).toBe(200);
  });

  it("is the address's that API Gateway saw when nobody signed in, whatever headers say", async () => {
    limits("write=2/60");
    const spoofed = (n: number) => ({
      headers: {
        "x-forwarded-for": `192.0.2.${n}`,
        forwarded: `for=192.0.2.${n}`,
        "x-real-ip": `192.0.2.${n}`,
        "cf-connecting-ip": `192.0.2.${n}`,
        "true-client-ip": `192.0.2.${n}`,
      },
    });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await from("198.51.100.7", spoofed(n))).statusCode);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await from("198.51.100.8")).statusCode, "the neighbour").toBe(200);
  });

  it("is one subscriber's network in IPv6: taking another address of it is no way round", async () => {
    limits("write=2/60");
    const statuses = [];
    for (const host of ["1", "2", "ffff:1:2:3"]) statuses.push((await from(`2001:db8:1:2::${host}`.replace("::ffff:1:2:3", ":ffff:1:2:3"))).statusCode);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await from("2001:db8:1:3::1")).statusCode).toBe(200);
  });

  it("is not told by what is kept: no address, and nothing once the window is over", async () => {
    limits("write=2/60");
    await from("198.51.100.77");
    const rows = await windowsInTable();
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/198\.51\.100|127\.0\.0\.1/);
    for (const { ttl, second } of rows) expect(ttl - second).toBeLessThanOrEqual(3_660);
  });
});

describe("what is not limited", () => {
  it("are public documents, read without credentials, health and the documentation", async () => {
    limits("read=1/60, write=1/60");
    const paths = [
      "/health",
      "/docs",
      "/openapi.json",
      "/ticket-key",
      "/events",
      `/events/${eventId}`,
      `/tickets/${typeId}`,
      `/tickets?eventId=${eventId}`,
      `/events/${eventId}/availability`,
    ];
    const { writes } = await counted(async () => {
      for (const path of [...paths, ...paths]) {
        const { status, headers } = await api.request("GET", path);
        expect([path, status, headers.get("ratelimit")]).toEqual([path, 200, null]);
      }
    });
    expect(writes).toBe(0);
    expect((await api.request("GET", `/events/${eventId}`, { token: await tokenOf(1) })).headers.get("ratelimit")).toMatch(/^"read";r=0/);
    expect((await api.request("GET", "/orders/ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3")).headers.get("ratelimit"), "an order is no public document").toMatch(
      /^"read";r=0/,
    );
  });

  it("is what a stage lifts the limit of", async () => {
    limits("write=none");
    const { writes, result } = await counted(() => quote());
    expect([writes, result.headers.get("ratelimit")]).toEqual([0, null]);
  });

  it("everything else is, and says so in its documentation", async () => {
    const { paths } = await answered(api.request<any>("GET", "/openapi.json"), 200);
    const unlimited = endpoints.filter(({ path, method }) => !paths[path.replace(/:(\w+)/g, "{$1}")][method].responses["429"]);
    expect(unlimited.map(({ method, path }) => `${method} ${path}`)).toEqual(["get /health"]);
    const strict = endpoints.filter(({ limit }) => limit === "purchase").map(({ path }) => path);
    expect(strict.toSorted()).toEqual(["/orders", "/orders/:id/pay", "/tickets/:id/purchase"]);
  });
});

describe("a caller above 100 calls a second", () => {
  it("takes permits ten at a time: a tenth of a write each, and never one too many", async () => {
    limits("write=202/2");
    const token = await tokenOf(1);
    const { writes } = await counted(async () => {
      for (let n = 0; n < 30; n++) expect((await quote({ token })).status).toBe(200);
    });
    // Each window that passes meanwhile costs one more at most.
    expect(writes).toBeLessThanOrEqual(3 + 15);
  });
});

describe("permits", () => {
  const BEGIN = Date.parse("2026-11-02T09:00:00.000Z");
  afterEach(() => {
    setMemory(undefined);
    setClock(undefined);
  });

  /** Processes that share the table and nothing else, each with its own idea of the time. */
  function processes(skewsMs: readonly number[]) {
    const memories = skewsMs.map(() => new Map<object, unknown>());
    let ms = BEGIN;
    const take = async (n: number, name: string, permits: RateLimit.Permits) => {
      setClock(() => ms + skewsMs[n]!);
      setMemory(<T>(key: object, make: () => T): T => {
        if (!memories[n]!.has(key)) memories[n]!.set(key, make());
        return memories[n]!.get(key) as T;
      });
      return RateLimit.take(name, permits);
    };
    return { take, at: (afterMs: number) => void (ms = BEGIN + afterMs) };
  }

  it.each([1, 10])("of a window are never more than its limit, over processes whose clocks differ by 30 seconds (%i at a time)", async (batch) => {
    const { take, at } = processes([-15_000, 0, 15_000]);
    const permits = { limit: 45, seconds: 60, batch };
    const perWindow = new Map<string, number>();
    let all = 0;
    for (let second = 0; second < 180; second += 1) {
      at(second * 1_000 + 30_000);
      for (const n of [0, 1, 2]) {
        const { taken, endsInSeconds } = await take(n, `skew-${batch}`, permits);
        expect(endsInSeconds).toBeGreaterThanOrEqual(1);
        expect(endsInSeconds).toBeLessThanOrEqual(60);
        if (!taken) continue;
        all += 1;
        const window = String(Math.floor((second + 30 + [-15, 0, 15][n]!) / 60));
        perWindow.set(window, (perWindow.get(window) ?? 0) + 1);
      }
    }
    for (const [window, taken] of perWindow) expect(taken, `window ${window}`).toBeLessThanOrEqual(45);
    expect(all).toBeGreaterThan(3 * 45 * 0.7);
  });

  it("are there again as soon as the refusal said, by the clock of whoever said it", async () => {
    const { take, at } = processes([-15_000, 15_000]);
    const permits = { limit: 1, seconds: 60, batch: 1 };
    for (const n of [0, 1]) {
      at(0);
      await take(n, `again-${n}`, permits);
      const { taken, endsInSeconds } = await take(n, `again-${n}`, permits);
      expect(taken).toBe(false);
      at((endsInSeconds - 1) * 1_000 - 1);
      expect((await take(n, `again-${n}`, permits)).taken).toBe(false);
      at(endsInSeconds * 1_000);
      expect((await take(n, `again-${n}`, permits)).taken).toBe(true);
    }
  });

  it("come in part when there are fewer left than a process would take", async () => {
    const { take } = processes([0, 0]);
    const permits = { limit: 14, seconds: 60, batch: 10 };
    const results = [];
    for (let n = 0; n < 16; n++) results.push((await take(n < 10 ? 0 : 1, "part", permits)).taken);
    expect(results.filter(Boolean)).toHaveLength(14);
  });

  it("that are used up are remembered for a thousand callers; of all others the table is asked again", async () => {
    const { take } = processes([0]);
    const ask = (n: number) => take(0, `crowd-${n}`, { limit: 1, seconds: 60, batch: 1 });
    const refusedOnce = async (n: number) => expect([(await ask(n)).taken, (await ask(n)).taken]).toEqual([true, false]);
    await refusedOnce(0);
    for (let n = 1; n <= 1_000; n += 50) await Promise.all(Array.from({ length: 50 }, (_, more) => refusedOnce(n + more)));
    await refusedOnce(1_009);
    const [latest, first] = [await counted(() => ask(1_009)), await counted(() => ask(0))];
    expect([latest.result.taken, latest.writes]).toEqual([false, 0]);
    expect([first.result.taken, first.writes]).toEqual([false, 1]);
  });
});

describe("when the table cannot count", () => {
  const broken = async <T>(work: () => Promise<T>): Promise<T> => {
    client.middlewareStack.add(
      (next) => (args) => {
        if (!JSON.stringify((args.input as { Key?: unknown }).Key ?? "").includes("RATE#")) return next(args);
        throw Object.assign(new Error("throughput exceeded"), { name: "ProvisionedThroughputExceededException" });
      },
      { step: "initialize", name: "brokenRates" },
    );
    return work().finally(() => client.middlewareStack.remove("brokenRates"));
  };

  it("tickets are sold all the same: the seats have their own conditions", async () => {
    const { status, headers } = await broken(() => quote({}));
    expect([status, headers.get("ratelimit")]).toEqual([200, null]);
    const token = await tokenOf(1);
    const read = await broken(() => api.request("GET", `/events/${eventId}`, { token }));
    expect(read.status).toBe(200);
  });

  it("nobody may guess: what guards a secret is refused and may be asked again", async () => {
    await expect(broken(() => RateLimit.count("code", { kind: "public" }, "203.0.113.9"))).rejects.toMatchObject({
      code: "request.busy",
      extras: { retryAfterSeconds: 1 },
    });
  });
});

describe("sessions that begin", () => {
  it("are counted by where they come from, and those that are there go on", async () => {
    limits("sign_in=2/300");
    const [one, two, three] = [await tokenOf(1), await tokenOf(2), await tokenOf(3)];
    const read = (token: string, sourceIp = "203.0.113.50") => callFrom(sourceIp, { path: "/me", headers: { authorization: `Bearer ${token}` } });
    expect([(await read(one)).statusCode, (await read(two)).statusCode]).toEqual([200, 200]);
    const refusal = await read(three);
    expect([refusal.statusCode, JSON.parse(refusal.body).code]).toEqual([429, "request.too_many"]);
    expect(Number(refusal.headers["retry-after"])).toBeGreaterThan(0);
    for (const token of [one, two]) expect((await read(token)).statusCode).toBe(200);
    expect((await read(three, "198.51.100.50")).statusCode).toBe(200);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
