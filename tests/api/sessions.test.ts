import { beforeAll, describe, expect, it } from "vitest";
import { present, travel } from "../kit/clock.ts";
import { violations } from "../kit/invariants.ts";
import { eventDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});

const me = (token: string) => api.request("GET", "/me", { token });
const signedIn = (subject: string, claims: Record<string, unknown> = {}) => {
  const session = { auth_time: Math.floor(Date.now() / 1_000), origin_jti: crypto.randomUUID() };
  return api.tokenWith({ sub: subject, email: `${subject}@example.com`, email_verified: true, ...session, ...claims });
};

describe("first sight", () => {
  it("makes a user, an attendee with what the issuer verified, once, however many calls come at that moment", async () => {
    const token = signedIn("crowd");
    const answers = await atOnce(12, () => me(token));
    expect(tally(answers)).toEqual({ "200": 12 });
    const { body } = answers[0]!;
    expect(body).toMatchObject({ role: "attendee", status: "active", email: "crowd@example.com", version: 1 });
    expect(await api.story(body.id)).toEqual(["system user.appear → user.appeared, user.contact_verified"]);
  });

  it("believes no role, permission, e-mail or phone that is not ours or not verified", async () => {
    const token = signedIn("pretender", {
      ...{ role: "admin", permissions: ["events"], "cognito:groups": ["admin"], "custom:role": "admin" },
      ...{ email_verified: false, phone_number: "+393331234567", phone_number_verified: false },
    });
    expect((await me(token)).body).toMatchObject({ role: "attendee", email: null, phone: null });
    await refused(api.request("POST", "/events", { token, body: eventDocument() }), 403, "actor.not_allowed");
  });

  it("follows an e-mail that the issuer verifies later", async () => {
    const before = (await me(signedIn("late", { email_verified: false }))).body;
    expect(before.email).toBeNull();
    const after = (await me(signedIn("late"))).body;
    expect(after).toMatchObject({ id: before.id, email: "late@example.com" });
  });
});

describe("a session", () => {
  it("is listed with what it runs on, and the one that asks is marked", async () => {
    const [phone, laptop] = [signedIn("two-devices"), signedIn("two-devices")];
    await api.request("GET", "/me", {
      token: phone,
      headers: { "user-agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36" },
    });
    const { body } = await api.request("GET", "/me/sessions", {
      token: laptop,
      headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" },
    });
    expect(body.items.map(({ device, current }: { device: string; current: boolean }) => ({ device, current }))).toEqual(
      expect.arrayContaining([
        { device: "Chrome on Android", current: false },
        { device: "Firefox on Linux", current: true },
      ]),
    );
  });

  it("that was ended is refused at once, and the others go on", async () => {
    const [one, other] = [signedIn("ends-one"), signedIn("ends-one")];
    await me(one);
    const { body } = await api.request("GET", "/me/sessions", { token: other });
    const ended = body.items.find(({ current }: { current: boolean }) => !current);
    await answered(api.request("DELETE", `/me/sessions/${ended.id}`, { token: other }), 204);
    await refused(me(one), 401, "session.ended");
    await answered(me(other), 200);
    await answered(api.request("DELETE", `/me/sessions/${ended.id}`, { token: other }), 204);
  });

  it("ends with all others, and only a later sign-in counts", async () => {
    const tokens = [signedIn("ends-all"), signedIn("ends-all")];
    await Promise.all(tokens.map(me));
    await answered(api.request("DELETE", "/me/sessions", { token: tokens[0]! }), 204);
    for (const token of tokens) await refused(me(token), 401, "session.ended");
    // One that we had never seen is over as well.
    await refused(me(signedIn("ends-all", { auth_time: Math.floor(Date.now() / 1_000) - 60 })), 401, "session.ended");
    await answered(me(signedIn("ends-all", { auth_time: Math.floor(Date.now() / 1_000) + 2 })), 200);
  });

  it("of somebody else is as good as missing", async () => {
    const [anna, bea] = [signedIn("anna-s"), signedIn("bea-s")];
    const { body } = await api.request("GET", "/me/sessions", { token: anna });
    await me(bea);
    const foreign = await api.bytes("DELETE", `/me/sessions/${body.items[0].id}`, { token: bea });
    expect(foreign).toEqual(await api.bytes("DELETE", "/me/sessions/ses_01J8Z3K4M5N6P7Q8R9S0T1V2W3", { token: bea }));
    expect(foreign.status).toBe(404);
    await answered(me(anna), 200);
  });

  it("is known for a minute without reading anything, and no longer", async () => {
    const token = signedIn("minute");
    const { body } = await me(token);
    await api.world.documents.send(
      new (await import("@aws-sdk/lib-dynamodb")).UpdateCommand({
        TableName: api.world.tableName,
        Key: { pk: `USER#${body.id}`, sk: "USER" },
        UpdateExpression: "SET #status = :suspended",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":suspended": "suspended" },
      }),
    );
    await answered(api.request("GET", "/me/sessions", { token }), 200);
    travel(60_001);
    await refused(me(token), 403, "user.suspended");
    present();
  });
});

