import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { eventDocument, purchaseBody } from "../kit/shop.ts";
import { openApi, refused, type Api } from "./support.ts";

/** What forges tokens: any header and claims, signed by any key with any of the RSA algorithms, or not at all. */
type Forgery = { header?: Record<string, unknown>; claims?: Record<string, unknown>; key: KeyObject; digest?: string };

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const seconds = () => Math.floor(Date.now() / 1_000);

function forged({ header = {}, claims = {}, key, digest = "sha256" }: Forgery): string {
  const words = `${part({ alg: "RS256", kid: "local-1", typ: "JWT", ...header })}.${part({ ...standardClaims(), ...claims })}`;
  return `${words}.${sign(digest, Buffer.from(words), key).toString("base64url")}`;
}

function standardClaims() {
  return {
    iss: process.env["AUTH_ISSUER"],
    aud: process.env["AUTH_AUDIENCE"],
    sub: "a-subject",
    iat: seconds(),
    exp: seconds() + 3_600,
    token_use: "id",
  };
}

const ours = createPrivateKey(process.env["TEST_ISSUER_KEY"]!);
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
const strangersJwk = { ...stranger.publicKey.export({ format: "jwk" }), kid: "mine", alg: "RS256", use: "sig" };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
});

/** Serves keys, counts how often they are asked for, and can fail. */
async function keyServer(keys: object[]) {
  const state = { keys, asked: 0, status: 200, body: undefined as string | undefined, url: "" };
  const server = http.createServer((_, response) => {
    state.asked += 1;
    response.writeHead(state.status, { "content-type": "application/json" }).end(state.body ?? JSON.stringify({ keys: state.keys }));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const close = () => new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections()));
  closers.push(close);
  return Object.assign(state, { close });
}

