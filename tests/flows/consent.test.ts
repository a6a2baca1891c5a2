import { randomUUID } from "node:crypto";
import * as Consent from "@fashionistas/core/consent";
import { now, withContext } from "@fashionistas/core/context";
import * as Person from "@fashionistas/core/person";
import { isoOf } from "@fashionistas/core/time";
import { recordWord } from "@fashionistas/integrations/wati";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { answered, openApi, refused, type Api } from "../api/support.ts";
import { MINUTES, SECONDS, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";

let api: Api;
let typeId: string;
beforeAll(async () => {
  api = await openApi();
  typeId = (await api.shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" }, quantityTotal: 300 })).type.id;
});
afterEach(() => present());

let numbers = 0;
const somebody = () => ({ name: "Anna Rossi", email: `anna-${randomUUID()}@example.com`, phone: `+39333444${String(1_000 + numbers++)}` });
const digits = (phone: string) => phone.slice(1);
const keyOf = ({ phone }: { phone: string }) => Person.phoneKeyOf(phone);
const sentTo = async (phone: string) => (await api.world.wati.messages()).filter((message) => message.phone === digits(phone)).length;

async function order(buyer: { phone: string }, whatsappOptIn = true) {
  const checkout = await api.shop.buy(typeId, { quantity: 1, buyer, whatsappOptIn });
  await api.world.settle();
  return checkout;
}

/** Somebody writes to us on WhatsApp; the webhook comes as often as WATI pleases. */
async function writes(phone: string, text: string) {
  const id = await api.world.wati.inbound(digits(phone), text);
  await api.world.settle();
  return id;
}

describe("consent to WhatsApp", () => {
  it("is a row of the ledger with its source and time before the first message goes out", async () => {
    const buyer = somebody();
    const { order: placed } = await order(buyer);
    expect(await sentTo(buyer.phone)).toBe(1);
    expect(await Consent.history("whatsapp", keyOf(buyer))).toEqual([
      { channel: "whatsapp", state: "granted", source: `order:${placed.id}`, at: placed.createdAt },
    ]);
  });

  it("is taken back by STOP, in whatever spelling and however often it is told, and nothing is sent from then on", async () => {
    const buyer = somebody();
    await order(buyer);
    const id = await writes(buyer.phone, " Stop! ");
    await api.world.wati.redeliver(id);
    await api.world.settle();
    const said = await Consent.history("whatsapp", keyOf(buyer));
    expect(said.map(({ state, source }) => `${state} ${source.split(":")[0]}`)).toEqual(["withdrawn webhook", "granted order"]);
  });

  it("counts for an order whose message was still to come when they wrote STOP: nothing is sent", async () => {
    const buyer = somebody();
    await api.shop.buy(typeId, { quantity: 1, buyer, whatsappOptIn: true });
    travel(2 * SECONDS);
    const system = { actor: { kind: "system", name: "process-wati" } as const, requestId: randomUUID(), correlationId: "story" };
    await withContext(system, () => recordWord({ state: "withdrawn", phoneKey: keyOf(buyer), at: isoOf(now()) }));
    await api.world.settle();
    expect(await sentTo(buyer.phone)).toBe(0);
    expect((await Consent.history("whatsapp", keyOf(buyer))).map(({ state }) => state)).toEqual(["withdrawn", "granted"]);
  });

  it("is not taken back by a STOP of the second before the order, which WATI tells without its fraction", async () => {
    const buyer = somebody();
    const { order: placed } = await api.shop.buy(typeId, { quantity: 1, buyer, whatsappOptIn: true });
    const before = isoOf(Math.floor(Date.parse(placed.createdAt) / 1_000) * 1_000 - 1_000);
    const system = { actor: { kind: "system", name: "process-wati" } as const, requestId: randomUUID(), correlationId: "story" };
    await withContext(system, () => recordWord({ state: "withdrawn", phoneKey: keyOf(buyer), at: before }));
    await api.world.settle();
    expect(await sentTo(buyer.phone)).toBe(1);
  });

  it("is given anew by an order that asks for messages after STOP", async () => {
    const buyer = somebody();
    await order(buyer);
    await writes(buyer.phone, "stop");
    travel(1 * MINUTES);
    await order(buyer);
    expect(await sentTo(buyer.phone)).toBe(2);
    expect((await Consent.latest("whatsapp", keyOf(buyer)))?.state).toBe("granted");
  });

  it("means nothing in a sentence, and no number, name or word of theirs is kept", async () => {
    const buyer = { ...somebody(), phone: `+39333999${String(1_000 + numbers++)}` };
    const words = `Where is my ticket? ${randomUUID()}`;
    await writes(buyer.phone, words);
    await writes(buyer.phone, "STOP");
    expect(await Consent.history("whatsapp", keyOf(buyer))).toHaveLength(1);
    const kept = JSON.stringify([...(await everything(api.world)).values(), await api.world.store.list("domain-events")]);
    expect(kept).not.toContain(digits(buyer.phone));
    expect(kept).not.toContain(words.slice(-36));
  });
});

describe("/me/consents", () => {
  const tokenOf = (claims: Record<string, unknown>) =>
    api.tokenWith({ sub: randomUUID(), email: `me-${randomUUID()}@example.com`, email_verified: true, auth_time: Math.floor(Date.now() / 1_000), ...claims });

  it("shows one's last word, lets one change it, and adds nothing when it is said again", async () => {
    const buyer = somebody();
    await order(buyer);
    const token = tokenOf({ phone_number: buyer.phone, phone_number_verified: true });
    const mine = () => api.request("GET", "/me/consents", { token });
    expect(await answered(mine(), 200)).toMatchObject({ whatsapp: true, email: null });
    for (let n = 0; n < 2; n++) {
      const said = await answered(api.request("PUT", "/me/consents", { token, body: { whatsapp: false, email: true } }), 200);
      expect(said).toMatchObject({ whatsapp: false, email: true });
      expect(said.history.map(({ source }: { source: string }) => source.split(":")[0])).toEqual(["me", "me", "order"]);
    }
  });

  it("names the address that is missing, and refuses what is not a choice", async () => {
    const token = tokenOf({});
    await refused(api.request("PUT", "/me/consents", { token, body: { whatsapp: true } }), 409, "consent.no_channel");
    await refused(api.request("PUT", "/me/consents", { token, body: {} }), 400, "input.invalid");
    await refused(api.request("PUT", "/me/consents", { token, body: { whatsapp: "yes" } }), 400, "input.invalid", ["whatsapp"]);
    await refused(api.request("PUT", "/me/consents", { body: { whatsapp: true } }), 401, "actor.unauthenticated");
    await refused(api.request("GET", "/me/consents"), 401, "actor.unauthenticated");
  });

  it("outlives an erasure as a keyed hash, so that whoever took it back stays unwritten to", async () => {
    const buyer = somebody();
    const token = tokenOf({ phone_number: buyer.phone, phone_number_verified: true });
    await answered(api.request("PUT", "/me/consents", { token, body: { whatsapp: false } }), 200);
    await answered(api.request("DELETE", "/me", { token }), 202);
    await api.world.settle();
    travel(2 * MINUTES);
    for (let n = 0; n < 3; n++) {
      await api.world.runSchedule("continue-erasures");
      await api.world.settle();
    }
    expect((await Consent.latest("whatsapp", keyOf(buyer)))?.state).toBe("withdrawn");
  });
});

it("leaves nothing broken, and answers as its documentation says", async () => {
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});