describe("admins", () => {
  it("suspend a user and let them in again, each at once", async () => {
    const token = signedIn("naughty");
    const { id } = (await me(token)).body;
    const admin = api.shop.admin;
    await answered(api.request("POST", `/users/${id}/suspend`, { token: admin }), 200);
    await refused(me(token), 403, "user.suspended");
    await answered(api.request("POST", `/users/${id}/suspend`, { token: admin }), 200);
    await answered(api.request("POST", `/users/${id}/reinstate`, { token: admin }), 200);
    await answered(me(token), 200);
    expect((await api.story(id)).slice(1)).toEqual(["admin user.suspend → user.suspended", "admin user.reinstate → user.reinstated"]);
  });

  it("give somebody a role, which counts at once", async () => {
    const token = signedIn("promoted");
    const { id } = (await me(token)).body;
    await refused(api.request("POST", "/events", { token, body: eventDocument() }), 403, "actor.not_allowed");
    expect(await answered(api.request("PUT", `/users/${id}/role`, { token: api.shop.admin, body: { role: "organizer" } }), 200)).toMatchObject({
      role: "organizer",
    });
    await answered(api.request("POST", "/events", { token, body: eventDocument() }), 201);
    const { items } = await answered(api.request("GET", "/users?role=organizer", { token: api.shop.admin }), 200);
    expect(items.map((user: { id: string }) => user.id)).toContain(id);
    expect((await answered(api.request("POST", "/users/search", { token: api.shop.admin, body: { email: "Promoted@example.com" } }), 200)).items).toMatchObject(
      [{ id }],
    );
  });

  it("change what a role permits, and everybody in it follows", async () => {
    const token = await api.world.tokenOf("organizer", "sees-publish");
    const draft = await answered(api.request("POST", "/events", { token, body: eventDocument() }), 201);
    await answered(api.request("POST", `/events/${draft.id}/status`, { token, body: { status: "review" } }), 200);
    await refused(api.request("POST", `/events/${draft.id}/status`, { token, body: { status: "published" } }), 403, "event.publish_not_allowed");
    const { permissions, version } = await answered(api.request("GET", "/roles/organizer", { token: api.shop.admin }), 200);
    expect({ version, events: permissions.events }).toEqual({ version: 0, events: "write" });
    await answered(api.request("PUT", "/roles/organizer", { token: api.shop.admin, body: { permissions: { ...permissions, events: "manage" } } }), 200);
    travel(60_001);
    await answered(api.request("POST", `/events/${draft.id}/status`, { token, body: { status: "published" } }), 200);
    await answered(api.request("PUT", "/roles/organizer", { token: api.shop.admin, body: { permissions: { ...permissions, events: "none" } } }), 200);
    travel(120_002);
    await refused(api.request("POST", "/events", { token, body: eventDocument() }), 403, "actor.not_allowed");
    await answered(api.request("PUT", "/roles/organizer", { token: api.shop.admin, body: { permissions } }), 200);
    present();
    await refused(api.request("PUT", "/roles/admin", { token: api.shop.admin, body: { permissions: {} } }), 409, "role.fixed");
    await refused(api.request("PUT", "/roles/organizer", { token: api.shop.admin, body: { permissions: { evnts: "read" } } }), 400, "input.invalid", [
      "permissions.evnts",
    ]);
  });

  it("are never none: of two who leave at the same moment one stays", async () => {
    const [one, two] = [await api.world.tokenOf("admin", "leaves-1"), await api.world.tokenOf("admin", "leaves-2")];
    const ids = await Promise.all([one, two].map(async (token) => (await me(token)).body.id as string));
    const { items } = await answered(api.request("GET", "/users?role=admin", { token: one }), 200);
    const others = items.map((user: { id: string }) => user.id).filter((id: string) => !ids.includes(id));
    for (const id of others) await answered(api.request("PUT", `/users/${id}/role`, { token: one, body: { role: "attendee" } }), 200);
    const answers = await Promise.all([one, two].map((token, i) => api.request("PUT", `/users/${ids[i]}/role`, { token, body: { role: "attendee" } })));
    expect(tally(answers)).toEqual({ "200": 1, "409 user.last_admin": 1 });
    const left = [one, two][answers.findIndex(({ status }) => status === 409)]!;
    await refused(api.request("POST", `/users/${ids[answers.findIndex(({ status }) => status === 409)]}/suspend`, { token: left }), 409, "user.last_admin");
    for (const id of others) await answered(api.request("PUT", `/users/${id}/role`, { token: left, body: { role: "admin" } }), 200);
  });
});

it("leaves every journal an unbroken chain, and answers as its documentation says", async () => {
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});
