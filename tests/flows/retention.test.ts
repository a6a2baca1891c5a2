import { randomUUID } from "node:crypto";
import { withContext } from "@fashionistas/core/context";
import * as Erasure from "@fashionistas/core/erasure";
import * as Person from "@fashionistas/core/person";
import * as Retention from "@fashionistas/core/retention";
import { afterEach, beforeAll, expect, it } from "vitest";
import { answered, openApi, type Api } from "../api/support.ts";
import { DAYS, MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterEach(() => present());

const somebody = () => ({ name: "Anna Rossi", email: `anna-${randomUUID()}@example.com` });
const isKnown = async (contact: Person.Contact) => (await Person.find(Person.personIdOf(contact))) !== undefined;
const review = () => withContext({ actor: { kind: "schedule", name: "story" }, requestId: randomUUID(), correlationId: "story" }, () => Retention.review({}));

/** The schedule's run, and the erasures that follow from it. */
async function reviewed(): Promise<void> {
  await api.world.runSchedule("review-retention");
  for (let n = 0; n < 4; n++) {
    await api.world.settle();
    travel(1 * MINUTES + 1_000);
    await api.world.runSchedule("continue-erasures");
  }
  await api.world.settle();
}

it("who is past their time is erased with a proof, everybody else stays, and a second run finds nobody", async () => {
  const [free, paid] = [await api.shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } }), await api.shop.onSale()];
  const [enquirer, twice, buyer, guest] = [somebody(), somebody(), somebody(), somebody()];
  const user = { ...somebody(), id: randomUUID() };
  const unsold = async (contact: Person.Contact) => {
    const checkout = await api.shop.buy(paid.type.id, { quantity: 1, buyer: contact });
    await answered(api.shop.onOrder(checkout, "cancel"), 200);
  };
  for (const contact of [enquirer, twice, { name: user.name, email: user.email }]) await unsold(contact);
  travel(1 * MINUTES);
  await unsold(twice);
  for (const contact of [buyer, guest]) await api.shop.buy(free.type.id, { quantity: 1, buyer: contact });
  const token = api.tokenWith({ sub: user.id, name: user.name, email: user.email, email_verified: true, auth_time: Math.floor(Date.now() / 1_000) });
  await answered(api.request("GET", "/me", { token }), 200);
  await api.world.settle();

  await reviewed();
  for (const contact of [enquirer, twice, buyer, guest, user]) expect(await isKnown(contact)).toBe(true);

  travel(91 * DAYS);
  await reviewed();
  expect([await isKnown(enquirer), await isKnown(twice), await isKnown(buyer), await isKnown(user)]).toEqual([false, true, true, true]);
  const [row] = (await Person.listStanding([Person.personIdOf(enquirer)])) as [Person.PersonRow];
  expect(await Erasure.find(row.erasureId!)).toMatchObject({ reason: "retention", askedBy: { kind: "schedule" }, phase: "done", people: 1, keys: 1 });
  expect(JSON.stringify(await Erasure.find(row.erasureId!))).not.toMatch(/userId/);
  const erasures = async () => ((await everything(api.world)).get("erasure") ?? []).length;
  const before = await erasures();
  expect(await review()).toEqual({ people: 0, exports: 0 });
  expect(await erasures()).toBe(before);

  travel(4_016 * DAYS);
  await reviewed();
  expect([await isKnown(twice), await isKnown(buyer), await isKnown(guest), await isKnown(user)]).toEqual([false, false, false, true]);
  expect(await violations(api.world)).toEqual([]);
}, 60_000);
