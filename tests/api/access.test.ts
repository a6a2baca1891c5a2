import { userIdFor } from "@fashionistas/core/user";
import { LOCAL_ISSUER } from "@fashionistas/local/issuer";
import { beforeAll, describe, expect, it } from "vitest";
import { eventDocument } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

const MISSING = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});

describe("somebody else's draft", () => {
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
      expect(await api.bytes(method, `/events/${draft.id}${tail}`, ask)).toEqual(await api.bytes(method, `/events/${MISSING}${tail}`, ask));
    }
  });
});

describe("an organizer who is one no more", () => {
  it("sees of the events they made what everybody sees, in the list of their own, too", async () => {
    const subject = "former-organizer";
    const token = await api.world.tokenOf("organizer", subject);
    const draft = await answered(api.request("POST", "/events", { token, body: eventDocument() }), 201);
    const mine = async () => (await answered(api.request("GET", "/events?mine=true", { token }), 200)).items.map(({ id }: { id: string }) => id);
    expect(await mine()).toEqual([draft.id]);
    await answered(api.request("PUT", `/users/${userIdFor(LOCAL_ISSUER, subject)}/role`, { token: shop.admin, body: { role: "attendee" } }), 200);
    await refused(api.request("GET", `/events/${draft.id}`, { token }), 404, "event.not_found");
    expect(await mine()).toEqual([]);
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