describe("a request with a token", () => {
  let api: Api;
  beforeAll(async () => {
    api = await openApi();
  });

  const ask = (authorization: string) => api.request("GET", "/events", { headers: { authorization } });
  const refusedAs = async (name: string, token: string) => {
    const answer = await ask(`Bearer ${token}`);
    expect([name, answer.status, answer.body.code]).toEqual([name, 401, "actor.token_invalid"]);
    await refused(answer, 401, "actor.token_invalid");
  };

  it("is served when our issuer signed it, whatever the case of its scheme", async () => {
    const token = forged({ key: ours });
    for (const scheme of ["Bearer", "bearer", "BEARER"]) expect((await ask(`${scheme} ${token}`)).status).toBe(200);
  });

  it("is refused when nobody signed it, or a stranger did", async () => {
    const good = forged({ key: ours });
    const [head, payload, signature] = good.split(".") as [string, string, string];
    const unsigned = (alg: string) => part({ alg, kid: "local-1", typ: "JWT" });
    await refusedAs("no signature", `${head}.${payload}.`);
    await refusedAs("two parts", `${head}.${payload}`);
    await refusedAs("the signature of nobody", `${head}.${payload}.AAAA`);
    await refusedAs("a part of the signature", `${head}.${payload}.${signature.slice(0, -8)}`);
    for (const alg of ["none", "None", "NONE", "nOnE", ""])
      for (const tail of ["", signature]) await refusedAs(`alg "${alg}" and "${tail.slice(0, 4)}"`, `${unsigned(alg)}.${payload}.${tail}`);
    await refusedAs("other words under a good signature", `${head}.${part({ ...standardClaims(), sub: "somebody-else" })}.${signature}`);
    await refusedAs("another header under a good signature", `${part({ alg: "RS256", kid: "local-1" })}.${payload}.${signature}`);
    await refusedAs("a stranger's", forged({ key: stranger.privateKey }));
    await refusedAs("an encrypted one", `${part({ alg: "dir", enc: "A256GCM" })}..AAAA.AAAA.AAAA`);
    await refusedAs("no token", "nonsense");
    await refusedAs("an empty one", "");
  });

  it("is refused when our public key was used as a shared secret", async () => {
    const publicKey = createPublicKey(ours);
    const secrets = {
      pem: publicKey.export({ format: "pem", type: "spki" }),
      der: publicKey.export({ format: "der", type: "spki" }),
      jwk: JSON.stringify(publicKey.export({ format: "jwk" })),
    };
    for (const [form, secret] of Object.entries(secrets))
      for (const [alg, digest] of [
        ["HS256", "sha256"],
        ["HS384", "sha384"],
        ["HS512", "sha512"],
      ] as const) {
        const words = `${part({ alg, kid: "local-1", typ: "JWT" })}.${part(standardClaims())}`;
        await refusedAs(`${alg} with ${form}`, `${words}.${createHmac(digest, secret).update(words).digest("base64url")}`);
      }
  });

  it("is refused with any algorithm but the one, even when our own key signed it", async () => {
    await refusedAs("RS512", forged({ key: ours, digest: "sha512", header: { alg: "RS512" } }));
    await refusedAs("RS384", forged({ key: ours, digest: "sha384", header: { alg: "RS384" } }));
    await refusedAs("RS256 called PS256", forged({ key: ours, header: { alg: "PS256" } }));
    await refusedAs("RS256 called ES256", forged({ key: ours, header: { alg: "ES256" } }));
  });

  it("is not verified with a key that it brings along or says where to fetch", async () => {
    const theirs = await keyServer([strangersJwk]);
    const x5c = [stranger.publicKey.export({ format: "der", type: "spki" }).toString("base64")];
    for (const kid of ["local-1", "mine"])
      for (const header of [
        { jwk: strangersJwk },
        { jku: theirs.url },
        { x5u: theirs.url },
        { x5c },
        { jwk: strangersJwk, jku: theirs.url, x5u: theirs.url, x5c },
      ])
        await refusedAs(Object.keys(header).join(), forged({ key: stranger.privateKey, header: { ...header, kid } }));
    expect(theirs.asked).toBe(0);
  });

  it("is refused whatever stands where the key's id belongs", async () => {
    const kids = [
      "../../../../dev/null",
      "' OR '1'='1",
      "local-1\u0000",
      "__proto__",
      "constructor",
      "",
      "x".repeat(2_000),
      ["local-1"],
      { id: "local-1" },
      1,
      null,
      true,
    ];
    for (const kid of kids) await refusedAs(JSON.stringify(kid), forged({ key: stranger.privateKey, header: { kid } }));
  });

  it("is refused when it wants to be read in a way that we do not know", async () => {
    await refusedAs("an extension", forged({ key: ours, header: { crit: ["exp"], exp: seconds() + 60 } }));
    await refusedAs("a payload that is not encoded", forged({ key: ours, header: { crit: ["b64"], b64: false } }));
  });

  it("is refused when it is for somebody else, from somebody else, or does not say whose it is", async () => {
    const { iss, aud } = standardClaims();
    for (const claims of [
      { aud: "another-api" },
      { aud: ["another-api", "a-third"] },
      { aud: [] },
      { aud: undefined },
      { aud: `${aud} ` },
      { aud: { [aud!]: true } },
      { iss: "https://evil.example.com" },
      { iss: `${iss}/` },
      { iss: iss!.toUpperCase() },
      { iss: undefined },
      { iss: [iss] },
      { sub: undefined },
      { sub: "" },
      { sub: 7 },
      { sub: ["a-subject"] },
      { token_use: "access" },
      { token_use: "refresh" },
      { token_use: null, aud: undefined, client_id: aud },
    ])
      await refusedAs(JSON.stringify(claims), forged({ key: ours, claims }));
    expect((await ask(`Bearer ${forged({ key: ours, claims: { aud: ["another-api", aud] } })}`)).status).toBe(200);
  });

  it("is refused when it has no end, no beginning, or writes its times otherwise than in seconds", async () => {
    for (const claims of [
      { exp: undefined },
      { exp: null },
      { exp: String(seconds() + 3_600) },
      { exp: 0 },
      { exp: -1 },
      { iat: undefined },
      { iat: "now" },
      { nbf: String(seconds() - 10) },
      { nbf: seconds() + 3_600 },
    ])
      await refusedAs(JSON.stringify(claims), forged({ key: ours, claims }));
  });

  it("is refused unread when it is longer than any issuer writes, and served when it is merely long", async () => {
    expect((await ask(`Bearer ${forged({ key: ours, claims: { groups: "g".repeat(4_000) } })}`)).status).toBe(200);
    for (const token of [forged({ key: ours, claims: { groups: "g".repeat(6_800) } }), "a".repeat(9_000), `${part({ alg: "RS256" })}${".a".repeat(4_000)}`])
      await refused(ask(`Bearer ${token}`), 431, "request.headers_too_large");
  });

  it("is refused in any form but that of the one header", async () => {
    const good = forged({ key: ours });
    for (const header of [
      "Basic dXNlcjpwYXNz",
      "Bearer",
      good,
      `Token ${good}`,
      `Bearer ${good} ${good}`,
      `Bearer ${good},Bearer ${good}`,
      `Bearer "${good}"`,
      `Bearer=${good}`,
    ])
      await refused(ask(header), 401, "actor.token_invalid");
  });

  it("that is wrong is refused also where none is needed: nobody is served as somebody they are not", async () => {
    const { type } = await api.shop.onSale();
    for (const path of ["/events", "/health", `/tickets/${type.id}`])
      await refused(api.request("GET", path, { token: "nonsense" }), 401, "actor.token_invalid");
    await refused(api.request("POST", `/tickets/${type.id}/purchase`, { token: "nonsense", body: purchaseBody() }), 401, "actor.token_invalid");
  });

  it("is not looked for in the query, in cookies or in other headers", async () => {
    const token = api.shop.organizer;
    for (const [query, headers] of [
      [`?access_token=${token}`, {}],
      [`?token=${token}&authorization=Bearer%20${token}`, {}],
      ["", { cookie: `access_token=${token}; id_token=${token}; authorization=Bearer ${token}; session=${token}` }],
      ["", { "x-access-token": token, "x-id-token": token, "x-authorization": `Bearer ${token}`, "x-forwarded-authorization": `Bearer ${token}` }],
      ["", { "proxy-authorization": `Bearer ${token}`, "x-amzn-oidc-data": token, "x-amz-security-token": token }],
      ["", { "x-user-id": "usr_demo_admin", "x-role": "admin", "x-forwarded-user": "usr_demo_admin" }],
    ] as const)
      await refused(api.request("POST", `/events${query}`, { headers, body: eventDocument() }), 401, "actor.unauthenticated");
  });

  it("answers as its documentation says", async () => {
    expect(await api.undocumented()).toEqual([]);
  });
});

