import { randomUUID } from "node:crypto";
import * as Consent from "@fashionistas/core/consent";
import { withContext } from "@fashionistas/core/context";
import * as Invitation from "@fashionistas/core/invitation";
import * as Person from "@fashionistas/core/person";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { answered, openApi, refused, tally, type Api } from "../api/support.ts";
import { DAYS, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { eventDocument } from "../kit/shop.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterEach(() => {
  disarm();
  present();
});

type Made = { id: string; token: string | null; status: string } & Record<string, unknown>;
type Somebody = { token: string; id: string; email: string };

const newEmail = () => `${randomUUID()}@example.com`;
let phones = 0;
const newPhone = () => `+39333${String((phones += 1)).padStart(6, "0")}1`;

/** Somebody who signed in with what the issuer verified of them. */
async function somebody(claims: Record<string, unknown> = {}): Promise<Somebody> {
  const email = newEmail();
  const session = { auth_time: Math.floor(Date.now() / 1_000), origin_jti: randomUUID() };
  const token = api.tokenWith({ sub: randomUUID(), email, email_verified: true, exp: Math.floor(Date.now() / 1_000) + 9 * 86_400, ...session, ...claims });
  const { id } = await answered(api.request<{ id: string }>("GET", "/me", { token }), 200);
  return { token, id, email };
}
const invite = (eventId: string, body: unknown, token = api.shop.organizer, headers = {}) =>
  api.request<Made>("POST", `/events/${eventId}/invitations`, { token, body, headers });
const accept = (secret: string, { token }: Pick<Somebody, "token">) => api.request("POST", "/invitations/accept", { token, body: { token: secret } });
const withdraw = (id: string, token = api.shop.organizer) => api.request("DELETE", `/invitations/${id}`, { token });
const edit = (eventId: string, { token }: Pick<Somebody, "token">) =>
  api.request("PUT", `/events/${eventId}`, { token, body: eventDocument({ title: `By ${randomUUID()}` }) });
const grantsOf = async (userId: string) => ((await everything(api.world)).get("grant") ?? []).filter((row) => row["userId"] === userId);
const sentTo = async (phone: string) => (await api.world.wati.messages()).filter((message) => message.phone === phone.slice(1));

/** An invitation by e-mail of somebody to an event, and its secret. */
async function invited(eventId: string, { email }: Pick<Somebody, "email">, token?: string) {
  const made = await answered(invite(eventId, { email }, token), 201);
  return { id: made.id, secret: made.token! };
}

describe("an invitation by WhatsApp", () => {
  it("arrives, is accepted, lets its user manage that event, and they are removed again", async () => {
    const { event } = await api.shop.onSale();
    const phone = newPhone();
    const made = await answered(invite(event.id, { phone, name: "Anna Rossi" }), 201);
    expect(made).toMatchObject({ status: "open", via: "whatsapp", phone, name: "Anna Rossi", email: null, token: null, role: "organizer" });
    await api.world.settle();
    const [message, ...more] = await sentTo(phone);
    expect(more).toEqual([]);
    expect(message).toMatchObject({ template: "invitation_v1", params: { name: "Anna Rossi", role: "organizer", thing: event.title as string } });
    const secret = message!.params["token"]!;
    expect(secret).toBe(Invitation.tokenOf(made.id));

    const anna = await somebody({ phone_number: phone, phone_number_verified: true });
    await refused(edit(event.id, anna), 403, "actor.not_allowed");
    expect(await answered(accept(secret, anna), 200)).toEqual({ role: "organizer", scope: { type: "event", id: event.id } });
    await answered(edit(event.id, anna), 200);
    const { items } = await answered(api.request<{ items: object[] }>("GET", `/events/${event.id}/invitations`, { token: anna.token }), 200);
    expect(items).toMatchObject([{ id: made.id, status: "accepted", acceptedBy: anna.id, phone }]);
    await answered(api.request("DELETE", `/events/${event.id}/organizers/${anna.id}`, { token: api.shop.organizer }), 204);
    await refused(edit(event.id, anna), 403, "actor.not_allowed");
    await refused(withdraw(made.id), 409, "invitation.accepted");
    // Accepting it again gives nothing back.
    await answered(accept(secret, anna), 200);
    await refused(edit(event.id, anna), 403, "actor.not_allowed");
    expect(await api.story(made.id)).toEqual(["organizer invitation.invite → invitation.made"]);
    expect((await api.story(anna.id)).slice(1)).toEqual([
      "attendee invitation.accept → invitation.accepted, grant.given",
      "organizer grant.take → grant.taken",
    ]);
  });

  it("is for whoever has the link, but not for those who proved another number", async () => {
    const event = await api.shop.createEvent();
    const { id } = await answered(invite(event.id, { phone: newPhone() }), 201);
    const secret = Invitation.tokenOf(id);
    await refused(accept(secret, await somebody({ phone_number: newPhone(), phone_number_verified: true })), 403, "invitation.not_yours");
    await answered(accept(secret, await somebody()), 200);
  });

  it("is not sent to somebody who told us to stop", async () => {
    const event = await api.shop.createEvent();
    const phone = newPhone();
    const said = {
      channel: "whatsapp",
      channelKey: Person.phoneKeyOf(phone),
      state: "withdrawn",
      source: "webhook:wati",
      at: new Date().toISOString(),
    } as const;
    await withContext({ actor: { kind: "system", name: "test" }, requestId: "req_1", correlationId: "req_1" }, () => Consent.record(said));
    await answered(invite(event.id, { phone }), 201);
    await api.world.settle();
    expect(await sentTo(phone)).toEqual([]);
  });

  it("is not sent any more once it was withdrawn", async () => {
    const event = await api.shop.createEvent();
    const phone = newPhone();
    const { id } = await answered(invite(event.id, { phone }), 201);
    await answered(withdraw(id), 204);
    await api.world.settle();
    expect(await sentTo(phone)).toEqual([]);
  });
});

