import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EventView } from "@fashionistas/core/event/schema";
import { DAYS, MINUTES, present, travel } from "../kit/clock.ts";
import { eventDocument } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

const IN_2030 = (day: number) => ({
  startsAt: `2030-01-${String(day).padStart(2, "0")}T18:00:00.000Z`,
  endsAt: `2030-01-${String(day).padStart(2, "0")}T20:00:00.000Z`,
});

let api: Api;
let shop: Api["shop"];
/** Ids of 27 published events in January 2030, one a day, by date; and of three drafts among them. */
let published: string[];
let drafts: string[];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  const days = Array.from({ length: 27 }, (_, n) => n + 1);
  const shuffled = [...days].sort((a, b) => ((a * 7) % 27) - ((b * 7) % 27));
  const ids = new Map<number, string>();
  for (const day of shuffled) {
    const { id } = await shop.createEvent({ title: `Day ${day}`, ...IN_2030(day) });
    await shop.publish(id);
    ids.set(day, id);
  }
  published = days.map((day) => ids.get(day)!);
  drafts = [];
  for (const day of [5, 15, 25])
    drafts.push(
      (await shop.createEvent({ title: `Draft ${day}`, startsAt: `2030-01-${String(day).padStart(2, "0")}T10:00:00Z`, endsAt: IN_2030(day).endsAt })).id,
    );
});
afterEach(() => present());

const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);
const list = (query: string, token?: string) => api.request<any>("GET", `/events${query}`, token ? { token } : {});

/** Every item of a list, page by page; no page is larger than it may be. */
async function walk<T = EventView>(path: string, limit: number, token?: string, between?: () => Promise<unknown>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null, page = 0; page < 200; page++) {
    const join = path.includes("?") ? "&" : "?";
    const answer: { items: T[]; nextCursor: string | null } = await answered(
      api.request<any>("GET", `${path}${join}limit=${limit}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`, token ? { token } : {}),
      200,
    );
    expect(answer.items.length).toBeLessThanOrEqual(limit);
    items.push(...answer.items);
    if (answer.nextCursor === null) return items;
    cursor = answer.nextCursor;
    await between?.();
  }
  throw new Error("the list does not end");
}

describe("pages of GET /events", () => {
  it.each([1, 2, 4, 9, 26, 27, 28, 100])("show every published event once, by date, with %i a page", async (limit) => {
    expect((await walk("/events?startsBefore=2031-01-01T00:00:00Z", limit)).map(({ id }) => id)).toEqual(published);
  });

  it("hold 25 when nobody says how many", async () => {
    const first = await answered(list(""), 200);
    expect(idsOf(first)).toEqual(published.slice(0, 25));
    const rest = await answered(list(`?cursor=${first.nextCursor}`), 200);
    expect(idsOf(rest)).toEqual(published.slice(25));
    expect(rest.nextCursor).toBeNull();
  });

  it("neither repeat nor skip what stands when events come and change in between", async () => {
    let n = 0;
    const seen = await walk("/events?startsBefore=2031-01-01T00:00:00Z", 4, undefined, async () => {
      const early = await shop.createEvent({ ...IN_2030(1), startsAt: "2030-01-01T01:00:00.000Z", title: `Late comer ${n++}` });
      await shop.publish(early.id);
      await answered(api.request("POST", `/events/${early.id}/status`, { token: shop.organizer, body: { status: "cancelled", reason: "x" } }), 200);
    });
    expect(seen.map(({ id }) => id).filter((id) => published.includes(id))).toEqual(published);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  });

  it("are 1 to 100 long", async () => {
    for (const limit of ["0", "-1", "101", "1000000", "1.5", "abc", "", "NaN", "Infinity", "1e9", "5;DROP TABLE"])
      await refused(list(`?limit=${encodeURIComponent(limit)}`), 400, "input.invalid", ["limit"]);
    for (const limit of ["1", "100"]) await answered(list(`?limit=${limit}`), 200);
  });

  it("go on only from a cursor of this list", async () => {
    const { nextCursor } = await answered(list("?limit=3"), 200);
    const { id } = await shop.createEvent();
    for (let n = 0; n < 2; n++) await shop.createType(id, { name: `Type ${n}` });
    const ofTypes = (await answered(api.request("GET", `/tickets?eventId=${id}&limit=1`, { token: shop.organizer }), 200)).nextCursor;
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const key = JSON.parse(Buffer.from(nextCursor.split(".")[0]!, "base64url").toString()) as Record<string, string>;
    const wrong = {
      "no cursor": "nonsense",
      "half a cursor": nextCursor.slice(0, 40),
      "an empty one": "",
      "an empty key": encoded({}),
      "no key": encoded(null),
      "a list": encoded([]),
      "a number": encoded(7),
      "another partition": encoded({ ...key, gsi1pk: "EVENTS#private" }),
      "too few attributes": encoded({ pk: key["pk"], sk: key["sk"] }),
      "numbers for texts": encoded({ ...key, gsi1sk: 7 }),
      "another list's": ofTypes,
      "one that is too long": "A".repeat(2_001),
    };
    const got: Record<string, string> = {};
    for (const [name, cursor] of Object.entries(wrong)) {
      const { status, body } = await list(`?cursor=${encodeURIComponent(cursor)}`);
      got[name] = `${status} ${body.code} ${body.errors?.[0]?.path}`;
    }
    expect(got).toEqual(Object.fromEntries(Object.keys(wrong).map((name) => [name, "400 input.invalid cursor"])));
  });

  it("never let a cursor of one list open another one: what was private stays so", async () => {
    const { nextCursor } = await answered(list("?mine=true&limit=2", shop.organizer), 200);
    const { nextCursor: ofAdmin } = await answered(list("?limit=2", shop.admin), 200);
    for (const cursor of [nextCursor, ofAdmin]) {
      const { status, body } = await list(`?limit=100&cursor=${cursor}`);
      if (status === 200) expect(idsOf(body).filter((id) => drafts.includes(id))).toEqual([]);
      else expect(body.code).toBe("input.invalid");
    }
  });
});

