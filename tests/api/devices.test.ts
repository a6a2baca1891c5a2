import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { PairedDevice, Pairing } from "@fashionistas/core/device/schema";
import { client } from "@fashionistas/core/db/client";
import { setLogSink, type LogSink } from "@fashionistas/core/log";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { DAYS, MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { eventDocument, FREE, somebody, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api, type Ask } from "./support.ts";

const MISSING = { evt: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3", ord: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3", dvc: "dvc_01J8Z3K4M5N6P7Q8R9S0T1V2W3" };
const UNKNOWN_KEY = `fd_01J8Z3K4M5N6P7Q8R9S0T1V2W3_${"A".repeat(43)}`;
const UNKNOWN_CODE = "0000-0000";

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

async function newDevice(eventId: string, change: Record<string, unknown> = {}): Promise<Pairing & { pairingCode: string }> {
  const body = { eventId, name: "North gate", ...change };
  const pairing = await answered(api.request<Pairing>("POST", "/devices", { token: shop.organizer, body }), 201);
  expect(pairing.pairingCode).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  secrets.push(pairing.pairingCode!, pairing.pairingCode!.replace("-", ""));
  return { ...pairing, pairingCode: pairing.pairingCode! };
}
const pair = (code: string) => api.request<PairedDevice>("POST", "/devices/pair", { body: { code } });
async function paired(eventId: string, change: Record<string, unknown> = {}): Promise<PairedDevice> {
  const { pairingCode } = await newDevice(eventId, change);
  const device = await answered(pair(pairingCode), 201);
  secrets.push(device.deviceKey.slice(30));
  return device;
}
const by = (deviceKey: string, ask: Ask = {}): Ask => ({ ...ask, headers: { "x-device-key": deviceKey, ...ask.headers } });
const knocks = async (deviceKey: string) => (await api.request("GET", "/health", by(deviceKey))).status;

describe("a device", () => {
  it("reads an order of its event with who comes, and nothing to reach them by or to get in with", async () => {
    const { event, type } = await shop.onSale(FREE);
    const friend = { ...somebody(), name: "Friend Of Anna" };
    const { order } = await shop.buy(type.id, { quantity: 2, attendees: [null, friend] });
    const { deviceKey } = await paired(event.id);
    const seen = await answered(api.request("GET", `/orders/${order.id}`, by(deviceKey)), 200);
    expect(seen.attendees.map(({ name }: { name: string }) => name)).toContain("Friend Of Anna");
    expect(seen.tickets.map(({ credential }: { credential: string }) => credential)).toEqual(["", ""]);
    for (const { email, phone } of seen.attendees) expect([email, phone]).toEqual([null, null]);
    expect(JSON.stringify(seen)).not.toMatch(/@/);
  });

  it("finds an order of another event exactly as missing as one that is not there", async () => {
    const { event } = await shop.onSale(FREE);
    const { type } = await shop.onSale(FREE);
    const { order, orderToken } = await shop.buy(type.id);
    const { deviceKey } = await paired(event.id);
    const foreign = await api.bytes("GET", `/orders/${order.id}`, by(deviceKey));
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(await api.bytes("GET", `/orders/${MISSING.ord}`, by(deviceKey)));
    // Not by the order's own link either: it is a door, not a buyer.
    await refused(api.request("GET", `/orders/${order.id}`, by(deviceKey, { headers: { "order-token": orderToken } })), 404, "order.not_found");
  });

  it("does nothing else", async () => {
    const { event, type } = await shop.onSale(FREE);
    const { order } = await shop.buy(type.id);
    const { deviceKey, device } = await paired(event.id);
    const draft = await shop.createEvent();
    expect((await api.request("GET", `/events/${draft.id}`, by(deviceKey))).status).toBe(404);
    const answers = await Promise.all([
      api.request("PUT", `/events/${event.id}`, by(deviceKey, { body: eventDocument() })),
      api.request("POST", "/events", by(deviceKey, { body: eventDocument() })),
      api.request("POST", "/tickets", by(deviceKey, { body: typeDocument(event.id) })),
      api.request("GET", `/orders/${order.id}/ledger`, by(deviceKey)),
      api.request(
        "POST",
        `/orders/${order.id}/refunds`,
        by(deviceKey, { body: { reason: "goodwill" }, headers: { "idempotency-key": "device-refund-0123456789" } }),
      ),
      api.request("POST", `/orders/${order.id}/cancel`, by(deviceKey)),
      api.request("GET", "/me", by(deviceKey)),
      api.request("GET", "/api-keys", by(deviceKey)),
      api.request("GET", `/devices?eventId=${event.id}`, by(deviceKey)),
      api.request("DELETE", `/devices/${device.id}`, by(deviceKey)),
      api.request("POST", "/devices", by(deviceKey, { body: { eventId: event.id, name: "Another" } })),
      api.request("POST", "/devices/pair", by(deviceKey, { body: { code: UNKNOWN_CODE } })),
    ]);
    expect(tally(answers)).toEqual({ "403 actor.not_allowed": answers.length });
  });

  it("is paired by its code, however that is typed, and is told its event, lists and time", async () => {
    const { event } = await shop.onSale(FREE);
    const lists = ["cil_01J8Z3K4M5N6P7Q8R9S0T1V2W3", "cil_01J8Z3K4M5N6P7Q8R9S0T1V2W4"];
    const { pairingCode, device, expiresAt } = await newDevice(event.id, { checkInListIds: lists });
    expect(device).toMatchObject({ status: "pairing", checkInListIds: lists, validUntil: new Date(Date.parse(event.endsAt) + DAYS).toISOString() });
    expect(Math.round((Date.parse(expiresAt) - Date.now()) / 1_000 / 60)).toBe(10);
    const typed = ` ${pairingCode.toLowerCase().replace("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `;
    const { device: now, deviceKey } = await answered(pair(typed), 201);
    secrets.push(deviceKey.slice(30));
    expect(deviceKey).toMatch(/^fd_[0-9A-HJKMNP-TV-Z]{26}_[\w-]{43}$/);
    expect(now).toMatchObject({ id: device.id, eventId: event.id, status: "paired", checkInListIds: lists, version: 2 });
    expect(await api.story(device.id)).toEqual(["organizer device.create → device.created", "public device.pair → device.paired"]);
  });

  it("is shut out by the very next call after it was revoked, also when another process did it", async () => {
    const { event } = await shop.onSale(FREE);
    const [one, other] = [await paired(event.id), await paired(event.id)];
    expect(await knocks(one.deviceKey)).toBe(200);
    await answered(api.request("DELETE", `/devices/${one.device.id}`, { token: shop.organizer }), 204);
    await refused(api.request("GET", "/health", by(one.deviceKey)), 401, "device.key_invalid");
    await answered(api.request("DELETE", `/devices/${one.device.id}`, { token: shop.organizer }), 204);
    expect((await api.story(one.device.id)).slice(1)).toEqual(["public device.pair → device.paired", "organizer device.revoke → device.revoked"]);
    expect(await answered(api.request("GET", `/devices/${one.device.id}`, { token: shop.organizer }), 200)).toMatchObject({ status: "revoked" });

    expect(await knocks(other.deviceKey)).toBe(200);
    await api.world.documents.send(
      new UpdateCommand({
        TableName: api.world.tableName,
        Key: { pk: `DEVICE#${other.device.id}`, sk: "DEVICE" },
        UpdateExpression: "SET revokedAt = :at",
        ExpressionAttributeValues: { ":at": new Date().toISOString() },
      }),
    );
    expect(await knocks(other.deviceKey)).toBe(401);
  });

  it("works in its time alone, to the second", async () => {
    const { event } = await shop.onSale(FREE);
    const start = Date.now();
    const at = (ms: number) => new Date(start + ms).toISOString();
    const { deviceKey } = await paired(event.id, { validFrom: at(30 * MINUTES), validUntil: at(90 * MINUTES) });
    const knocksAt = async (ms: number) => {
      present();
      travel(start + ms - Date.now());
      return knocks(deviceKey);
    };
    expect([await knocksAt(29 * MINUTES), await knocksAt(30 * MINUTES), await knocksAt(90 * MINUTES - SECONDS), await knocksAt(90 * MINUTES)]).toEqual([
      401, 200, 200, 401,
    ]);
    present();
  });

  it("is seen at most every quarter of an hour", async () => {
    const { event } = await shop.onSale(FREE);
    const { device, deviceKey } = await paired(event.id);
    const lastSeen = async () => (await api.request("GET", `/devices/${device.id}`, { token: shop.organizer })).body.lastSeenAt as string | null;
    await knocks(deviceKey);
    const first = await lastSeen();
    expect(first).not.toBeNull();
    travel(14 * MINUTES);
    await knocks(deviceKey);
    expect(await lastSeen()).toBe(first);
    travel(2 * MINUTES);
    await knocks(deviceKey);
    expect(await lastSeen()).not.toBe(first);
    present();
  });
});

describe("a pairing code", () => {
  it("pairs one device, however many bring it at the same moment, and the others hear that there is none", async () => {
    const { event } = await shop.onSale(FREE);
    for (let round = 0; round < 4; round++) {
      const { pairingCode, device } = await newDevice(event.id);
      const answers = await atOnce(8, () => pair(pairingCode));
      expect(tally(answers)).toEqual({ "201": 1, "404 device.code_not_found": 7 });
      const { deviceKey } = answers.find(({ status }) => status === 201)!.body;
      secrets.push(deviceKey.slice(30));
      expect(await knocks(deviceKey)).toBe(200);
      expect(await api.story(device.id)).toHaveLength(2);
    }
  });

  it("that was used, has lapsed or was revoked is to the byte one that there never was", async () => {
    const { event } = await shop.onSale(FREE);
    const [used, lapsed, revoked] = [await newDevice(event.id), await newDevice(event.id), await newDevice(event.id)];
    secrets.push((await answered(pair(used.pairingCode), 201)).deviceKey.slice(30));
    await answered(api.request("DELETE", `/devices/${revoked.device.id}`, { token: shop.organizer }), 204);
    const ask = (code: string) => api.bytes("POST", "/devices/pair", { body: { code } });
    const unknown = await ask(UNKNOWN_CODE);
    expect(unknown.status).toBe(404);
    for (const code of [used.pairingCode, revoked.pairingCode, "x", "' OR 1=1 --", "ÄÖÜ"]) expect(await ask(code), code).toEqual(unknown);
    travel(Date.parse(lapsed.expiresAt) - Date.now());
    expect(await ask(lapsed.pairingCode)).toEqual(unknown);
    expect(await answered(api.request("GET", `/devices/${lapsed.device.id}`, { token: shop.organizer }), 200)).toMatchObject({ status: "lapsed" });
    present();
  });

  it("works until the second in which it lapses", async () => {
    const { event } = await shop.onSale(FREE);
    const { pairingCode, expiresAt } = await newDevice(event.id);
    travel(Date.parse(expiresAt) - Date.now() - SECONDS);
    secrets.push((await answered(pair(pairingCode), 201)).deviceKey.slice(30));
    present();
  });

  it("repeated under one Idempotency-Key is the same, until it is used", async () => {
    const { event } = await shop.onSale(FREE);
    const ask = { token: shop.organizer, headers: { "idempotency-key": "make-one-device-only" }, body: { eventId: event.id, name: "Once" } };
    const first = await answered(api.request<Pairing>("POST", "/devices", ask), 201);
    secrets.push(first.pairingCode!);
    expect(await answered(api.request<Pairing>("POST", "/devices", ask), 201)).toEqual(first);
    secrets.push((await answered(pair(first.pairingCode!), 201)).deviceKey.slice(30));
    expect(await answered(api.request<Pairing>("POST", "/devices", ask), 201)).toMatchObject({
      device: { id: first.device.id, status: "paired" },
      pairingCode: null,
    });
    expect(await api.story(first.device.id)).toHaveLength(2);
  });

  it("can be guessed ten times in ten minutes from one address, and then not even rightly", async () => {
    const { event } = await shop.onSale(FREE);
    const generous = process.env["RATE_LIMITS"]!;
    delete process.env["RATE_LIMITS"];
    // Windows begin at multiples of their length; no other test of this file calls in this one.
    travel(600 * MINUTES - (Date.now() % (10 * MINUTES)));
    const { pairingCode } = await newDevice(event.id);
    const answers = [];
    for (let n = 0; n < 10; n++) answers.push(await pair(`0000-000${n}`));
    answers.push(await pair(pairingCode));
    process.env["RATE_LIMITS"] = generous;
    present();
    expect(tally(answers)).toEqual({ "404 device.code_not_found": 10, "429 request.too_many": 1 });
  });

  it.each(["before", "after"] as const)("pairs nobody twice when its call dies %s any one of its own", async (when) => {
    const { event } = await shop.onSale(FREE);
    for (let at = 1, died = true; died; at++) {
      expect(at).toBeLessThan(20);
      const { pairingCode, device } = await newDevice(event.id);
      crashAt({ at, when, of: "requests" });
      const first = await pair(pairingCode);
      died = disarm();
      const second = await pair(pairingCode);
      for (const { status, body } of [first, second]) if (status === 201) secrets.push(body.deviceKey.slice(30));
      // Either it was done, or it can be done: never both.
      const { status } = await answered(api.request("GET", `/devices/${device.id}`, { token: shop.organizer }), 200);
      expect([[first.status, second.status].filter((one) => one === 201).length <= 1, status]).toEqual([true, "paired"]);
      expect(await api.story(device.id)).toHaveLength(2);
    }
  });

  it("is refused when it is none at all, naming the field", async () => {
    await refused(api.request("POST", "/devices/pair", { body: {} }), 400, "input.invalid", ["code"]);
    await refused(api.request("POST", "/devices/pair", { body: { code: "" } }), 400, "input.invalid", ["code"]);
    await refused(api.request("POST", "/devices/pair", { body: { code: "7".repeat(33) } }), 400, "input.invalid", ["code"]);
    await refused(api.request("POST", "/devices/pair", { body: { code: UNKNOWN_CODE, deviceId: MISSING.dvc } }), 400, "input.invalid", ["deviceId"]);
  });
});

describe("a wrong device key", () => {
  it("is told nothing of what is wrong with it: to the byte the same, at the price of one read", async () => {
    const { event } = await shop.onSale(FREE);
    const [good, revoked] = [await paired(event.id), await paired(event.id)];
    const unpaired = await newDevice(event.id);
    const later = await paired(event.id, { validFrom: new Date(Date.now() + DAYS).toISOString() });
    await answered(api.request("DELETE", `/devices/${revoked.device.id}`, { token: shop.organizer }), 204);
    const wrong: Record<string, string> = {
      unknown: UNKNOWN_KEY,
      "wrong secret": `${good.deviceKey.slice(0, 30)}${"A".repeat(43)}`,
      "secret of another": `${good.deviceKey.slice(0, 30)}${later.deviceKey.slice(30)}`,
      unpaired: `${unpaired.device.id.replace("dvc_", "fd_")}_${"A".repeat(43)}`,
      revoked: revoked.deviceKey,
      "too early": later.deviceKey,
    };
    const expected = await api.bytes("GET", `/orders/${MISSING.ord}`, by(UNKNOWN_KEY));
    expect(expected.status).toBe(401);
    const sent = vi.spyOn(client, "send");
    for (const [name, key] of Object.entries(wrong)) {
      sent.mockClear();
      expect(await api.bytes("GET", `/orders/${MISSING.ord}`, by(key)), name).toEqual(expected);
      expect(
        sent.mock.calls.map(([command]) => command.constructor.name),
        name,
      ).toEqual(["GetCommand"]);
    }
    sent.mockRestore();
    for (const key of ["nonsense", good.deviceKey.slice(0, -1), good.deviceKey.replace("fd_", "fk_"), good.device.id, `${good.deviceKey}, ${good.deviceKey}`])
      expect(await api.bytes("GET", `/orders/${MISSING.ord}`, by(key)), key).toEqual(expected);
    await refused(api.request("GET", "/health", by(UNKNOWN_KEY)), 401, "device.key_invalid");
    expect(await knocks(good.deviceKey)).toBe(200);
  });
});

describe("the devices of an event", () => {
  it("are made, listed, read and revoked by whoever manages it, and are missing for everybody else", async () => {
    const { event } = await shop.onSale(FREE);
    const { device } = await newDevice(event.id);
    const { items } = await answered(api.request("GET", `/devices?eventId=${event.id}`, { token: shop.admin }), 200);
    expect(items).toEqual([device]);
    expect(await answered(api.request("GET", `/devices/${device.id}`, { token: shop.organizer }), 200)).toEqual(device);
    for (const [method, path, missing, body] of [
      ["GET", `/devices/${device.id}`, `/devices/${MISSING.dvc}`, undefined],
      ["DELETE", `/devices/${device.id}`, `/devices/${MISSING.dvc}`, undefined],
      ["GET", `/devices?eventId=${event.id}`, `/devices?eventId=${MISSING.evt}`, undefined],
      ["POST", "/devices", "/devices", { eventId: event.id, name: "Mine" }],
    ] as const) {
      const ask = (of: unknown) => ({ token: api.otherOrganizer, ...(of ? { body: of } : {}) });
      const foreign = await api.bytes(method, path, ask(body));
      expect(foreign.status).toBe(404);
      expect(foreign).toEqual(await api.bytes(method, missing, ask(body && { ...body, eventId: MISSING.evt })));
    }
    expect(await answered(api.request("GET", `/devices/${device.id}`, { token: shop.organizer }), 200)).toEqual(device);
    await refused(api.request("GET", `/devices/${device.id}`), 401, "actor.unauthenticated");
    await refused(api.request("GET", `/devices/${device.id}`, { token: await api.world.tokenOf("attendee") }), 403, "actor.not_allowed");
    await refused(
      api.request("POST", "/devices", { token: await api.world.tokenOf("model"), body: { eventId: event.id, name: "M" } }),
      403,
      "actor.not_allowed",
    );
  });

  it("may be looked at through a key that may, and not made or revoked through it", async () => {
    const { event } = await shop.onSale(FREE);
    const { device } = await newDevice(event.id);
    const body = { name: "Watcher", permissions: { devices: "write" } };
    const { secret } = await answered(api.request("POST", "/api-keys", { token: shop.organizer, body }), 201);
    const headers = { "x-api-key": secret };
    expect((await answered(api.request("GET", `/devices?eventId=${event.id}`, { headers }), 200)).items).toEqual([device]);
    await refused(api.request("DELETE", `/devices/${device.id}`, { headers }), 403, "actor.not_allowed");
    await refused(api.request("POST", "/devices", { headers, body: { eventId: event.id, name: "By key" } }), 403, "actor.not_allowed");
  });

  it("name what is wrong with their document", async () => {
    const { event } = await shop.onSale(FREE);
    const ask = (change: object) => api.request("POST", "/devices", { token: shop.organizer, body: { eventId: event.id, name: "G", ...change } });
    const list = "cil_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    await refused(ask({ checkInListIds: ["north"] }), 400, "input.invalid", ["checkInListIds.0"]);
    await refused(ask({ checkInListIds: [list, list] }), 400, "input.invalid", ["checkInListIds"]);
    await refused(ask({ validFrom: at(DAYS), validUntil: at(MINUTES) }), 400, "input.invalid", ["validUntil"]);
    await refused(ask({ validUntil: at(-MINUTES) }), 400, "input.invalid", ["validUntil"]);
    await refused(ask({ deviceId: MISSING.dvc }), 400, "input.invalid", ["deviceId"]);
    await refused(ask({ name: "" }), 400, "input.invalid", ["name"]);
  });
});

it("no code and no key of a device is in the table, in a domain event or in the log", async () => {
  await api.world.settle();
  expect(secrets.length).toBeGreaterThan(30);
  const table = JSON.stringify([...(await everything(api.world)).values()]);
  const published = JSON.stringify(await api.world.store.list<unknown>("domain-events"));
  for (const secret of secrets) for (const text of [table, published, lines.join("\n")]) expect(text.includes(secret), secret).toBe(false);
});

it("no journal repeats what somebody wrote", async () => {
  expect(JSON.stringify((await everything(api.world)).get("journal-entry"))).not.toContain("North gate");
});

it("leaves every journal an unbroken chain, and answers as its documentation says", async () => {
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});
