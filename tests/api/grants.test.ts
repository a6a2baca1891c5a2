import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { elsewhere } from "../kit/processes.ts";
import { eventDocument, typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterEach(() => {
  disarm();
  present();
});

const MISSING = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
const scopeOf = (id: string) => ({ type: "event", id });

/** Somebody who signed in, an attendee. */
async function somebody(name: string = randomUUID()) {
  const token = await api.world.tokenOf("attendee", name);
  const { id } = await answered(api.request<{ id: string }>("GET", "/me", { token }), 200);
  return { token, id };
}
const give = (eventId: string, body: unknown, token = api.shop.organizer) => api.request("POST", `/events/${eventId}/organizers`, { token, body });
const take = (eventId: string, userId: string, token = api.shop.organizer) => api.request("DELETE", `/events/${eventId}/organizers/${userId}`, { token });
const organizersOf = async (eventId: string, token = api.shop.organizer) =>
  (await answered(api.request<{ items: any[] }>("GET", `/events/${eventId}/organizers`, { token }), 200)).items;
const edit = (eventId: string, token: string) => api.request("PUT", `/events/${eventId}`, { token, body: eventDocument({ title: `By ${randomUUID()}` }) });
const grantRows = async () => (await everything(api.world)).get("grant") ?? [];

describe("a granted organizer", () => {
  it("does with exactly that event what its organizer does, and makes no events", async () => {
    const helper = await somebody();
    const [{ event, type }, foreign] = [await api.shop.onSale(), await api.shop.createEvent()];
    const checkout = await api.shop.buy(type.id);
    await api.world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await api.world.settle();
    await refused(edit(event.id, helper.token), 403, "actor.not_allowed");

    await answered(give(event.id, { userId: helper.id }), 201);
    await answered(edit(event.id, helper.token), 200);
    await answered(api.request("POST", "/tickets", { token: helper.token, body: typeDocument(event.id, { name: "Balcony" }) }), 201);
    await answered(api.request("GET", `/orders/${checkout.order.id}`, { token: helper.token }), 200);
    const refund = { token: helper.token, body: { amount: 100, reason: "goodwill" }, headers: { "idempotency-key": randomUUID() } };
    await answered(api.request("POST", `/orders/${checkout.order.id}/refunds`, refund), 201);
    await answered(api.request("GET", `/events/${event.id}/ledger`, { token: helper.token }), 200);

    await refused(api.request("POST", "/events", { token: helper.token, body: eventDocument() }), 403, "actor.not_allowed");
    await refused(edit(foreign.id, helper.token), 404, "event.not_found");
    await refused(api.request("GET", `/events/${foreign.id}`, { token: helper.token }), 404, "event.not_found");
    await refused(api.request("POST", "/tickets", { token: helper.token, body: typeDocument(foreign.id) }), 404, "event.not_found");
    await refused(give(foreign.id, { userId: helper.id }, helper.token), 404, "event.not_found");
    await refused(api.request("GET", "/users?role=admin", { token: helper.token }), 403, "actor.not_allowed");
    expect((await answered(api.request("GET", "/me", { token: helper.token }), 200)).role).toBe("attendee");
    expect((await api.story(helper.id)).slice(1)).toEqual(["organizer grant.give → grant.given"]);
  });

  it("is listed beside the owner with name and e-mail, for those who manage the event", async () => {
    const helper = await somebody("listed-helper");
    const event = await api.shop.createEvent();
    await answered(give(event.id, { userId: helper.id, expiresAt: "2099-01-01T00:00:00Z" }), 201);
    const items = await organizersOf(event.id, helper.token);
    expect(items).toMatchObject([
      { isOwner: true, email: "demo-organizer@example.com", expiresAt: null },
      { userId: helper.id, isOwner: false, email: "listed-helper@example.com", expiresAt: "2099-01-01T00:00:00.000Z" },
    ]);
    await refused(api.request("GET", `/events/${event.id}/organizers`, { token: api.otherOrganizer }), 404, "event.not_found");
    const page = await answered(api.request("GET", `/events/${event.id}/organizers?limit=1`, { token: api.shop.admin }), 200);
    expect(page.items.map(({ isOwner }: { isOwner: boolean }) => isOwner)).toEqual([true, false]);
    expect(await answered(api.request("GET", "/me/grants", { token: helper.token }), 200)).toMatchObject({
      items: [{ userId: helper.id, role: "organizer", scope: scopeOf(event.id), expiresAt: "2099-01-01T00:00:00.000Z" }],
    });
  });

  it("lets others organize the event, too, and no longer than they do themselves", async () => {
    const [one, two] = [await somebody(), await somebody()];
    const event = await api.shop.createEvent();
    const until = new Date(Date.now() + 60 * MINUTES).toISOString();
    await answered(give(event.id, { userId: one.id, expiresAt: until }), 201);
    await refused(give(event.id, { userId: two.id, expiresAt: "2099-01-01T00:00:00Z" }, one.token), 422, "grant.outlasts_yours");
    expect(await answered(give(event.id, { userId: two.id }, one.token), 201)).toMatchObject({ expiresAt: until });
    // Nor do two of them keep each other.
    await refused(give(event.id, { userId: one.id, expiresAt: "2099-01-01T00:00:00Z" }, two.token), 422, "grant.outlasts_yours");
    await refused(give(event.id, { userId: one.id, expiresAt: "2099-01-01T00:00:00Z" }, one.token), 422, "grant.outlasts_yours");
    travel(60 * MINUTES);
    await refused(edit(event.id, one.token), 403, "actor.not_allowed");
    await refused(edit(event.id, two.token), 403, "actor.not_allowed");
  });

  it("is one until the very instant at which it ends", async () => {
    const helper = await somebody();
    const event = await api.shop.createEvent();
    const endsMs = Date.now() + 30_000;
    await answered(give(event.id, { userId: helper.id, expiresAt: new Date(endsMs).toISOString() }), 201);
    travel(endsMs - Date.now() - 5_000);
    await answered(edit(event.id, helper.token), 200);
    present();
    travel(endsMs - Date.now());
    await refused(edit(event.id, helper.token), 403, "actor.not_allowed");
    expect(await organizersOf(event.id)).toHaveLength(1);
    expect(await answered(api.request("GET", "/me/grants", { token: helper.token }), 200)).toEqual({ items: [] });
    // Given anew it counts anew.
    await answered(give(event.id, { userId: helper.id }), 201);
    await answered(edit(event.id, helper.token), 200);
  });

  it("is none any more at once where it was taken, and within a minute elsewhere", async () => {
    const [helper, witness] = [await somebody(), await somebody()];
    const event = await api.shop.createEvent();
    for (const { id } of [helper, witness]) await answered(give(event.id, { userId: id }), 201);
    await answered(edit(event.id, helper.token), 200);
    await answered(take(event.id, helper.id), 204);
    await refused(edit(event.id, helper.token), 403, "actor.not_allowed");
    await refused(take(event.id, helper.id), 404, "grant.not_found");

    await answered(edit(event.id, witness.token), 200);
    await elsewhere(async () => answered(take(event.id, witness.id), 204));
    await answered(edit(event.id, witness.token), 200);
    travel(60_001);
    await refused(edit(event.id, witness.token), 403, "actor.not_allowed");
  });

  it("may leave, also one who may no longer remove others", async () => {
    const [helper, designer] = [await somebody(), await somebody()];
    const event = await api.shop.createEvent();
    await answered(give(event.id, { userId: helper.id }), 201);
    await answered(take(event.id, helper.id, helper.token), 204);
    await refused(edit(event.id, helper.token), 403, "actor.not_allowed");
    const granted = { userId: designer.id, role: "designer", scope: scopeOf(event.id) };
    await answered(api.request("POST", "/grants", { token: api.shop.organizer, body: granted }), 201);
    const query = `userId=${designer.id}&role=designer&scopeType=event&scopeId=${event.id}`;
    await answered(api.request("DELETE", `/grants?${query}`, { token: designer.token }), 204);
    await refused(api.request("DELETE", `/grants?${query}`, { token: designer.token }), 404, "grant.not_found");
  });
});

describe("nobody escalates", () => {
  it("by giving themselves or others what they do not manage: it is as if it were not there", async () => {
    const { token, id } = await somebody();
    const event = await api.shop.createEvent();
    const before = (await grantRows()).length;
    for (const who of [api.otherOrganizer, await api.world.tokenOf("organizer", "third")]) {
      for (const [method, path, body] of [
        ["GET", "organizers", undefined],
        ["POST", "organizers", { userId: id }],
        ["DELETE", `organizers/${id}`, undefined],
      ] as const) {
        const ask = { token: who, ...(body ? { body } : {}) };
        const foreign = await api.bytes(method, `/events/${event.id}/${path}`, ask);
        expect(foreign, `${method} ${path}`).toEqual(await api.bytes(method, `/events/${MISSING}/${path}`, ask));
        expect(foreign.status).toBe(404);
      }
      const grant = (scopeId: string) => ({ token: who, body: { userId: id, role: "organizer", scope: scopeOf(scopeId) } });
      expect(await api.bytes("POST", "/grants", grant(event.id))).toEqual(await api.bytes("POST", "/grants", grant(MISSING)));
      const list = (scopeId: string) => api.bytes("GET", `/grants?scopeType=event&scopeId=${scopeId}`, { token: who });
      expect(await list(event.id)).toEqual(await list(MISSING));
    }
    for (const path of [`/events/${event.id}/organizers`, "/grants"])
      await refused(
        api.request("POST", path, { token, body: path === "/grants" ? { userId: id, role: "organizer", scope: scopeOf(event.id) } : { userId: id } }),
        403,
        "actor.not_allowed",
      );
    const own = (scopeId: string) => api.bytes("DELETE", `/events/${scopeId}/organizers/${id}`, { token });
    expect(await own(event.id)).toEqual(await own(MISSING));
    await refused(api.request("POST", `/events/${event.id}/organizers`, { body: { userId: id } }), 401, "actor.unauthenticated");
    expect((await grantRows()).length).toBe(before);
  });

  it("by the role admin, by a thing that is not theirs to give, or by fields that are ours", async () => {
    const { id } = await somebody();
    const event = await api.shop.createEvent();
    const post = (body: object, token = api.shop.organizer) => api.request("POST", "/grants", { token, body });
    await refused(post({ userId: id, role: "admin", scope: scopeOf(event.id) }, api.shop.admin), 400, "input.invalid", ["role"]);
    await refused(post({ userId: id, role: "designer", scope: { type: "designer", id: "des_01J8Z3K4M5N6P7Q8R9S0T1V2W3" } }), 403, "actor.not_allowed");
    await refused(post({ userId: id, role: "organizer", scope: { type: "event", id: "ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3" } }), 400, "input.invalid", ["scope.id"]);
    await refused(post({ userId: id, role: "organizer" }), 400, "input.invalid", ["scope"]);
    for (const extra of [{ grantedBy: { kind: "admin" } }, { role: "admin" }, { createdAt: "2020-01-01T00:00:00Z" }, { accessVersion: 9 }])
      await refused(give(event.id, { userId: id, ...extra }), 400, "input.invalid", Object.keys(extra));
    await refused(give(event.id, { userId: id, expiresAt: "2020-01-01T00:00:00Z" }), 400, "input.invalid", ["expiresAt"]);
    await refused(give(event.id, { userId: "usr_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }), 404, "user.not_found");
    await refused(api.request("GET", `/grants?userId=${id}`, { token: api.shop.organizer }), 403, "actor.not_allowed");
    await refused(api.request("GET", "/grants", { token: api.shop.admin }), 400, "input.invalid", ["userId"]);
  });

  it("and whose event it is stays its organizer", async () => {
    const event = await api.shop.createEvent();
    const helper = await somebody();
    await answered(give(event.id, { userId: helper.id }), 201);
    const { id: owner } = await answered(api.request("GET", "/me", { token: api.shop.organizer }), 200);
    for (const token of [helper.token, api.shop.organizer, api.shop.admin]) {
      await refused(take(event.id, owner, token), 409, "grant.is_owner");
      await refused(give(event.id, { userId: owner }, token), 409, "grant.is_owner");
    }
    await answered(edit(event.id, api.shop.organizer), 200);
  });

  it("and who is suspended is given nothing, and has nothing", async () => {
    const helper = await somebody();
    const event = await api.shop.createEvent();
    await answered(give(event.id, { userId: helper.id }), 201);
    await answered(api.request("POST", `/users/${helper.id}/suspend`, { token: api.shop.admin }), 200);
    await refused(edit(event.id, helper.token), 403, "user.suspended");
    await refused(give(event.id, { userId: helper.id, expiresAt: "2099-01-01T00:00:00Z" }), 409, "user.not_active");
    await answered(take(event.id, helper.id), 204);
  });
});

describe("admins", () => {
  it("give anybody a role for anything, see it by user and by thing, and take it", async () => {
    const { id } = await somebody();
    const scope = { type: "sponsor", id: "spo_01J8Z3K4M5N6P7Q8R9S0T1V2W3" };
    const admin = { token: api.shop.admin };
    const grant = await answered(api.request("POST", "/grants", { ...admin, body: { userId: id, role: "sponsor", scope } }), 201);
    expect(grant).toMatchObject({ userId: id, role: "sponsor", scope, expiresAt: null });
    expect(await answered(api.request("GET", `/grants?userId=${id}`, admin), 200)).toEqual({ items: [grant], nextCursor: null });
    expect(await answered(api.request("GET", `/grants?scopeType=sponsor&scopeId=${scope.id}`, admin), 200)).toEqual({ items: [grant], nextCursor: null });
    const query = `userId=${id}&role=sponsor&scopeType=sponsor&scopeId=${scope.id}`;
    await answered(api.request("DELETE", `/grants?${query}`, admin), 204);
    expect((await api.story(id)).slice(1)).toEqual(["admin grant.give → grant.given", "admin grant.take → grant.taken"]);
  });
});

describe("a grant", () => {
  it("given twice at the same moment is given once, and given again changes when it ends or nothing", async () => {
    const { id } = await somebody();
    const event = await api.shop.createEvent();
    expect(tally(await atOnce(6, () => give(event.id, { userId: id })))).toEqual({ "201": 6 });
    expect((await api.story(id)).slice(1)).toEqual(["organizer grant.give → grant.given"]);
    expect(await answered(give(event.id, { userId: id, expiresAt: "2099-01-01T00:00:00Z" }), 201)).toMatchObject({ expiresAt: "2099-01-01T00:00:00.000Z" });
    expect(await answered(give(event.id, { userId: id }), 201)).toMatchObject({ expiresAt: null });
    expect((await api.story(id)).length).toBe(4);
  });

  it("given and taken at the same moment stands or not, and its journal says which", async () => {
    const { id, token } = await somebody();
    const event = await api.shop.createEvent();
    for (let round = 0; round < 5; round++) {
      await Promise.all([give(event.id, { userId: id }), take(event.id, id), give(event.id, { userId: id }), take(event.id, id)]);
      const last = (await api.journalOf(id)).at(-1)!.action;
      const stands = (await grantRows()).some((row) => row["userId"] === id);
      expect(stands).toBe(last === "grant.give");
      expect((await edit(event.id, token)).status).toBe(stands ? 200 : 403);
    }
  });

  it("given or taken by a process that dies is all there or not at all, and repeating it finishes it", async () => {
    const event = await api.shop.createEvent();
    for (const when of ["before", "after"] as const)
      for (let at = 1, crashed = true; crashed; at++) {
        const { id } = await somebody();
        crashAt({ at, when, of: "requests" });
        await give(event.id, { userId: id });
        crashed = disarm();
        const [row] = (await grantRows()).filter(({ userId }) => userId === id);
        expect((await api.journalOf(id)).some(({ action }) => action === "grant.give")).toBe(row !== undefined);
        await answered(give(event.id, { userId: id }), 201);
        crashAt({ at, when, of: "requests" });
        const { status } = await take(event.id, id);
        if (!disarm()) expect(status).toBe(204);
        await take(event.id, id);
        expect((await grantRows()).filter(({ userId }) => userId === id)).toEqual([]);
        expect((await api.story(id)).slice(1)).toEqual(["organizer grant.give → grant.given", "organizer grant.take → grant.taken"]);
      }
  }, 120_000);
});

it("leaves every journal an unbroken chain, and answers as its documentation says", async () => {
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});