describe("the clock", () => {
  let verify: (token: string) => Promise<unknown>;
  beforeEach(async () => {
    verify = await verifierOf(await keyServer([ourJwk]));
    vi.useFakeTimers({ toFake: ["Date"] });
  });

  it("of whoever asks or issues may be half a minute off, and no more", async () => {
    const now = seconds();
    for (const late of [0, 29]) expect(await verify(forged({ key: ours, claims: { exp: now - late, iat: now - 600 } })), `${late} s late`).toBeDefined();
    for (const late of [31, 3_600, 86_400])
      await expect(verify(forged({ key: ours, claims: { exp: now - late, iat: now - 90_000 } })), `${late} s late`).rejects.toMatchObject(INVALID);
    for (const early of [0, 29]) expect(await verify(forged({ key: ours, claims: { nbf: now + early } })), `${early} s early`).toBeDefined();
    for (const early of [31, 3_600])
      await expect(verify(forged({ key: ours, claims: { nbf: now + early } })), `${early} s early`).rejects.toMatchObject(INVALID);
  });

  it("ends a token that was good before", async () => {
    const token = forged({ key: ours, claims: { exp: seconds() + 60 } });
    await verify(token);
    vi.setSystemTime(Date.now() + 89_000);
    await verify(token);
    vi.setSystemTime(Date.now() + 2_000);
    await expect(verify(token)).rejects.toMatchObject(INVALID);
  });
});

