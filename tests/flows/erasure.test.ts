import { randomUUID } from "node:crypto";
import { personIn } from "@fashionistas/core/actor";
import { withContext } from "@fashionistas/core/context";
import * as Dispute from "@fashionistas/core/dispute";
import * as Erasure from "@fashionistas/core/erasure";
import { ErasureIdSchema } from "@fashionistas/core/id";
import * as Order from "@fashionistas/core/order";
import * as Person from "@fashionistas/core/person";
import * as User from "@fashionistas/core/user";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { answered, atOnce, openApi, refused, type Api } from "../api/support.ts";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import type { World } from "../kit/world.ts";

let api: Api;
let world: World;
let freeType: string;
beforeAll(async () => {
  api = await openApi();
  world = api.world;
  freeType = (await api.shop.onSale(FREE, { capacity: 1_000 })).type.id;
});
afterEach(() => {
  disarm();
  present();
});

const FREE = { kind: "free", basePrice: { amount: 0, currency: "EUR" }, quantityTotal: 1_000 };
const machine = <T>(work: () => Promise<T>) =>
  withContext({ actor: { kind: "system", name: "story" }, requestId: `req_${randomUUID()}`, correlationId: "story" }, work);

/** Somebody with a verified e-mail and phone, who bought something before they signed in and something after. */
async function somebody() {
  const id = randomUUID();
  const contact = { name: `Zoe ${id}`, email: `zoe-${id}@example.com`, phone: `+39333${Math.floor(1e6 + Math.random() * 9e6)}` };
  const guest = await api.shop.buy(freeType, { quantity: 1, buyer: { ...contact, name: `Zoé ${id}` } });
  const signIn = (laterS = 0) =>
    api.tokenWith({
      ...{ sub: id, name: contact.name, email: contact.email, email_verified: true, phone_number: contact.phone, phone_number_verified: true },
      ...{ auth_time: Math.floor(Date.now() / 1_000) + laterS, origin_jti: randomUUID() },
    });
  const token = signIn();
  const user = await answered(api.request("GET", "/me", { token }), 200);
  const bought = await answered(
    api.request("POST", `/tickets/${freeType}/purchase`, { token, body: { quantity: 2, buyer: contact, attendees: [null, contact] } }),
    201,
  );
  return { id, contact, guest, bought, token, signIn, userId: user.id as string };
}

async function forget(token: string): Promise<string> {
  const { erasureId } = await answered(api.request("DELETE", "/me", { token }), 202);
  return erasureId;
}

/** Lets an erasure come to its end as it does when deployed: by its consumer, and after its wait by the clock. */
async function ended(erasureId: string): Promise<Erasure.ErasureRow> {
  for (let minutes = 0; minutes < 8; minutes++) {
    await world.settle();
    const job = (await Erasure.find(erasureId))!;
    if (job.phase === "done") return job;
    travel(1 * MINUTES + 1_000);
    await world.runSchedule("continue-erasures");
  }
  throw new Error(`${erasureId} does not end`);
}

async function peopleIn(ids: readonly string[]) {
  return (await Person.listStanding(ids)).map(({ personId, erasedAt, sealed, emailKey, phoneKey }) => ({
    personId,
    erased: !!erasedAt,
    sealed,
    emailKey,
    phoneKey,
  }));
}

