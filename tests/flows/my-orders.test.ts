import { randomUUID } from "node:crypto";
import type { Checkout } from "@fashionistas/core/order/schema";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { answered, openApi, refused, type Api } from "../api/support.ts";
import { present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { FREE, purchaseBody } from "../kit/shop.ts";

let api: Api;
let typeId: string;
beforeAll(async () => {
  api = await openApi();
  typeId = (await api.shop.onSale({ ...FREE, quantityTotal: 200 })).type.id;
});
afterEach(() => {
  disarm();
  present();
});

type List = { items: { id: string; createdAt: string }[]; nextCursor: string | null };

const newEmail = () => `${randomUUID()}@example.com`;
const newPhone = () => `+39${Math.floor(1e9 + Math.random() * 9e9)}`;
const tokenOf = (claims: Record<string, unknown>) =>
  api.tokenWith({ sub: randomUUID(), auth_time: Math.floor(Date.now() / 1_000), origin_jti: randomUUID(), ...claims });
const byEmail = (email: string) => tokenOf({ email, email_verified: true });
const buy = async (buyer: { email: string; phone?: string }) => (await api.shop.buy(typeId, { buyer: { name: "Anna Rossi", ...buyer } })).order.id;
const mine = (token: string, query = "") => answered(api.request<List>("GET", `/orders${query}`, { token }), 200);
const idsOf = async (token: string) => (await mine(token)).items.map(({ id }) => id);
/** Signs in, and lets everything that causes happen. */
async function signIn(token: string): Promise<string> {
  await answered(api.request("GET", "/me", { token }), 200);
  await api.world.settle();
  return token;
}

describe("GET /orders", () => {
  it("lists what one bought signed in, newest first, page by page, and nothing of others", async () => {
    const [token, other] = [byEmail(newEmail()), byEmail(newEmail())];
    const bought: string[] = [];
    for (const who of [token, token, other, token]) {
      const { body } = await api.request<Checkout>("POST", `/tickets/${typeId}/purchase`, { token: who, body: purchaseBody() });
      if (who === token) bought.unshift(body.order.id);
    }
    expect(await idsOf(token)).toEqual(bought);
    const first = await mine(token, "?limit=2");
    const second = await mine(token, `?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(bought);
    await refused(api.request("GET", `/orders?cursor=${first.nextCursor}`, { token: other }), 400, "input.invalid", ["cursor"]);
    await refused(api.request("GET", "/orders"), 401, "actor.unauthenticated");
  });
});

describe("what a guest bought", () => {
  it("is theirs once they sign in with the e-mail that they gave", async () => {
    const email = newEmail();
    const orders = [await buy({ email }), await buy({ email: email.toUpperCase() })];
    const token = await signIn(byEmail(email));
    expect((await idsOf(token)).sort()).toEqual(orders.sort());
    await answered(api.request("GET", `/orders/${orders[0]}`, { token }), 200);
    expect((await api.story(orders[0]!)).at(-1)).toBe("system order.adopt → order.adopted");
  });

  it("is theirs once they sign in with the phone number that they gave", async () => {
    const phone = newPhone();
    const order = await buy({ email: newEmail(), phone });
    expect(await idsOf(await signIn(tokenOf({ phone_number: phone, phone_number_verified: true })))).toEqual([order]);
  });

  it("is not theirs by an e-mail or phone that nobody verified, nor while they are suspended", async () => {
    const [email, phone] = [newEmail(), newPhone()];
    const order = await buy({ email, phone });
    const claims = { email, email_verified: false, phone_number: phone, phone_number_verified: false };
    const token = await signIn(tokenOf(claims));
    expect(await idsOf(token)).toEqual([]);
    await refused(api.request("GET", `/orders/${order}`, { token }), 404, "order.not_found");

    const suspended = byEmail(newEmail());
    const me = await answered(api.request<{ id: string; email: string }>("GET", "/me", { token: suspended }), 200);
    await answered(api.request("POST", `/users/${me.id}/suspend`, { token: api.shop.admin }), 200);
    const later = await buy({ email: me.email });
    await api.world.settle();
    await answered(api.request("POST", `/users/${me.id}/reinstate`, { token: api.shop.admin }), 200);
    await api.world.settle();
    expect(await idsOf(suspended)).not.toContain(later);
  });

  it("who is a user already is theirs at once", async () => {
    const email = newEmail();
    const token = await signIn(byEmail(email));
    const order = await buy({ email });
    expect(await idsOf(token)).toEqual([]);
    await api.world.settle();
    expect(await idsOf(token)).toEqual([order]);
  });

  it("goes to the user of the e-mail, when its phone is another's", async () => {
    const [email, phone] = [newEmail(), newPhone()];
    const byPhone = await signIn(tokenOf({ phone_number: phone, phone_number_verified: true }));
    const token = await signIn(byEmail(email));
    const order = await buy({ email, phone });
    await api.world.settle();
    expect([await idsOf(token), await idsOf(byPhone)]).toEqual([[order], []]);
  });

  it("is adopted in the end, whichever call the consumers die at, and told twice it is adopted once", async () => {
    for (const when of ["before", "after"] as const)
      for (let at = 1, crashed = true; crashed; at++) {
        const email = newEmail();
        const order = await buy({ email });
        await api.world.settle();
        const token = byEmail(email);
        await answered(api.request("GET", "/me", { token }), 200);
        await api.world.pump.drain();
        crashAt({ at, when, of: "machines" });
        await api.world.settle();
        crashed = disarm();
        await api.world.settle();
        expect(await idsOf(token)).toEqual([order]);
        expect((await api.journalOf(order)).filter(({ action }) => action === "order.adopt")).toHaveLength(1);
      }
  }, 120_000);
});

it("leaves a user who was erased nothing that was granted to them", async () => {
  const [sub, email] = [randomUUID(), newEmail()];
  const token = tokenOf({ sub, email, email_verified: true });
  const { id } = await answered(api.request<{ id: string }>("GET", "/me", { token }), 200);
  const event = await api.shop.createEvent();
  await answered(api.request("POST", `/events/${event.id}/organizers`, { token: api.shop.organizer, body: { userId: id } }), 201);
  await answered(api.request("DELETE", "/me", { token }), 202);
  await api.world.settle();
  const grants = async () => ((await everything(api.world)).get("grant") ?? []).filter((row) => row["userId"] === id);
  for (let minute = 0; (await grants()).length > 0 && minute < 20; minute++) {
    travel(61_000);
    await api.world.runSchedule("continue-erasures");
    await api.world.settle();
  }
  expect(await grants()).toEqual([]);
  expect((await api.journalOf(id)).at(-1)).toMatchObject({ action: "grant.take_all" });
});

it("leaves every journal an unbroken chain, and answers as its documentation says", async () => {
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});