describe("the issuer's keys", () => {
  const next = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const nextJwk = { ...next.publicKey.export({ format: "jwk" }), kid: "next", alg: "RS256", use: "sig" };
  const rotated = () => forged({ key: next.privateKey, header: { kid: "next" } });
  const good = () => forged({ key: ours, claims: { exp: seconds() + 86_400 } });
  const inAWhile = (ms: number) => void vi.setSystemTime(Date.now() + ms);
  const MINUTE = 60_000;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });

  it("are asked for once for many calls, at the same moment and after, and again in ten minutes", async () => {
    const server = await keyServer([ourJwk]);
    const verify = await verifierOf(server);
    await Promise.all(Array.from({ length: 50 }, () => verify(good())));
    for (let n = 0; n < 50; n += 1) await verify(good());
    expect(server.asked).toBe(1);
    inAWhile(9 * MINUTE);
    await verify(good());
    expect(server.asked).toBe(1);
    inAWhile(2 * MINUTE);
    await verify(good());
    expect(server.asked).toBe(2);
  });

  it("are not asked for by a key id that nobody knows more than twice a minute", async () => {
    const server = await keyServer([ourJwk]);
    const verify = await verifierOf(server);
    const unknown = (n: number) => forged({ key: stranger.privateKey, header: { kid: `unknown-${n}` } });
    for (let n = 0; n < 20; n += 1) await expect(verify(unknown(n))).rejects.toMatchObject(INVALID);
    expect(server.asked).toBe(1);
    inAWhile(31_000);
    await Promise.allSettled(Array.from({ length: 20 }, (_, n) => verify(unknown(n))));
    for (let n = 0; n < 20; n += 1) await expect(verify(unknown(n))).rejects.toMatchObject(INVALID);
    expect(server.asked).toBe(2);
  });

  it("may change: a new one counts half a minute after the last look, an old one no more once it is taken away", async () => {
    const server = await keyServer([ourJwk]);
    const verify = await verifierOf(server);
    await verify(good());
    server.keys = [ourJwk, nextJwk];
    await expect(verify(rotated())).rejects.toMatchObject(INVALID);
    inAWhile(31_000);
    await verify(rotated());
    await verify(good());
    server.keys = [nextJwk];
    inAWhile(11 * MINUTE);
    await verify(rotated());
    await expect(verify(good())).rejects.toMatchObject(INVALID);
  });

  it.each([
    ["does not answer", { status: 500 }],
    ["answers nonsense", { body: "<html>" }],
    ["answers something that are no keys", { body: '{"keys":"none"}' }],
    ["sends us elsewhere", { status: 302 }],
  ])("that were never read while the issuer %s refuse nobody: come again", async (_, trouble) => {
    const server = Object.assign(await keyServer([ourJwk]), trouble);
    const verify = await verifierOf(server);
    await expect(verify(good())).rejects.toMatchObject(UNAVAILABLE);
    for (let n = 0; n < 20; n += 1) await expect(verify(good())).rejects.toMatchObject(UNAVAILABLE);
    expect(server.asked).toBe(1);
    Object.assign(server, { status: 200, body: undefined });
    inAWhile(5_000);
    await verify(good());
    expect(server.asked).toBe(2);
  });

  it("still count while the issuer is down, and what they can't decide is put off", async () => {
    const server = await keyServer([ourJwk]);
    const verify = await verifierOf(server);
    await verify(good());
    await server.close();
    inAWhile(11 * MINUTE);
    await verify(good());
    await expect(verify(rotated())).rejects.toMatchObject(UNAVAILABLE);
    await expect(verify(forged({ key: stranger.privateKey }))).rejects.toMatchObject(INVALID);
    await expect(verify(forged({ key: ours, claims: { exp: seconds() - 60 } }))).rejects.toMatchObject(INVALID);
  });

  it("that cannot be read make every call with a token a 503 that says when to come back, and none without", async () => {
    vi.useRealTimers();
    vi.stubEnv("AUTH_JWKS_URL", "http://127.0.0.1:1/keys");
    vi.resetModules();
    const { app } = await import("@fashionistas/functions/api/app");
    const answer = await app.request("/health", { headers: { authorization: `Bearer ${good()}` } });
    expect([answer.status, answer.headers.get("retry-after"), answer.headers.get("www-authenticate")]).toEqual([503, "5", null]);
    expect(await answer.json()).toMatchObject({ code: "actor.keys_unavailable", detail: expect.stringContaining("Try again") });
    expect((await app.request("/health")).status).toBe(200);
  });
});

const INVALID = { code: "actor.token_invalid" };
const UNAVAILABLE = { code: "actor.keys_unavailable", extras: { retryAfterSeconds: 5 } };
const ourJwk = { ...createPublicKey(ours).export({ format: "jwk" }), kid: "local-1", alg: "RS256", use: "sig" };

/** A process that has just started, and takes its keys from there. */
async function verifierOf({ url }: { url: string }) {
  vi.stubEnv("AUTH_JWKS_URL", url);
  vi.resetModules();
  const { verified } = await import("@fashionistas/functions/api/middleware/token");
  return (token: string) => verified(`Bearer ${token}`);
}