describe("somebody who asks to be forgotten", () => {
  it("is unreadable in everything that they left, and everything goes on without their name", async () => {
    const { contact, guest, bought, token, userId } = await somebody();
    const others = await api.shop.buy(freeType, { quantity: 2, attendees: [contact, null] });
    await world.settle();
    const people = [Person.personIdOf(contact), Person.personIdOf({ ...contact, name: contact.name.replace("Zoe", "Zoé") })];
    expect(await Person.findAll(people)).toHaveLength(2);

    const erasureId = await forget(token);
    const job = await ended(erasureId);
    expect(job).toMatchObject({ phase: "done", people: 2, keys: 2 });
    expect(JSON.stringify(job)).not.toMatch(/emailKey|phoneKey/);
    expect(await Person.findAll(people)).toEqual([]);
    for (const row of await peopleIn(people))
      expect(row).toEqual({ personId: row.personId, erased: true, sealed: undefined, emailKey: undefined, phoneKey: undefined });
    expect(await Person.listByKeys({ emailKey: Person.emailKeyOf(contact.email), phoneKey: Person.phoneKeyOf(contact.phone) })).toEqual([]);

    const seen = await api.shop.order(guest);
    expect(seen).toMatchObject({ status: "fulfilled", tickets: [{ status: "valid", credential: expect.stringMatching(/./) }] });
    expect((await api.shop.order(bought)).tickets.map(({ status }) => status)).toEqual(["valid", "valid"]);
    expect((await api.shop.order(others)).attendees).toEqual([{ ticketNumber: 1, name: null, email: null, phone: null }]);
    expect(await api.request("GET", `/orders/${guest.order.id}`, { token: api.shop.admin })).toMatchObject({ status: 200 });

    const proof = await answered(api.request("GET", `/erasures/${erasureId}`, { token: api.shop.admin }), 200);
    expect(proof).toMatchObject({ userId, reason: "request", askedBy: { kind: "attendee", id: userId }, people: 2, keys: 2, atIssuer: "not_ours" });
    expect(proof.erased.map(({ personId }: { personId: string }) => personId).sort()).toEqual([...people].sort());
    expect(proof.digest).toBe(Erasure.digestOf((await Erasure.find(erasureId))!, await Erasure.listErased(erasureId)));
    const story = await api.story(erasureId);
    expect(story.at(-2)).toMatch(/erasure\.proceed → erasure\.finished$/);
    expect(new Set(story.map((line) => line.split(" ")[1]))).toEqual(new Set(["erasure.proceed", "erasure.forgotten_by_issuer"]));
    for (const personId of people) expect(await api.story(personId)).toEqual(["system erasure.proceed → person.erased"]);
    expect(await User.find(userId)).toMatchObject({ status: "erased" });
    expect(JSON.stringify(await User.find(userId))).not.toMatch(/per_/);
  });

  it("is signed out at once, is answered alike when they ask again, and begins anew when they come back", async () => {
    const { contact, guest, token, signIn, userId } = await somebody();
    const first = await answered(api.request("DELETE", "/me", { token }), 202);
    expect(first).toMatchObject({ phase: "people", finishedAt: null, meaning: expect.stringMatching(/stay valid/) });
    await refused(api.request("GET", "/me", { token }), 401, "session.ended");
    await ended(first.erasureId);

    const back = await answered(api.request("GET", "/me", { token: signIn(5) }), 200);
    expect(back).toMatchObject({ id: userId, role: "attendee", status: "active", name: contact.name });
    const [now] = await Person.listByKeys({ emailKey: Person.emailKeyOf(contact.email) });
    expect(now).toBe(Person.personIdOf(contact, 1));
    expect(await Person.find(Person.personIdOf(contact))).toBeUndefined();
    const again = await api.shop.buy(freeType, { quantity: 2, buyer: contact, attendees: [null, contact] });
    expect((await Order.find(again.order.id))?.personId).toBe(Person.personIdOf(contact, 1));
    expect((await Order.find(guest.order.id))?.personId).not.toBe(Person.personIdOf(contact, 1));
    const second = await forget(signIn(5));
    expect(second).not.toBe(first.erasureId);
    expect(await ended(second)).toMatchObject({ people: 1, keys: 1 });
  });

  it("is asked for once, however many calls ask at that moment", async () => {
    const { token } = await somebody();
    const answers = await atOnce(6, () => api.request("DELETE", "/me", { token }));
    const receipts = answers.filter(({ status }) => status === 202).map(({ body }) => body.erasureId);
    expect(receipts.length).toBeGreaterThan(0);
    expect(new Set(receipts).size).toBe(1);
    expect(
      answers
        .filter(({ status }) => status !== 202)
        .map(({ body }) => body.code)
        .filter((code) => code !== "session.ended"),
    ).toEqual([]);
    expect(await ended(receipts[0])).toMatchObject({ people: 2 });
  });

  it("takes no words with them that another user proved to be theirs", async () => {
    const [zoe, friend] = [await somebody(), await somebody()];
    await answered(api.request("POST", `/tickets/${freeType}/purchase`, { token: zoe.token, body: { quantity: 1, buyer: friend.contact } }), 201);
    await world.settle();
    expect(await ended(await forget(zoe.token))).toMatchObject({ people: 2 });
    expect(await Person.find(Person.personIdOf(friend.contact))).toMatchObject(friend.contact);
  });

  it("is refused when they are the last admin, and nothing has begun", async () => {
    const admins = (await everything(world)).get("admins") as unknown as { count: number }[];
    expect(admins[0]!.count).toBe(1);
    await refused(api.request("DELETE", "/me", { token: api.shop.admin }), 409, "user.last_admin");
    await answered(api.request("GET", "/me", { token: api.shop.admin }), 200);
  });
});

