import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DAYS, present, travel } from "../kit/clock.ts";
import { eventDocument, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

const MALFORMED = ["1", '"1"', "abc", '"abc"', '"-1-abcdef"', 'W/"1-abcdef"', '"1-abc', '"1-abc\u00e9"', '""', "1-abcdef"];

let api: Api;
let shop: Api["shop"];
let token: string;
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  token = shop.organizer;
});
afterEach(() => present());

const read = (path: string, headers: Record<string, string> = {}, as?: string) => api.request<any>("GET", path, { headers, ...(as ? { token: as } : {}) });
const etagOf = async (path: string, as?: string): Promise<string> => (await read(path, {}, as)).headers.get("etag")!;
const replacement = (change: Record<string, unknown> = {}) => {
  const { eventId: _, ...document } = typeDocument("", change);
  return document;
};

describe("If-None-Match", () => {
  const documents: [string, (shown: { event: { id: string }; type: { id: string } }) => string][] = [
    ["an event", ({ event }) => `/events/${event.id}`],
    ["a ticket type", ({ type }) => `/tickets/${type.id}`],
    ["a list of events", () => "/events?limit=100"],
    ["a list of ticket types", ({ event }) => `/tickets?eventId=${event.id}`],
  ];

  it.each(documents)("saves whoever has %s already from getting it again", async (_name, pathOf) => {
    const path = pathOf(await shop.onSale());
    const first = await read(path);
    const etag = first.headers.get("etag")!;
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(first.headers.get("cache-control")).toBe("public, max-age=0, must-revalidate");
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, `"other",W/${etag} , "more"`, "*"]) {
      const again = await read(path, { "if-none-match": known });
      expect(again.status, known).toBe(304);
      expect(again.body).toBe("");
      expect(again.headers.get("etag")).toBe(etag);
      expect(again.headers.get("cache-control")).toBe("public, max-age=0, must-revalidate");
    }
    for (const known of ['"other"', etag.slice(1, -1), `"x${etag.slice(1)}`, ""])
      expect((await read(path, { "if-none-match": known })).status, known).toBe(200);
  });

  it.each(documents)("knows %s by the same ETag as long as nothing has changed", async (_name, pathOf) => {
    const path = pathOf(
      await shop.onSale(
        { description: { it: "Uno", en: "One", de: "Eins", fr: "Un" } },
        { title: { it: "Uno", en: "One", de: "Eins", fr: "Un" }, venue: { name: "A", address: "B", city: "C", country: "IT" } },
      ),
    );
    const etags = new Set<string>();
    for (let n = 0; n < 12; n++) etags.add(await etagOf(path));
    expect(etags.size).toBe(1);
  });

  it("lets nobody miss a change: of the document, of the stock, of the clock", async () => {
    const { event, type } = await shop.onSale();
    const [eventPath, typePath, listPath] = [`/events/${event.id}`, `/tickets/${type.id}`, `/tickets?eventId=${event.id}`];
    const changed = async (path: string, change: () => Promise<unknown>) => {
      const etag = await etagOf(path);
      await change();
      expect((await read(path, { "if-none-match": etag })).status, path).toBe(200);
    };
    await changed(eventPath, () => answered(api.request("PUT", eventPath, { token, body: eventDocument({ title: "New" }) }), 200));
    await changed(typePath, () => answered(api.request("PUT", typePath, { token, body: replacement({ name: "New" }) }), 200));
    await changed(typePath, () => shop.buy(type.id));
    await changed(listPath, () => shop.buy(type.id));
    await changed("/events?limit=100", async () => travel(29 * DAYS + 86_400_000));
    present();
    await changed(eventPath, async () => travel(30 * DAYS));
  });

  it("never lets a shared cache keep what only some may see", async () => {
    const { event, type } = await shop.onSale();
    const draft = await shop.createEvent();
    for (const path of [
      `/events/${event.id}`,
      `/events/${draft.id}`,
      `/tickets/${type.id}`,
      "/events?mine=true",
      `/tickets?eventId=${event.id}`,
      `/events/${event.id}/status-history`,
    ]) {
      const answer = await read(path, {}, token);
      expect(answer.headers.get("cache-control"), path).toBe("private, no-store");
      const etag = answer.headers.get("etag");
      if (etag) expect((await read(path, { "if-none-match": etag }, token)).headers.get("cache-control"), path).toBe("private, no-store");
    }
    expect((await read(`/events/${event.id}`, { "order-token": "v1.x" })).headers.get("cache-control")).toBe("private, no-store");
  });
});

