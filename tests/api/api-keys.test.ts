import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as ApiKey from "@fashionistas/core/api-key";
import type { ApiKeyWithSecret } from "@fashionistas/core/api-key/schema";
import { withContext } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";
import { setLogSink, type LogSink } from "@fashionistas/core/log";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { DAYS, MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { eventDocument, FREE, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api, type Ask } from "./support.ts";

const UNKNOWN = `fk_01J8Z3K4M5N6P7Q8R9S0T1V2W3_${"A".repeat(43)}`;

let api: Api;
let shop: Api["shop"];
const secrets: string[] = [];
const lines: string[] = [];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  const note = (level: keyof LogSink) => (message: string, fields?: object) => void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  setLogSink({ info: note("info"), warn: note("warn"), error: note("error") });
});

async function newKey(permissions: Record<string, string>, change: Record<string, unknown> = {}, token = shop.organizer): Promise<ApiKeyWithSecret> {
  const key = await answered(api.request<ApiKeyWithSecret>("POST", "/api-keys", { token, body: { name: "Box office", permissions, ...change } }), 201);
  secrets.push(key.secret);
  return key;
}
const by = (secret: string, ask: Ask = {}): Ask => ({ ...ask, headers: { "x-api-key": secret, ...ask.headers } });
const readEvent = (secret: string, eventId: string) => api.request("GET", `/events/${eventId}`, by(secret));
/** Does the key open anything? */
const knocks = async (secret: string) => (await api.request("GET", "/health", by(secret))).status;
const signedIn = (subject: string) => api.world.tokenOf("organizer", subject);
const idOfUser = async (token: string): Promise<string> => (await api.request("GET", "/me", { token })).body.id;

describe("a key that may read orders", () => {
  it("reads those of its owner's events, without what opens the door, and nothing else", async () => {
    const { event, type } = await shop.onSale(FREE);
    const { order } = await shop.buy(type.id);
    const { secret } = await newKey({ orders: "read" });
    const read = await answered(api.request("GET", `/orders/${order.id}`, by(secret)), 200);
    expect(read).toMatchObject({ id: order.id, eventId: event.id, tickets: [{ credential: "" }] });

    const draft = await shop.createEvent();
    const missing = { event: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", order: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" };
    for (const [method, path, none] of [
      ["GET", `/events/${draft.id}`, `/events/${missing.event}`],
      ["GET", `/events/${draft.id}/status-history`, `/events/${missing.event}/status-history`],
    ] as const) {
      const answer = await api.bytes(method, path, by(secret));
      expect(answer.status).toBe(404);
      expect(answer).toEqual(await api.bytes(method, none, by(secret)));
    }
    expect((await answered(api.request("GET", "/events?mine=true&limit=100", by(secret)), 200)).items.map(({ id }: { id: string }) => id)).not.toContain(
      draft.id,
    );
    const refusals = await Promise.all([
      api.request("POST", "/events", by(secret, { body: eventDocument() })),
      api.request("PUT", `/events/${draft.id}`, by(secret, { body: eventDocument() })),
      api.request("POST", `/events/${event.id}/status`, by(secret, { body: { status: "cancelled", reason: "No" } })),
      api.request("GET", `/orders/${order.id}/ledger`, by(secret)),
      api.request("POST", `/tickets`, by(secret, { body: typeDocument(event.id) })),
      api.request("GET", `/devices?eventId=${event.id}`, by(secret)),
    ]);
    expect(tally(refusals)).toEqual({ "403 actor.not_allowed": refusals.length });
  });

  it("finds an order of somebody else's event exactly as missing as one that is not there", async () => {
    const { type } = await shop.onSale(FREE);
    const { order } = await shop.buy(type.id);
    const { secret } = await newKey({ orders: "read" }, {}, api.otherOrganizer);
    const foreign = await api.bytes("GET", `/orders/${order.id}`, by(secret));
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(await api.bytes("GET", "/orders/ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3", by(secret)));
  });
});