describe("an invitation by e-mail", () => {
  it("tells its secret once, to whoever made it, and is for the address it names", async () => {
    const [event, anna] = [await api.shop.createEvent(), await somebody()];
    const { id, secret } = await invited(event.id, anna);
    expect(secret).toBe(Invitation.tokenOf(id));
    await api.world.settle();
    const lists = await answered(api.request("GET", `/events/${event.id}/invitations`, { token: api.shop.organizer }), 200);
    expect(JSON.stringify(lists)).not.toContain(secret);
    const stored = JSON.stringify([...(await everything(api.world)).values()]);
    expect(stored).not.toContain(secret.split(".")[1]);
    expect(stored).not.toContain(anna.email);
    for (const other of [await somebody(), await somebody({ email: anna.email, email_verified: false })])
      await refused(accept(secret, other), 403, "invitation.not_yours");
    await answered(accept(secret, anna), 200);
    await answered(edit(event.id, anna), 200);
  });

  it("is made once when its call is repeated with the same key, and answered alike", async () => {
    const [event, email] = [await api.shop.createEvent(), newEmail()];
    const headers = { "idempotency-key": randomUUID() };
    const first = await answered(invite(event.id, { email }, undefined, headers), 201);
    expect(await answered(invite(event.id, { email }, undefined, headers), 201)).toEqual(first);
    const { items } = await answered(api.request<{ items: object[] }>("GET", `/events/${event.id}/invitations`, { token: api.shop.organizer }), 200);
    expect(items).toHaveLength(1);
  });
});