describe("If-Match", () => {
  type Target = {
    name: string;
    make(): Promise<string>;
    change(path: string, headers: Record<string, string>): Promise<{ status: number; headers: Headers; body: any }>;
    success: number;
  };
  const targets: Target[] = [
    {
      name: "PUT /events/:id",
      make: async () => `/events/${(await shop.createEvent()).id}`,
      change: (path, headers) => api.request("PUT", path, { token, headers, body: eventDocument({ title: "Changed" }) }),
      success: 200,
    },
    {
      name: "DELETE /events/:id",
      make: async () => `/events/${(await shop.createEvent()).id}`,
      change: (path, headers) => api.request("DELETE", path, { token, headers }),
      success: 204,
    },
    {
      name: "PUT /tickets/:id",
      make: async () => `/tickets/${(await shop.createType((await shop.createEvent()).id)).id}`,
      change: (path, headers) => api.request("PUT", path, { token, headers, body: replacement({ name: "Changed" }) }),
      success: 200,
    },
    {
      name: "DELETE /tickets/:id",
      make: async () => `/tickets/${(await shop.createType((await shop.createEvent()).id)).id}`,
      change: (path, headers) => api.request("DELETE", path, { token, headers }),
      success: 204,
    },
  ];
  const touch = async (path: string) =>
    answered(
      api.request("PUT", path, { token, body: path.startsWith("/events") ? eventDocument({ title: "Meanwhile" }) : replacement({ name: "Meanwhile" }) }),
      200,
    );

  it.each(targets)("lets $name through when it names what stands, or anything, or is not sent", async ({ make, change, success }) => {
    const path = await make();
    await answered(change(path, { "if-match": await etagOf(path, token) }), success);
    await answered(change(await make(), { "if-match": "*" }), success);
    await answered(change(await make(), {}), success);
  });

  it("lets a change through when one of several ETags that it names is what stands", async () => {
    for (const { make, change, success } of targets) {
      const path = await make();
      await answered(change(path, { "if-match": `"7-other", ${await etagOf(path, token)}` }), success);
    }
  });

  it.each(targets)("refuses $name when it was changed since it was read, and changes nothing", async ({ make, change }) => {
    const path = await make();
    const stale = await etagOf(path, token);
    await touch(path);
    const before = await answered(read(path, {}, token), 200);
    const problem = await refused(change(path, { "if-match": stale }), 412, "request.precondition_failed");
    expect(problem.detail).toMatch(/again/);
    expect(await answered(read(path, {}, token), 200)).toEqual(before);
    expect(await api.journalOf(before.id)).toHaveLength(2);
  });

  it.each(targets)("refuses $name when it is no ETag of ours: what cannot be compared does not match", async ({ make, change }) => {
    const path = await make();
    for (const header of MALFORMED) await refused(change(path, { "if-match": header }), 412, "request.precondition_failed");
    expect(await answered(read(path, {}, token), 200)).toMatchObject({ version: 1 });
  });

  it.each(targets)("says of $name that there is nothing, not that it is stale, where there is nothing", async ({ make, change }) => {
    const path = await make();
    const code = path.startsWith("/events") ? "event.not_found" : "ticket_type.not_found";
    const missing = path.replace(/_.*/, "_01J8Z3K4M5N6P7Q8R9S0T1V2W3");
    await refused(change(missing, { "if-match": '"9-abcdef"' }), 404, code);
    await refused(change(missing, { "if-match": "malformed" }), 404, code);
  });

  it("lets one of two editors win, and the other one see what the first has written", async () => {
    const draft = await shop.createEvent();
    const path = `/events/${draft.id}`;
    const etag = await etagOf(path, token);
    const edit = (n: number) => api.request("PUT", path, { token, headers: { "if-match": etag }, body: eventDocument({ title: `Editor ${n}` }) });
    const answers = await atOnce(4, edit);
    const counts = tally(answers);
    expect(counts["200"], JSON.stringify(counts)).toBe(1);
    expect((counts["412 request.precondition_failed"] ?? 0) + (counts["409 request.conflict"] ?? 0), JSON.stringify(counts)).toBe(3);
    expect(await answered(read(path, {}, token), 200)).toMatchObject({ version: 2, title: answers.find(({ status }) => status === 200)!.body.title });
  });

  it("may go on with the ETag of the change before, without reading in between", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    for (const [path, body] of [
      [`/events/${draft.id}`, eventDocument()],
      [`/tickets/${type.id}`, replacement()],
    ] as const) {
      let etag = await etagOf(path, token);
      for (let n = 0; n < 3; n++) {
        const answer = await api.request("PUT", path, { token, headers: { "if-match": etag }, body });
        await answered(answer, 200);
        etag = answer.headers.get("etag")!;
        expect(etag).toMatch(/^"[\w-]+"$/);
      }
    }
  });

  it("of a ticket type is not stale because somebody bought a ticket: that changes no document", async () => {
    const { type } = await shop.onSale();
    const etag = await etagOf(`/tickets/${type.id}`, token);
    await shop.buy(type.id);
    await answered(api.request("PUT", `/tickets/${type.id}`, { token, headers: { "if-match": etag }, body: replacement({ name: "Renamed" }) }), 200);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