it("a key never is a person: it reads no profile, users or roles, and makes neither keys nor devices, whatever it may do", async () => {
  const draft = await shop.createEvent();
  const all = { events: "write", ticket_types: "write", orders: "write", refunds: "write", devices: "write", organizers: "write" };
  const key = await newKey(all);
  await answered(readEvent(key.secret, draft.id), 200);
  const device = { eventId: draft.id, name: "Gate" };
  const answers = await Promise.all([
    ...["/me", "/me/sessions", "/users?role=admin", "/roles", "/permissions", "/api-keys", `/api-keys/${key.id}`].map((path) =>
      api.request("GET", path, by(key.secret)),
    ),
    api.request("PUT", "/me", by(key.secret, { body: { name: "Anna" } })),
    api.request("DELETE", "/me/sessions", by(key.secret)),
    api.request("POST", "/api-keys", by(key.secret, { body: { name: "Another", permissions: { orders: "read" } } })),
    api.request("POST", `/api-keys/${key.id}/rotate`, by(key.secret, { body: {} })),
    api.request("DELETE", `/api-keys/${key.id}`, by(key.secret)),
    api.request("POST", "/devices", by(key.secret, { body: device })),
  ]);
  expect(tally(answers)).toEqual({ "403 actor.not_allowed": answers.length });
  // Not as an admin's either.
  const mighty = await newKey({ users: "manage", roles: "manage" }, {}, shop.admin);
  const admins = await Promise.all([
    api.request("GET", "/me", by(mighty.secret)),
    api.request("GET", "/api-keys", by(mighty.secret)),
    api.request("PUT", `/users/${await idOfUser(shop.organizer)}/role`, by(mighty.secret, { body: { role: "admin" } })),
    api.request("PUT", "/roles/organizer", by(mighty.secret, { body: { permissions: {} } })),
  ]);
  expect(tally(admins)).toEqual({ "403 actor.not_allowed": admins.length });
});

