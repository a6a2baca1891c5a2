import { userIdFor } from "@fashionistas/core/user";
import { demoUser, LOCAL_ISSUER } from "@fashionistas/local/issuer";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { eventDocument, purchaseBody } from "../kit/shop.ts";
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

  it("counts only when our issuer signed it, for us, and it has not expired", async () => {
    const claims = { sub: demoUser("organizer") };
    const seconds = Math.floor(Date.now() / 1_000);
    const { privateKey: strangersKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await answered(ask(`Bearer ${api.tokenWith(claims)}`), 201);
    const good = api.tokenWith(claims);
    const [head, payload, signature] = good.split(".") as [string, string, string];
    const unsigned = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    const wrong: Record<string, string> = {
      "expired an hour ago": api.tokenWith({ ...claims, exp: seconds - 3_600 }),
      "not yet valid": api.tokenWith({ ...claims, nbf: seconds + 3_600 }),
      "for somebody else": api.tokenWith({ ...claims, aud: "another-api" }),
      "from somebody else": api.tokenWith({ ...claims, iss: "https://evil.example.com" }),
      "signed by a stranger": api.tokenWith(claims, { key: strangersKey }),
      "signed by a stranger under a key id of their own": api.tokenWith(claims, { key: strangersKey, header: { kid: "mine" } }),
      unsigned: `${unsigned}.${payload}.`,
      "with the signature of nobody": `${head}.${payload}.AAAA`,
      "with other words under a good signature": `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: demoUser("admin") })).toString("base64url")}.${signature}`,
      "without a subject": api.tokenWith({ email: "a@example.com" }),
      "without an end": api.tokenWith({ ...claims, exp: undefined }),
      "no token": "nonsense",
      empty: "",
    };
    for (const [name, token] of Object.entries(wrong)) {
      const answer = await ask(`Bearer ${token}`);
      expect([name, answer.status, answer.body.code]).toEqual([name, 401, "actor.token_invalid"]);
      await refused(answer, 401, "actor.token_invalid");
    }
    for (const header of ["Basic dXNlcjpwYXNz", "Bearer", good, `Token ${good}`, `Bearer ${good} ${good}`])
      await refused(ask(header), 401, "actor.token_invalid");
  });

  it("that is wrong is refused also where none is needed: nobody is served as somebody they are not", async () => {
    const { type } = await shop.onSale();
    for (const [method, path] of [
      ["GET", "/events"],
      ["GET", "/health"],
      ["GET", `/tickets/${type.id}`],
    ])
      await refused(api.request(method!, path!, { token: "nonsense" }), 401, "actor.token_invalid");
    await refused(api.request("POST", `/tickets/${type.id}/purchase`, { token: "nonsense", body: purchaseBody() }), 401, "actor.token_invalid");
  });

  it("may name its scheme in any case, as HTTP says", async () => {
    await answered(ask(`bearer ${shop.organizer}`), 201);
  });

  it("gives no role and no permission: those are ours", async () => {
    for (const role of ["organizer", "admin", "system", "webhook", "public", ["admin"], { admin: true }, null]) {
      const claims = { sub: "usr_x", role, "custom:role": role, "cognito:groups": [role], permissions: ["events:manage"] };
      await refused(ask(`Bearer ${api.tokenWith(claims)}`), 403, "actor.not_allowed");
    }
  });

  it("signed with our public key as a shared secret is no token", async () => {
    const { createHmac, createPublicKey } = await import("node:crypto");
    const pem = createPublicKey(createPrivateKey(process.env["TEST_ISSUER_KEY"]!)).export({ format: "pem", type: "spki" });
    const [, payload] = api.tokenWith({ sub: demoUser("admin") }).split(".") as [string, string];
    const head = Buffer.from(JSON.stringify({ alg: "HS256", kid: "local-1", typ: "JWT" })).toString("base64url");
    await refused(ask(`Bearer ${head}.${payload}.${createHmac("sha256", pem).update(`${head}.${payload}`).digest("base64url")}`), 401, "actor.token_invalid");
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