describe("a secret", () => {
  it("that is unknown, used, withdrawn or over is answered alike", async () => {
    const event = await api.shop.createEvent();
    const [anna, bea] = [await somebody(), await somebody()];
    const [used, withdrawn, over] = [await invited(event.id, anna), await invited(event.id, bea), await invited(event.id, bea)];
    await answered(accept(used.secret, anna), 200);
    await answered(withdraw(withdrawn.id), 204);
    await answered(withdraw(withdrawn.id), 204);
    const unknown = `inv_01J8Z3K4M5N6P7Q8R9S0T1V2W3.${used.secret.split(".")[1]}`;
    const tampered = `${over.id}.${used.secret.split(".")[1]}`;
    const ask = (secret: string) => api.bytes("POST", "/invitations/accept", { token: bea.token, body: { token: secret } });
    const expected = await ask("nonsense");
    expect(expected.status).toBe(404);
    for (const secret of [used.secret, withdrawn.secret, unknown, tampered, Invitation.tokenOf("inv_01J8Z3K4M5N6P7Q8R9S0T1V2W3")])
      expect(await ask(secret)).toEqual(expected);
    travel(7 * DAYS);
    expect(await ask(over.secret)).toEqual(expected);
    await refused(api.request("POST", "/invitations/accept", { body: { token: used.secret } }), 401, "actor.unauthenticated");
  });

  it("can be used until the very instant at which it ends, and gives no more than its inviter had then", async () => {
    const event = await api.shop.createEvent();
    const [helper, anna] = [await somebody(), await somebody()];
    const until = new Date(Date.now() + 2 * DAYS).toISOString();
    await answered(api.request("POST", `/events/${event.id}/organizers`, { token: api.shop.organizer, body: { userId: helper.id, expiresAt: until } }), 201);
    const made = await answered(invite(event.id, { email: anna.email }, helper.token), 201);
    expect(made).toMatchObject({ expiresAt: until, grantExpiresAt: until });
    await refused(invite(event.id, { email: anna.email, grantExpiresAt: "2099-01-01T00:00:00Z" }, helper.token), 422, "grant.outlasts_yours");
    await refused(invite(event.id, { email: anna.email, grantExpiresAt: "2020-01-01T00:00:00Z" }, helper.token), 400, "input.invalid", ["grantExpiresAt"]);
    travel(2 * DAYS);
    await refused(accept(made.token!, anna), 404, "invitation.not_found");
    present();
    travel(2 * DAYS - 5_000);
    await answered(accept(made.token!, anna), 200);
    expect((await grantsOf(anna.id))[0]).toMatchObject({ expiresAt: until });
  });

  it("is worth nothing once whoever invited may not any more", async () => {
    const event = await api.shop.createEvent();
    const [helper, suspended] = [await somebody(), await somebody()];
    const [anna, bea] = [await somebody(), await somebody()];
    for (const { id } of [helper, suspended])
      await answered(api.request("POST", `/events/${event.id}/organizers`, { token: api.shop.organizer, body: { userId: id } }), 201);
    const [one, two] = [await invited(event.id, anna, helper.token), await invited(event.id, bea, suspended.token)];
    await answered(api.request("DELETE", `/events/${event.id}/organizers/${helper.id}`, { token: api.shop.organizer }), 204);
    await answered(api.request("POST", `/users/${suspended.id}/suspend`, { token: api.shop.admin }), 200);
    await refused(accept(one.secret, anna), 404, "invitation.not_found");
    await refused(accept(two.secret, bea), 404, "invitation.not_found");
  });

  it("is used by one of those who race for it", async () => {
    const event = await api.shop.createEvent();
    const { id } = await answered(invite(event.id, { phone: newPhone() }), 201);
    const people = await Promise.all(Array.from({ length: 5 }, () => somebody()));
    const answers = await Promise.all(people.map((one) => accept(Invitation.tokenOf(id), one)));
    expect(tally(answers)).toEqual({ "200": 1, "404 invitation.not_found": 4 });
    const grants = await Promise.all(people.map((one) => grantsOf(one.id)));
    expect(grants.map((rows) => rows.length)).toEqual(answers.map(({ status }) => (status === 200 ? 1 : 0)));
  });

  it("is used or withdrawn when both are tried at the same moment, never both", async () => {
    const event = await api.shop.createEvent();
    for (let round = 0; round < 4; round++) {
      const anna = await somebody();
      const { id, secret } = await invited(event.id, anna);
      const [accepted, withdrawn] = await Promise.all([accept(secret, anna), withdraw(id)]);
      expect([
        [200, 409],
        [404, 204],
      ]).toContainEqual([accepted.status, withdrawn.status]);
      expect(await grantsOf(anna.id)).toHaveLength(accepted.status === 200 ? 1 : 0);
    }
  });

  it("used by a process that dies is used or not at all, and repeating it finishes it", async () => {
    const event = await api.shop.createEvent();
    for (const when of ["before", "after"] as const)
      for (let at = 1, crashed = true; crashed; at++) {
        const anna = await somebody();
        const { id, secret } = await invited(event.id, anna);
        crashAt({ at, when, of: "requests" });
        await accept(secret, anna);
        crashed = disarm();
        expect(await grantsOf(anna.id)).toHaveLength((await Invitation.find(id))!.status === "accepted" ? 1 : 0);
        await answered(accept(secret, anna), 200);
        expect((await api.story(anna.id)).slice(1)).toEqual(["attendee invitation.accept → invitation.accepted, grant.given"]);
      }
  }, 120_000);

  it("gives nothing less than what is there: a longer grant stays, the owner's event and an admin's role, too", async () => {
    const event = await api.shop.createEvent();
    const anna = await somebody();
    await answered(api.request("POST", `/events/${event.id}/organizers`, { token: api.shop.organizer, body: { userId: anna.id } }), 201);
    const short = await answered(invite(event.id, { email: anna.email, grantExpiresAt: "2099-01-01T00:00:00Z" }), 201);
    await answered(accept(short.token!, anna), 200);
    expect((await grantsOf(anna.id))[0]!["expiresAt"]).toBeUndefined();
    const owner = await answered(invite(event.id, { email: "demo-organizer@example.com" }, api.shop.admin), 201);
    await refused(accept(owner.token!, { token: api.shop.organizer }), 409, "grant.is_owner");
    const admin = { token: api.shop.admin, body: { email: "demo-admin@example.com", role: "organizer" } };
    const role = await answered(api.request<Made>("POST", "/invitations", admin), 201);
    await refused(accept(role.token!, { token: api.shop.admin }), 409, "invitation.not_needed");
  });
});