describe("whose events GET /events lists", () => {
  it("published ones for the public and everybody else, drafts for nobody but their own people", async () => {
    for (const token of [
      undefined,
      api.otherOrganizer,
      ...(await Promise.all((["attendee", "sponsor", "designer", "model"] as const).map((role) => api.world.tokenOf(role)))),
    ]) {
      const items = await walk("/events", 100, token);
      expect(items.filter(({ status }) => status === "draft" || status === "review")).toEqual([]);
      expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(published));
    }
  });

  it("with mine=true an organizer's own, drafts included, and nobody else's", async () => {
    const foreign = await answered(api.request("POST", "/events", { token: api.otherOrganizer, body: eventDocument({ title: "Foreign" }) }), 201);
    const mine = (await walk("/events?mine=true", 10, shop.organizer)).map(({ id }) => id);
    expect(mine).toEqual(expect.arrayContaining([...published, ...drafts]));
    expect(mine).not.toContain(foreign.id);
    expect((await walk("/events?mine=true", 10, api.otherOrganizer)).map(({ id }) => id)).toEqual([foreign.id]);
    expect(await walk("/events?mine=true", 10, await api.world.tokenOf("attendee"))).toEqual([]);
    expect((await walk("/events?mine=false", 100, shop.organizer)).map(({ id }) => id)).not.toContain(drafts[0]);
  });

  it("with mine=true never somebody else's to a caller who is nobody", async () => {
    const { status, body } = await list("?mine=true");
    expect(status === 401 ? [] : idsOf(body)).toEqual([]);
  });

  it("all of them, drafts of everybody included, for an admin", async () => {
    const ids = (await walk("/events", 10, shop.admin)).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([...published, ...drafts]));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("filters of GET /events", () => {
  it("by date, at whatever offset it is written", async () => {
    const between = (from: string, to: string) =>
      walk(`/events?startsAfter=${encodeURIComponent(from)}&startsBefore=${encodeURIComponent(to)}`, 3).then((items) => items.map(({ id }) => id));
    expect(await between("2030-01-10T00:00:00Z", "2030-01-13T00:00:00Z")).toEqual(published.slice(9, 12));
    expect(await between("2030-01-10T20:30:00+02:00", "2030-01-12T19:30:00+01:00")).toEqual(published.slice(10, 12));
    expect(await between("2030-01-27T18:00:00.001Z", "2030-12-31T00:00:00Z")).toEqual([]);
  });

  it("by dates that leave nothing show nothing", async () => {
    for (const query of [
      "?startsAfter=2031-01-01T00:00:00Z&startsBefore=2030-01-01T00:00:00Z",
      "?startsAfter=9999-12-31T23:59:59Z",
      "?startsBefore=0001-01-01T00:00:00Z",
      "?mine=true&startsAfter=2031-01-01T00:00:00Z&startsBefore=2030-01-01T00:00:00Z",
    ]) {
      expect(await answered(list(query, shop.organizer), 200), query).toEqual({ items: [], nextCursor: null });
    }
  });

  it("by status, over all pages, as the status is at this instant", async () => {
    const { event } = await shop.onSale();
    const { event: cancelled } = await shop.onSale();
    await answered(api.request("POST", `/events/${cancelled.id}/status`, { token: shop.organizer, body: { status: "cancelled", reason: "x" } }), 200);
    for (const status of ["published", "on_sale", "cancelled"]) {
      const items = await walk(`/events?status=${status}`, 7);
      expect(items.length).toBeGreaterThan(0);
      expect(new Set(items.map((item) => item.status))).toEqual(new Set([status]));
    }
    expect((await walk("/events?status=on_sale", 7)).map(({ id }) => id)).toContain(event.id);
    expect((await walk("/events?status=published&startsBefore=2030-02-01T00:00:00Z", 7)).map(({ id }) => id)).toEqual(expect.arrayContaining(published));
    expect((await walk("/events?mine=true&status=draft", 7, shop.organizer)).map(({ id }) => id)).toEqual(expect.arrayContaining(drafts));
    expect(await walk("/events?status=draft", 7)).toEqual([]);
    travel(31 * DAYS);
    expect((await walk("/events?status=completed", 7)).map(({ id }) => id)).toContain(event.id);
  });

  it("by what was changed since an instant", async () => {
    travel(10 * MINUTES);
    const since = new Date(Date.now() + 10 * MINUTES).toISOString();
    travel(1_000);
    await answered(api.request("PUT", `/events/${published[3]}`, { token: shop.organizer, body: eventDocument(IN_2030(4)) }), 200);
    expect((await walk(`/events?updatedSince=${since}`, 5)).map(({ id }) => id)).toEqual([published[3]]);
    expect((await walk(`/events?mine=true&updatedSince=${since}`, 5, shop.organizer)).map(({ id }) => id)).toEqual([published[3]]);
  });

  it("that we do not know, or that say nothing, are refused by name", async () => {
    const wrong: [string, string][] = [
      ["?foo=1", "foo"],
      ["?status=open", "status"],
      ["?status=", "status"],
      ["?startsAfter=tomorrow", "startsAfter"],
      ["?startsBefore=2030-01-01", "startsBefore"],
      ["?startsBefore=2030-02-30T00:00:00Z", "startsBefore"],
      ["?updatedSince=0", "updatedSince"],
      ["?mine=maybe", "mine"],
      ["?organizerId=usr_demo_organizer", "organizerId"],
      ["?visibility=private", "visibility"],
      ["?__proto__=1", "__proto__"],
    ];
    for (const [query, path] of wrong) await refused(list(query), 400, "input.invalid", [path]);
  });
});

describe("GET /tickets", () => {
  it("lists an event's types once each, oldest first, page by page, with what is left of each", async () => {
    const draft = await shop.createEvent();
    const ids: string[] = [];
    for (let n = 0; n < 7; n++)
      ids.push(
        (await shop.createType(draft.id, { name: `Type ${n}`, quantityTotal: n + 1, isActive: n !== 3, ...(n % 3 === 2 ? { kind: "donation" } : {}) })).id,
      );
    for (const limit of [1, 3, 7, 100]) {
      const items = await walk<{ id: string; availableQuantity: number }>(`/tickets?eventId=${draft.id}`, limit, shop.organizer);
      expect(items.map(({ id }) => id)).toEqual(ids);
      expect(items.map(({ availableQuantity }) => availableQuantity)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    }
    await shop.publish(draft.id);
    for (const limit of [1, 3, 100])
      expect((await walk<{ id: string }>(`/tickets?eventId=${draft.id}`, limit)).map(({ id }) => id)).toEqual(ids.filter((_, n) => n !== 3));
    expect((await walk<{ id: string }>(`/tickets?eventId=${draft.id}&kind=donation`, 1)).map(({ id }) => id)).toEqual([ids[2], ids[5]]);
    expect(await walk(`/tickets?eventId=${draft.id}&kind=free`, 2)).toEqual([]);
  });

  it("lists what was changed since an instant", async () => {
    const draft = await shop.createEvent();
    const [, two] = [await shop.createType(draft.id), await shop.createType(draft.id, { name: "Two" })];
    const since = new Date(Date.now() + 1 * MINUTES).toISOString();
    travel(2 * MINUTES);
    await answered(
      api.request("PUT", `/tickets/${two.id}`, {
        token: shop.organizer,
        body: { name: "Three", kind: "paid", basePrice: { amount: 4_500, currency: "EUR" }, quantityTotal: 10 },
      }),
      200,
    );
    expect((await walk<{ id: string }>(`/tickets?eventId=${draft.id}&updatedSince=${since}`, 5, shop.organizer)).map(({ id }) => id)).toEqual([two.id]);
  });

  it("asks which event, and refuses what it does not know by name", async () => {
    const { event } = await shop.onSale();
    await refused(api.request("GET", "/tickets"), 400, "input.invalid", ["eventId"]);
    await refused(api.request("GET", "/tickets?eventId=nonsense"), 400, "input.invalid", ["eventId"]);
    await refused(api.request("GET", "/tickets?eventId=evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3"), 404, "event.not_found");
    for (const [query, path] of [
      ["kind=vip", "kind"],
      ["limit=0", "limit"],
      ["limit=101", "limit"],
      ["isActive=false", "isActive"],
      ["cursor=x", "cursor"],
      ["updatedSince=x", "updatedSince"],
    ])
      await refused(api.request("GET", `/tickets?eventId=${event.id}&${query}`), 400, "input.invalid", [path!]);
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
