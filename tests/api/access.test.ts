import { beforeAll, describe, expect, it } from "vitest";
import type { Role } from "@fashionistas/core/actor";
import { everything } from "../kit/invariants.ts";
import { eventDocument, purchaseBody, typeDocument } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

const MISSING = { evt: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", tt: "tt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", ord: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" };
const OUTSIDERS = ["attendee", "sponsor", "designer", "model"] as const satisfies readonly Role[];

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});

type Call = { name: string; method: string; path: string; body?: unknown };

/** Every call that only those who manage an event may make, on this event and type. */
function managing(eventId: string, typeId: string): Call[] {
  const { eventId: _, ...replacement } = typeDocument("");
  return [
    { name: "PUT /events/:id", method: "PUT", path: `/events/${eventId}`, body: eventDocument({ title: "Taken over" }) },
    { name: "PUT /events/:id/capacities", method: "PUT", path: `/events/${eventId}/capacities`, body: { capacities: [] } },
    { name: "GET /events/:id/capacities", method: "GET", path: `/events/${eventId}/capacities` },
    { name: "POST /events/:id/status", method: "POST", path: `/events/${eventId}/status`, body: { status: "cancelled", reason: "Taken over" } },
    { name: "POST /tickets", method: "POST", path: "/tickets", body: typeDocument(eventId, { name: "Taken over" }) },
    { name: "PUT /tickets/:id", method: "PUT", path: `/tickets/${typeId}`, body: { ...replacement, name: "Taken over" } },
    { name: "DELETE /tickets/:id", method: "DELETE", path: `/tickets/${typeId}` },
    { name: "DELETE /events/:id", method: "DELETE", path: `/events/${eventId}` },
  ];
}

/** Every way to look at an event and its type. */
const reading = (eventId: string, typeId: string): Call[] => [
  { name: "GET /events/:id", method: "GET", path: `/events/${eventId}` },
  { name: "GET /events/:id/status-history", method: "GET", path: `/events/${eventId}/status-history` },
  { name: "GET /events/:id/availability", method: "GET", path: `/events/${eventId}/availability` },
  { name: "GET /tickets", method: "GET", path: `/tickets?eventId=${eventId}` },
  { name: "GET /tickets/:id", method: "GET", path: `/tickets/${typeId}` },
  { name: "POST /tickets/:id/purchase", method: "POST", path: `/tickets/${typeId}/purchase`, body: purchaseBody() },
];

const journalLength = async () => ((await everything(api.world)).get("journal-entry") ?? []).length;

describe("what only organizers and admins may do", () => {
  it("asks the public to sign in, and tells everybody else that they may not, and does nothing", async () => {
    for (const published of [false, true]) {
      const draft = await shop.createEvent();
      const type = await shop.createType(draft.id);
      if (published) await shop.publish(draft.id);
      const tokens = await Promise.all(OUTSIDERS.map((role) => api.world.tokenOf(role)));
      const before = await journalLength();
      for (const { method, path, body } of [...managing(draft.id, type.id), { method: "POST", path: "/events", body: eventDocument() }]) {
        const ask = body === undefined ? {} : { body };
        await refused(api.request(method, path, ask), 401, "actor.unauthenticated");
        for (const token of tokens) await refused(api.request(method, path, { ...ask, token }), 403, "actor.not_allowed");
      }
      expect(await journalLength()).toBe(before);
    }
  });

  it("says the same of what there is and of what there is not", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    const tokens = [undefined, ...(await Promise.all(OUTSIDERS.map((role) => api.world.tokenOf(role))))];
    const missing = managing(MISSING.evt, MISSING.tt);
    for (const [n, { method, path, body }] of managing(draft.id, type.id).entries()) {
      for (const token of tokens) {
        const ask = { ...(body === undefined ? {} : { body }), ...(token ? { token } : {}) };
        expect(await api.bytes(method, path, ask)).toEqual(
          await api.bytes(method, missing[n]!.path, { ...ask, ...(missing[n]!.body === undefined ? {} : { body: missing[n]!.body }) }),
        );
      }
    }
  });
});