describe("a key for one event", () => {
  it("manages that one, no other of its owner's, and makes none", async () => {
    const [one, other] = [await shop.createEvent(), await shop.createEvent()];
    const { secret } = await newKey({ events: "write", orders: "write" }, { eventId: one.id });
    await answered(api.request("PUT", `/events/${one.id}`, by(secret, { body: eventDocument({ title: "By key" }) })), 200);
    expect((await api.story(one.id)).at(-1)).toMatch(/^key event\.replace/);
    for (const [method, body] of [
      ["GET", undefined],
      ["PUT", eventDocument({ title: "Taken over" })],
    ] as const) {
      const ask = by(secret, body ? { body } : {});
      const answer = await api.bytes(method, `/events/${other.id}`, ask);
      expect(answer.status).toBe(404);
      expect(answer).toEqual(await api.bytes(method, "/events/evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", ask));
    }
    await refused(api.request("POST", "/events", by(secret, { body: eventDocument() })), 403, "actor.not_allowed");
    const { items } = await answered(api.request("GET", "/events?mine=true&limit=100", by(secret)), 200);
    const ids = items.map(({ id }: { id: string }) => id);
    expect([ids.includes(one.id), ids.includes(other.id)]).toEqual([true, false]);
  });

  it("of an admin organizes that event alone, and opens nothing once they are an organizer who does not run it", async () => {
    const [one, other] = [await shop.createEvent(), await shop.createEvent()];
    const token = await api.world.tokenOf("admin", "scoped-admin");
    const { secret } = await newKey({ events: "write", users: "read" }, { eventId: one.id }, token);
    await answered(readEvent(secret, one.id), 200);
    await refused(readEvent(secret, other.id), 404, "event.not_found");
    await refused(api.request("GET", "/users?role=admin", by(secret)), 403, "actor.not_allowed");
    await answered(api.request("PUT", `/users/${await idOfUser(token)}/role`, { token: shop.admin, body: { role: "organizer" } }), 200);
    await refused(readEvent(secret, one.id), 401, "api_key.invalid");
  });

  it("can only be made by whoever manages it", async () => {
    const draft = await shop.createEvent();
    const body = { name: "Stolen", permissions: { events: "write" } };
    const foreign = await api.bytes("POST", "/api-keys", { token: api.otherOrganizer, body: { ...body, eventId: draft.id } });
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(await api.bytes("POST", "/api-keys", { token: api.otherOrganizer, body: { ...body, eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" } }));
  });
});

describe("making a key", () => {
  it("shows the secret once, in the answer, and its prefix for ever", async () => {
    const { secret, ...key } = await newKey({ orders: "read" });
    expect(secret).toMatch(/^fk_[0-9A-HJKMNP-TV-Z]{26}_[\w-]{43}$/);
    expect(secret.startsWith(`${key.prefix}_`)).toBe(true);
    expect(await answered(api.request("GET", `/api-keys/${key.id}`, { token: shop.organizer }), 200)).toEqual(key);
    const { items } = await answered(api.request("GET", "/api-keys?limit=100", { token: shop.organizer }), 200);
    expect(items.find(({ id }: { id: string }) => id === key.id)).toEqual(key);
    expect(await api.story(key.id)).toEqual(["organizer api_key.create → api_key.created"]);
  });

  it("is for organizers and admins, and never for more than they have", async () => {
    const body = { name: "Key", permissions: { orders: "read" } };
    await refused(api.request("POST", "/api-keys", { body }), 401, "actor.unauthenticated");
    for (const role of ["attendee", "sponsor", "designer", "model"] as const)
      await refused(api.request("POST", "/api-keys", { token: await api.world.tokenOf(role), body }), 403, "actor.not_allowed");
    const beyond = { name: "Key", permissions: { users: "read", refunds: "manage", orders: "read", events: "none" } };
    await refused(api.request("POST", "/api-keys", { token: shop.organizer, body: beyond }), 422, "api_key.beyond_own", [
      "permissions.users",
      "permissions.refunds",
    ]);
  });

  it("names what is wrong with its document", async () => {
    const ask = (change: object) =>
      api.request("POST", "/api-keys", { token: shop.organizer, body: { name: "K", permissions: { orders: "read" }, ...change } });
    await refused(ask({ permissions: { orders: "read", api_keys: "write" } }), 400, "input.invalid", ["permissions.api_keys"]);
    await refused(ask({ permissions: { orders: "none" } }), 400, "input.invalid", ["permissions"]);
    await refused(ask({ permissions: {} }), 400, "input.invalid", ["permissions"]);
    await refused(ask({ apiKeyId: "key_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }), 400, "input.invalid", ["apiKeyId"]);
    await refused(ask({ expiresAt: new Date(Date.now() - 1_000).toISOString() }), 400, "input.invalid", ["expiresAt"]);
    await refused(ask({ expiresAt: new Date(Date.now() + 731 * DAYS).toISOString() }), 400, "input.invalid", ["expiresAt"]);
  });

  it("repeated under one Idempotency-Key makes one key and tells the same secret, to its maker alone", async () => {
    const ask = { token: shop.organizer, headers: { "idempotency-key": "make-one-key-only-once" }, body: { name: "Once", permissions: { orders: "read" } } };
    const keys = (await atOnce(6, () => api.request<ApiKeyWithSecret>("POST", "/api-keys", ask))).filter(({ status }) => status === 201);
    const again = await answered(api.request<ApiKeyWithSecret>("POST", "/api-keys", ask), 201);
    expect(new Set([...keys.map(({ body }) => body.secret), again.secret]).size).toBe(1);
    secrets.push(again.secret);
    expect(await api.story(again.id)).toEqual(["organizer api_key.create → api_key.created"]);
    const other = await answered(api.request<ApiKeyWithSecret>("POST", "/api-keys", { ...ask, token: api.otherOrganizer }), 201);
    expect(other.id).not.toBe(again.id);
    expect(other.secret).not.toBe(again.secret);
  });
});

it.each(["before", "after"] as const)("making and rotating a key that dies %s any one of its calls is done once by the repeated one", async (when) => {
  for (const what of ["make", "rotate"] as const) {
    for (let at = 1, died = true; died; at++) {
      expect(at).toBeLessThan(20);
      const headers = { "idempotency-key": `${what}-${when}-${at}-of-many-calls` };
      const { id } = what === "rotate" ? await newKey({ orders: "read" }) : { id: "" };
      const body = what === "make" ? { name: "Crash", permissions: { orders: "read" } } : {};
      const ask = () =>
        api.request<ApiKeyWithSecret>("POST", what === "make" ? "/api-keys" : `/api-keys/${id}/rotate`, { token: shop.organizer, headers, body });
      crashAt({ at, when, of: "requests" });
      await ask();
      died = disarm();
      travel(31 * SECONDS);
      const key = await answered(ask(), 201);
      secrets.push(key.secret);
      expect(await knocks(key.secret)).toBe(200);
      present();
      expect(await api.story(key.id), `${what} ${when} ${at}`).toHaveLength(what === "make" ? 1 : 2);
    }
  }
});

describe("a key is over", () => {
  it("when it expires, to the second", async () => {
    const expiresAt = new Date(Date.now() + 10 * MINUTES).toISOString();
    const { secret } = await newKey({ orders: "read" }, { expiresAt });
    expect(await knocks(secret)).toBe(200);
    travel(Date.parse(expiresAt) - Date.now() - SECONDS);
    expect(await knocks(secret)).toBe(200);
    travel(SECONDS);
    await refused(api.request("GET", "/health", by(secret)), 401, "api_key.invalid");
    present();
  });

  it("when it is revoked: at once here, and within a minute where it was known", async () => {
    const draft = await shop.createEvent();
    const { id, secret } = await newKey({ events: "read" });
    await answered(readEvent(secret, draft.id), 200);
    await answered(api.request("DELETE", `/api-keys/${id}`, { token: shop.organizer }), 204);
    await refused(readEvent(secret, draft.id), 401, "api_key.invalid");
    await answered(api.request("DELETE", `/api-keys/${id}`, { token: shop.organizer }), 204);
    expect(await api.story(id)).toEqual(["organizer api_key.create → api_key.created", "organizer api_key.revoke → api_key.revoked"]);

    const elsewhere = await newKey({ events: "read" });
    expect(await knocks(elsewhere.secret)).toBe(200);
    await set(`API_KEY#${elsewhere.id}`, "API_KEY", "revokedAt", new Date().toISOString());
    travel(60_001);
    expect(await knocks(elsewhere.secret)).toBe(401);
    present();
  });

  it("when its owner is suspended: at once here, within a minute elsewhere, and not for longer than they are", async () => {
    const token = await signedIn("suspended-owner");
    const userId = await idOfUser(token);
    const { secret } = await newKey({ events: "read" }, {}, token);
    expect(await knocks(secret)).toBe(200);
    await answered(api.request("POST", `/users/${userId}/suspend`, { token: shop.admin }), 200);
    await refused(api.request("GET", "/health", by(secret)), 401, "api_key.invalid");
    await answered(api.request("POST", `/users/${userId}/reinstate`, { token: shop.admin }), 200);
    expect(await knocks(secret)).toBe(200);

    await set(`USER#${userId}`, "USER", "status", "suspended");
    expect(await knocks(secret)).toBe(200);
    travel(60_001);
    expect(await knocks(secret)).toBe(401);
    present();
  });

  it("when its owner is an organizer no more", async () => {
    const token = await signedIn("demoted-owner");
    const { secret } = await newKey({ events: "read" }, {}, token);
    expect(await knocks(secret)).toBe(200);
    await answered(api.request("PUT", `/users/${await idOfUser(token)}/role`, { token: shop.admin, body: { role: "attendee" } }), 200);
    expect(await knocks(secret)).toBe(401);
  });

  it("for good when its owner is forgotten: its row is gone with the name they gave it", async () => {
    const token = await signedIn("forgotten-owner");
    const ownerId = await idOfUser(token);
    const keys = [await newKey({ events: "read" }, { name: "Forget me" }, token), await newKey({ orders: "read" }, { name: "Forget me" }, token)];
    expect(await Promise.all(keys.map(({ secret }) => knocks(secret)))).toEqual([200, 200]);
    const forget = () =>
      withContext({ actor: { kind: "system", name: "test" }, requestId: "req_1", correlationId: "req_1" }, () => ApiKey.removeAllOf({ ownerId }));
    await forget();
    await forget();
    expect(await Promise.all(keys.map(({ secret }) => knocks(secret)))).toEqual([401, 401]);
    expect(JSON.stringify([...(await everything(api.world)).values()])).not.toContain("Forget me");
    expect((await api.story(keys[0]!.id)).at(-1)).toBe("system api_key.remove_all_of → api_key.revoked");
  });

  it("no sooner: whoever ends their sessions keeps their keys", async () => {
    const token = await signedIn("signs-out");
    const { secret } = await newKey({ events: "read" }, {}, token);
    await answered(api.request("DELETE", "/me/sessions", { token }), 204);
    expect(await knocks(secret)).toBe(200);
  });
});

it("a key may do less as soon as its owner may", async () => {
  const token = await signedIn("less");
  const draft = await answered(api.request("POST", "/events", { token, body: eventDocument() }), 201);
  const { secret } = await newKey({ events: "write" }, {}, token);
  await answered(api.request("PUT", `/events/${draft.id}`, by(secret, { body: eventDocument() })), 200);
  const { permissions } = await answered(api.request("GET", "/roles/organizer", { token: shop.admin }), 200);
  await answered(api.request("PUT", "/roles/organizer", { token: shop.admin, body: { permissions: { ...permissions, events: "read" } } }), 200);
  travel(120_002);
  await refused(api.request("PUT", `/events/${draft.id}`, by(secret, { body: eventDocument() })), 403, "actor.not_allowed");
  await answered(readEvent(secret, draft.id), 200);
  await answered(api.request("PUT", "/roles/organizer", { token: shop.admin, body: { permissions } }), 200);
  present();
});

describe("rotation", () => {
  const rotate = (id: string, body: object = {}, headers: Record<string, string> = {}) =>
    api.request<ApiKeyWithSecret>("POST", `/api-keys/${id}/rotate`, { token: shop.organizer, body, headers });

  it("gives another secret at once, and lets the old one go on until the overlap ends, to the second", async () => {
    const first = await newKey({ orders: "read" });
    expect(await knocks(first.secret)).toBe(200);
    const second = await answered(rotate(first.id, { overlapHours: 2 }), 201);
    secrets.push(second.secret);
    expect(second).toMatchObject({ id: first.id, prefix: first.prefix, generation: 2 });
    expect(second.secret).not.toBe(first.secret);
    expect(await Promise.all([first.secret, second.secret].map(knocks))).toEqual([200, 200]);
    travel(Date.parse(second.previousUntil!) - Date.now() - SECONDS);
    expect(await Promise.all([first.secret, second.secret].map(knocks))).toEqual([200, 200]);
    travel(SECONDS);
    expect(await Promise.all([first.secret, second.secret].map(knocks))).toEqual([401, 200]);
    present();
    expect(await api.story(first.id)).toEqual(["organizer api_key.create → api_key.created", "organizer api_key.rotate → api_key.rotated"]);
  });

  it("without overlap ends the old secret at once, and elsewhere within a minute, however busy the new one is there", async () => {
    const first = await newKey({ orders: "read" });
    const second = await answered(rotate(first.id, { overlapHours: 0 }), 201);
    secrets.push(second.secret);
    expect(await Promise.all([first.secret, second.secret].map(knocks))).toEqual([401, 200]);

    const third = await answered(rotate(first.id), 201);
    secrets.push(third.secret);
    expect(await Promise.all([first.secret, second.secret, third.secret].map(knocks))).toEqual([401, 200, 200]);
    await set(`API_KEY#${first.id}`, "API_KEY", "previousUntil", new Date().toISOString());
    for (let n = 0; n < 2; n++) {
      travel(31_000);
      expect(await knocks(third.secret)).toBe(200);
    }
    expect(await knocks(second.secret)).toBe(401);
    present();
  });

  it("keeps two secrets at most", async () => {
    const first = await newKey({ orders: "read" });
    const second = await answered(rotate(first.id), 201);
    const third = await answered(rotate(first.id), 201);
    secrets.push(second.secret, third.secret);
    expect(await Promise.all([first.secret, second.secret, third.secret].map(knocks))).toEqual([401, 200, 200]);
  });

  it("repeated under one Idempotency-Key happens once and tells the same secret, also after a further one", async () => {
    const { id } = await newKey({ orders: "read" });
    const once = () => rotate(id, {}, { "idempotency-key": "rotate-this-key-once" });
    const first = await answered(once(), 201);
    const next = await answered(rotate(id), 201);
    secrets.push(first.secret, next.secret);
    const again = await answered(once(), 201);
    expect([again.secret, again.generation]).toEqual([first.secret, 3]);
    expect((await api.story(id)).length).toBe(3);
  });

  it("that two ask for at the same moment happens once", async () => {
    const { id } = await newKey({ orders: "read" });
    const answers = await atOnce(5, () => rotate(id));
    for (const { status, body } of answers) if (status === 201) secrets.push(body.secret);
    const { generation } = await answered(api.request("GET", `/api-keys/${id}`, { token: shop.organizer }), 200);
    expect(tally(answers)["201"]).toBe(generation - 1);
    expect(answers.every(({ status, body }) => status === 201 || (body as unknown as { code: string }).code === "request.conflict")).toBe(true);
  });

  it("is its owner's alone, and refused once the key is over", async () => {
    const { id } = await newKey({ orders: "read" });
    await refused(api.request("POST", `/api-keys/${id}/rotate`, { token: shop.admin, body: {} }), 403, "actor.not_allowed");
    await refused(rotate(id, { overlapHours: 169 }), 400, "input.invalid", ["overlapHours"]);
    await answered(api.request("DELETE", `/api-keys/${id}`, { token: shop.admin }), 204);
    await refused(rotate(id), 409, "api_key.over");
  });
});

describe("somebody else's key", () => {
  it("is exactly as missing as one that is not there, and is not touched", async () => {
    const { id, secret } = await newKey({ orders: "read" });
    const missing = "key_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["DELETE", "", undefined],
      ["POST", "/rotate", {}],
    ] as const) {
      const ask = { token: api.otherOrganizer, ...(body ? { body } : {}) };
      const foreign = await api.bytes(method, `/api-keys/${id}${path}`, ask);
      expect(foreign.status).toBe(404);
      expect(foreign).toEqual(await api.bytes(method, `/api-keys/${missing}${path}`, ask));
    }
    expect(await knocks(secret)).toBe(200);
  });

  it("is seen and revoked by admins, who never see a secret", async () => {
    const { id, secret } = await newKey({ orders: "read" });
    const userId = await idOfUser(shop.organizer);
    const { items } = await answered(api.request("GET", `/api-keys?userId=${userId}&limit=100`, { token: shop.admin }), 200);
    expect(items.map((key: { id: string }) => key.id)).toContain(id);
    expect(JSON.stringify(items)).not.toContain(secret);
    await refused(api.request("GET", `/api-keys?userId=${userId}`, { token: api.otherOrganizer }), 403, "actor.not_allowed");
    await answered(api.request("DELETE", `/api-keys/${id}`, { token: shop.admin }), 204);
    expect(await knocks(secret)).toBe(401);
  });
});

describe("a wrong key", () => {
  it("is told nothing of what is wrong with it: to the byte the same, also where none is needed", async () => {
    const good = await newKey({ orders: "read" });
    const over = await newKey({ orders: "read" });
    await answered(api.request("DELETE", `/api-keys/${over.id}`, { token: shop.organizer }), 204);
    const [head, secret] = [good.secret.slice(0, 30), good.secret.slice(30)];
    const wrong: Record<string, string> = {
      "unknown prefix": UNKNOWN,
      "wrong secret": `${head}${"A".repeat(43)}`,
      "secret of another": `${head}${over.secret.slice(30)}`,
      "last character": `${good.secret.slice(0, -1)}${good.secret.endsWith("A") ? "E" : "A"}`,
      revoked: over.secret,
      "too short": good.secret.slice(0, -1),
      "without its secret": good.prefix,
      "another kind": good.secret.replace("fk_", "fd_"),
      "lower case": `${head.toLowerCase()}${secret}`,
      nonsense: "nonsense",
      "an SQL sentence": "' OR 1=1 --",
      twice: `${good.secret}, ${good.secret}`,
    };
    for (const path of ["/health", "/events", "/api-keys", "/orders/ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3"]) {
      const expected = await api.bytes("GET", path, by(UNKNOWN));
      expect(expected.status).toBe(401);
      for (const [name, key] of Object.entries(wrong)) expect(await api.bytes("GET", path, by(key)), name).toEqual(expected);
    }
    await refused(api.request("GET", "/health", by(UNKNOWN)), 401, "api_key.invalid");
    expect(await knocks(good.secret)).toBe(200);
  });

  it("costs one read, whatever is wrong with it", async () => {
    const [good, revoked, expires] = [await newKey({ orders: "read" }), await newKey({ orders: "read" }), await newKey({ orders: "read" })];
    await answered(api.request("DELETE", `/api-keys/${revoked.id}`, { token: shop.organizer }), 204);
    for (const { secret } of [good, expires]) expect(await knocks(secret)).toBe(200);
    travel(366 * DAYS);
    const sent = vi.spyOn(client, "send");
    for (const secret of [UNKNOWN, `${good.secret.slice(0, 30)}${"A".repeat(43)}`, revoked.secret, expires.secret]) {
      sent.mockClear();
      expect(await knocks(secret)).toBe(401);
      expect(sent.mock.calls.map(([command]) => command.constructor.name)).toEqual(["GetCommand"]);
    }
    sent.mockRestore();
    present();
  });

  it("is no bearer token, and a token is no key", async () => {
    const { secret } = await newKey({ orders: "read" });
    await refused(api.request("GET", "/health", { token: secret }), 401, "actor.token_invalid");
    await refused(api.request("GET", "/health", by(shop.organizer)), 401, "api_key.invalid");
  });
});

it("a request that says in two ways who sent it is refused, whether they are right or wrong", async () => {
  const { secret } = await newKey({ orders: "read" });
  for (const headers of [
    { "x-api-key": secret, authorization: `Bearer ${shop.organizer}` },
    { "x-api-key": "nonsense", authorization: "nonsense" },
    { "x-api-key": secret, "x-device-key": "nonsense" },
    { "x-device-key": "nonsense", authorization: `Bearer ${shop.organizer}` },
  ] as Record<string, string>[])
    await refused(api.request("GET", "/health", { headers }), 400, "actor.ambiguous_credentials");
});

it("what a key is told is stored by nobody between us", async () => {
  const { event } = await shop.onSale();
  const { secret } = await newKey({ events: "read" });
  expect((await readEvent(secret, event.id)).headers.get("cache-control")).toBe("private, no-store");
});

it("its last use is known to within a quarter of an hour, at one write in that time", async () => {
  const { id, secret } = await newKey({ orders: "read" });
  const lastUsed = async () => (await api.request("GET", `/api-keys/${id}`, { token: shop.organizer })).body.lastUsedAt as string | null;
  expect(await lastUsed()).toBeNull();
  await knocks(secret);
  const first = await lastUsed();
  expect(Math.abs(Date.parse(first!) - Date.now())).toBeLessThan(10_000);
  travel(14 * MINUTES);
  await knocks(secret);
  expect(await lastUsed()).toBe(first);
  travel(2 * MINUTES);
  await knocks(secret);
  expect(await lastUsed()).not.toBe(first);
  present();
});

it("no secret of a key is in the table, in a domain event or in the log", async () => {
  await api.world.settle();
  expect(secrets.length).toBeGreaterThan(20);
  const table = JSON.stringify([...(await everything(api.world)).values()]);
  const published = JSON.stringify(await api.world.store.list<unknown>("domain-events"));
  for (const secret of secrets) for (const text of [table, published, lines.join("\n")]) expect(text.includes(secret.slice(30))).toBe(false);
});

it("no journal repeats what somebody wrote", async () => {
  expect(JSON.stringify((await everything(api.world)).get("journal-entry"))).not.toContain("Box office");
});

it("leaves every journal an unbroken chain, and answers as its documentation says", async () => {
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});

async function set(pk: string, sk: string, name: string, value: string): Promise<void> {
  await api.world.documents.send(
    new UpdateCommand({
      TableName: api.world.tableName,
      Key: { pk, sk },
      UpdateExpression: "SET #name = :value",
      ExpressionAttributeNames: { "#name": name },
      ExpressionAttributeValues: { ":value": value },
    }),
  );
}