describe("who reads an erasure", () => {
  it("is an admin: nobody else, and a missing one is not found", async () => {
    const { token } = await somebody();
    const { token: other } = await somebody();
    const erasureId = await forget(token);
    await refused(api.request("GET", `/erasures/${erasureId}`, { token: other }), 403, "actor.not_allowed");
    await refused(api.request("GET", `/erasures/${erasureId}`), 401, "actor.unauthenticated");
    await refused(api.request("GET", "/erasures/era_01J8Z3K4M5N6P7Q8R9S0T1V2W3", { token: api.shop.admin }), 404, "erasure.not_found");
    await refused(api.request("GET", "/erasures/nonsense", { token: api.shop.admin }), 404, "erasure.not_found");
    await ended(erasureId);
  });
});

describe("an erasure", () => {
  const actorOf = (userId: string) => personIn("attendee", userId);
  const asUser = <T>(userId: string, work: () => Promise<T>) => withContext({ actor: actorOf(userId), requestId: randomUUID(), correlationId: "story" }, work);

  /** Its slices, one after the other, without the bus. */
  async function run(erasureId: string, times = 12): Promise<void> {
    for (let n = 0; n < times && (await Erasure.find(erasureId))?.phase !== "done"; n++)
      await machine(() => Erasure.proceed({ erasureId: ErasureIdSchema.parse(erasureId) }));
  }

  it("comes to the same end whichever call its worker dies at", async () => {
    for (const when of ["before", "after"] as const) {
      for (let at = 1, crashed = true; crashed; at++) {
        const { contact, userId } = await somebody();
        const { erasureId } = await asUser(userId, () => Erasure.request({}));
        await world.pump.drain();
        crashAt({ at, when, of: "machines" });
        await run(erasureId).catch(() => undefined);
        crashed = disarm();
        await run(erasureId);
        expect(await Erasure.find(erasureId), `${when} call ${at}`).toMatchObject({ phase: "done", people: 2, keys: 2 });
        expect(await Person.findAll([Person.personIdOf(contact)]), `${when} call ${at}`).toEqual([]);
      }
    }
    await world.settle();
    expect(await violations(world)).toEqual([]);
  }, 240_000);

  it("erases everybody once when several workers do the same slices at the same moment", async () => {
    const { userId } = await somebody();
    const { erasureId } = await asUser(userId, () => Erasure.request({}));
    await Promise.all([1, 2, 3].map(() => run(erasureId)));
    await run(erasureId);
    expect(await Erasure.find(erasureId)).toMatchObject({ phase: "done", people: 2, keys: 2 });
  });

  it("leaves nothing half erased when orders of the same person are placed meanwhile", async () => {
    const { contact, userId } = await somebody();
    const { erasureId, requestedAt } = await asUser(userId, () => Erasure.request({}));
    const buying = atOnce(6, () => api.shop.buy(freeType, { quantity: 2, buyer: contact, attendees: [null, { ...contact, name: "Somebody else" }] }));
    const [checkouts] = await Promise.all([buying, run(erasureId, 3)]);
    await run(erasureId);
    await world.settle();
    const rows = await Person.listStanding([0, 1, 2].map((life) => Person.personIdOf(contact, life)));
    expect(rows.find(({ personId }) => personId === Person.personIdOf(contact))).toMatchObject({ erasureId });
    for (const row of rows) expect(!!row.erasedAt || row.createdAt > requestedAt, row.personId).toBe(true);
    for (const { personId, erasedAt } of rows) expect((await Person.find(personId)) === undefined).toBe(erasedAt !== undefined);
    for (const checkout of checkouts) expect((await api.shop.order(checkout)).tickets).toHaveLength(2);
    expect(await violations(world)).toEqual([]);
  });
});

it("evidence of a dispute is assembled without the name of a buyer who was erased", async () => {
  const { contact, token } = await somebody();
  const { type } = await api.shop.onSale();
  const checkout = await answered(api.request("POST", `/tickets/${type.id}/purchase`, { token, body: { quantity: 1, buyer: contact } }), 201);
  await world.stripe.pay(checkout.payment.paymentIntentId, "succeed");
  await world.settle();
  const { id } = await world.stripe.dispute(checkout.payment.paymentIntentId, { kind: "chargeback" });
  await world.settle();
  const evidence = () => answered(api.request("GET", `/disputes/${Dispute.idOf(id)}`, { token: api.shop.organizer }), 200);
  expect(JSON.stringify(await evidence())).toContain(contact.email);
  await ended(await forget(token));
  const after = JSON.stringify(await evidence());
  expect(after).toContain(checkout.order.id);
  expect(after).not.toMatch(new RegExp(`${contact.email}|${contact.name}`));
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