describe("whoever manages nothing here", () => {
  it("invites nobody, sees and withdraws nothing: as if it were not there", async () => {
    const [event, anna] = [await api.shop.createEvent(), await somebody()];
    const { id } = await invited(event.id, anna);
    const missing = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
    const token = api.otherOrganizer;
    for (const [method, path, body] of [
      ["POST", "invitations", { email: newEmail() }],
      ["GET", "invitations", undefined],
    ] as const) {
      const ask = { token, ...(body ? { body } : {}) };
      const foreign = await api.bytes(method, `/events/${event.id}/${path}`, ask);
      expect(foreign).toEqual(await api.bytes(method, `/events/${missing}/${path}`, ask));
      expect(foreign.status).toBe(404);
    }
    const foreign = await api.bytes("DELETE", `/invitations/${id}`, { token });
    expect(foreign).toEqual(await api.bytes("DELETE", "/invitations/inv_01J8Z3K4M5N6P7Q8R9S0T1V2W3", { token }));
    expect(foreign.status).toBe(404);
    await refused(withdraw(id, anna.token), 403, "actor.not_allowed");
    await refused(invite(event.id, { email: newEmail() }, anna.token), 403, "actor.not_allowed");
    await refused(api.request("GET", "/invitations", { token: api.shop.organizer }), 403, "actor.not_allowed");
  });

  it("and invites to no role of one's own, none as admin, and by no field that is ours", async () => {
    const post = (body: object, token = api.shop.organizer) => api.request("POST", "/invitations", { token, body });
    await refused(post({ email: newEmail(), role: "organizer" }), 403, "actor.not_allowed");
    await refused(post({ email: newEmail(), role: "admin" }, api.shop.admin), 400, "input.invalid", ["role"]);
    await refused(post({ email: newEmail(), role: "attendee" }, api.shop.admin), 400, "input.invalid", ["role"]);
    await refused(post({ email: newEmail(), phone: newPhone(), role: "model" }, api.shop.admin), 400, "input.invalid", ["email"]);
    const until = "2099-01-01T00:00:00Z";
    await refused(post({ email: newEmail(), role: "model", grantExpiresAt: until }, api.shop.admin), 400, "input.invalid", ["grantExpiresAt"]);
    const event = await api.shop.createEvent();
    for (const extra of [{ role: "admin" }, { inviterId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }, { contactKey: "per_x" }, { status: "accepted" }])
      await refused(invite(event.id, { email: newEmail(), ...extra }), 400, "input.invalid", Object.keys(extra));
  });
});

it("of an admin to a role gives that role to whoever accepts", async () => {
  const anna = await somebody();
  const admin = { token: api.shop.admin, body: { email: anna.email, role: "designer" } };
  const { token, id } = await answered(api.request<Made>("POST", "/invitations", admin), 201);
  expect(await answered(accept(token!, anna), 200)).toEqual({ role: "designer", scope: null });
  expect(await answered(api.request("GET", "/me", anna), 200)).toMatchObject({ role: "designer" });
  const { items } = await answered(api.request<{ items: { id: string }[] }>("GET", "/invitations", { token: api.shop.admin }), 200);
  expect(items.map((one) => one.id)).toContain(id);
  expect((await api.story(anna.id)).slice(1)).toEqual(["attendee invitation.accept → invitation.accepted, user.role_changed"]);
});

it("leaves every journal an unbroken chain, and answers as its documentation says", async () => {
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});