describe("somebody else's draft", () => {
  it("is to the byte what is missing, for whoever does not manage it, whatever they try", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    const inReview = await shop.createEvent();
    const itsType = await shop.createType(inReview.id);
    await answered(api.request("POST", `/events/${inReview.id}/status`, { token: shop.organizer, body: { status: "review" } }), 200);
    const hidden = await shop.createEvent();
    const hiddenType = await shop.createType(hidden.id);
    await answered(api.request("POST", `/events/${hidden.id}/status`, { token: shop.organizer, body: { status: "cancelled", reason: "x" } }), 200);
    const before = await journalLength();

    for (const [eventId, typeId] of [
      [draft.id, type.id],
      [inReview.id, itsType.id],
      [hidden.id, hiddenType.id],
    ] as const) {
      const missing = [...managing(MISSING.evt, MISSING.tt), ...reading(MISSING.evt, MISSING.tt)];
      for (const [n, { name, method, path, body }] of [...managing(eventId, typeId), ...reading(eventId, typeId)].entries()) {
        const ask = { token: api.otherOrganizer };
        const answer = await api.bytes(method, path, { ...ask, ...(body === undefined ? {} : { body }) });
        expect(answer.status, name).toBe(404);
        expect(answer, name).toEqual(
          await api.bytes(method, missing[n]!.path, { ...ask, ...(missing[n]!.body === undefined ? {} : { body: missing[n]!.body }) }),
        );
      }
      for (const [n, { name, method, path, body }] of reading(eventId, typeId).entries()) {
        for (const token of [undefined, await api.world.tokenOf("attendee")]) {
          const ask = { ...(token ? { token } : {}), ...(body === undefined ? {} : { body }) };
          expect(await api.bytes(method, path, ask), name).toEqual(await api.bytes(method, reading(MISSING.evt, MISSING.tt)[n]!.path, ask));
        }
      }
    }
    expect(await journalLength()).toBe(before);
  });

  it("stays unknown to whoever knows its ETag, or sends a wrong body", async () => {
    const draft = await shop.createEvent();
    const etag = (await api.request("GET", `/events/${draft.id}`, { token: shop.organizer })).headers.get("etag")!;
    const probes: [string, string, unknown, Record<string, string>][] = [
      ["GET", "", undefined, { "if-none-match": etag }],
      ["GET", "", undefined, { "if-none-match": "*" }],
      ["PUT", "", eventDocument(), { "if-match": etag }],
      ["PUT", "", eventDocument(), { "if-match": '"7-stale"' }],
      ["PUT", "", { title: "" }, {}],
      ["PUT", "", "{", {}],
      ["DELETE", "", undefined, { "if-match": '"7-stale"' }],
      ["POST", "/status", { status: "published" }, {}],
      ["POST", "/status", { status: "cancelled" }, {}],
      ["POST", "/status", { status: "nonsense" }, {}],
    ];
    for (const [method, tail, body, headers] of probes) {
      const ask = { token: api.otherOrganizer, headers, ...(body === undefined ? {} : { body }) };
      expect(await api.bytes(method, `/events/${draft.id}${tail}`, ask)).toEqual(await api.bytes(method, `/events/${MISSING.evt}${tail}`, ask));
    }
  });
});

describe("somebody else's published event", () => {
  it("is there to read and to buy, and missing to whoever wants to change it", async () => {
    const { event, type } = await shop.onSale();
    for (const { name, method, path, body } of reading(event.id, type.id)) {
      const { status } = await api.request(method, path, { token: api.otherOrganizer, ...(body === undefined ? {} : { body }) });
      expect(status, name).toBe(method === "POST" ? 201 : 200);
    }
    const missing = managing(MISSING.evt, MISSING.tt);
    for (const [n, { name, method, path, body }] of managing(event.id, type.id).entries()) {
      const answer = await api.bytes(method, path, { token: api.otherOrganizer, ...(body === undefined ? {} : { body }) });
      expect(answer.status, name).toBe(404);
      expect(answer, name).toEqual(
        await api.bytes(method, missing[n]!.path, { token: api.otherOrganizer, ...(missing[n]!.body === undefined ? {} : { body: missing[n]!.body }) }),
      );
    }
    expect(await answered(api.request("GET", `/events/${event.id}`), 200)).toMatchObject({ title: event.title, status: "on_sale" });
  });

  it("is an admin's to change", async () => {
    const draft = await shop.createEvent();
    const type = await shop.createType(draft.id);
    for (const { name, method, path, body } of managing(draft.id, type.id).filter(({ name }) => name !== "POST /events/:id/status")) {
      const { status } = await api.request(method, path, { token: shop.admin, ...(body === undefined ? {} : { body }) });
      expect([name, status < 300]).toEqual([name, true]);
    }
  });
});

describe("a bearer token", () => {
  const ask = (authorization: string) => api.request("POST", "/events", { headers: { authorization }, body: eventDocument() });

  it("gives no role and no permission: those are ours", async () => {
    for (const role of ["organizer", "admin", "system", "webhook", "public", ["admin"], { admin: true }, null]) {
      const claims = { sub: "usr_x", role, "custom:role": role, "cognito:groups": [role], permissions: ["events:manage"] };
      await refused(ask(`Bearer ${api.tokenWith(claims)}`), 403, "actor.not_allowed");
    }
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
