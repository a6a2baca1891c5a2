import { randomUUID } from "node:crypto";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { personIn } from "@fashionistas/core/actor";
import { withContext } from "@fashionistas/core/context";
import * as DataExport from "@fashionistas/core/data-export";
import type { PersonalData } from "@fashionistas/core/data-export/schema";
import { UserIdSchema } from "@fashionistas/core/id";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { answered, atOnce, openApi, refused, type Api } from "../api/support.ts";
import { DAYS, MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";

let api: Api;
let freeType: string;
beforeAll(async () => {
  api = await openApi();
  freeType = (await api.shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" }, quantityTotal: 1_000 }, { capacity: 1_000 })).type.id;
});
afterEach(() => {
  disarm();
  present();
});

let numbers = 0;
/** Somebody who bought as a guest, then signed in with that e-mail and phone, and bought again. */
async function somebody(phone = `+39333555${String(1_000 + numbers++)}`) {
  const id = randomUUID();
  const contact = { name: `Anna ${id}`, email: `anna-${id}@example.com`, phone };
  const guest = await api.shop.buy(freeType, { quantity: 1, buyer: { ...contact, name: `Anna R. ${id}` }, whatsappOptIn: true });
  const token = api.tokenWith({
    ...{ sub: id, name: contact.name, email: contact.email, email_verified: true, phone_number: phone, phone_number_verified: true },
    ...{ auth_time: Math.floor(Date.now() / 1_000), origin_jti: randomUUID() },
  });
  const { id: userId } = await answered(api.request("GET", "/me", { token }), 200);
  const friend = { name: `Bea ${id}`, email: `bea-${id}@example.com` };
  const bought = await answered(
    api.request("POST", `/tickets/${freeType}/purchase`, { token, body: { quantity: 2, buyer: contact, attendees: [null, friend] } }),
    201,
  );
  await api.world.settle();
  return { contact, friend, guest, bought, token, userId: userId as string };
}
const ask = (token: string) => answered(api.request("POST", "/me/export", { token }), 202);
const download = (token: string) => answered(api.request<PersonalData>("GET", "/me/export/download", { token }), 200);

describe("an export", () => {
  it("holds everything of theirs in plain words, and nobody else's", async () => {
    const { contact, friend, guest, bought, token } = await somebody();
    expect(await ask(token)).toMatchObject({ phase: "collecting", download: null });
    await api.world.settle();
    const state = await answered(api.request("GET", "/me/export", { token }), 200);
    expect(state).toMatchObject({ phase: "ready", download: "/me/export/download" });
    const answer = await api.request<PersonalData>("GET", "/me/export/download", { token });
    expect(answer.headers.get("content-disposition")).toContain("attachment");
    expect(answer.headers.get("cache-control")).toContain("no-store");
    const data = answer.body;
    expect(data.account).toMatchObject({ email: contact.email, phone: contact.phone });
    expect(data.contacts.map(({ name }) => name).sort()).toEqual([`Anna R. ${contact.name.slice(5)}`, contact.name].sort());
    expect(data.orders.map(({ id }) => id).sort()).toEqual([guest.order.id, bought.order.id].sort());
    const [first] = data.orders.filter(({ id }) => id === guest.order.id);
    expect(first).toMatchObject({
      status: "fulfilled",
      buyer: { email: contact.email },
      tickets: [{ status: "valid", yours: true }],
      messages: [{ channel: "whatsapp" }],
    });
    expect(data.orders.find(({ id }) => id === bought.order.id)).toMatchObject({ tickets: [{ yours: true }, { yours: false }] });
    expect(data.consents).toEqual([expect.objectContaining({ channel: "whatsapp", state: "granted" })]);
    expect(data.sessions).toHaveLength(1);
    expect(JSON.stringify(data)).not.toContain(friend.email);
  });

  it("leaves out the words of another user with whom they share a phone", async () => {
    const one = await somebody();
    const other = await somebody(one.contact.phone);
    await ask(one.token);
    await api.world.settle();
    const data = await download(one.token);
    expect(JSON.stringify(data)).toContain(one.contact.email);
    expect(JSON.stringify(data)).not.toContain(other.contact.email);
    expect(data.orders.map(({ id }) => id)).not.toContain(other.guest.order.id);
  });

  it("lies sealed: nothing of it can be read in the table", async () => {
    const { contact, token } = await somebody();
    await ask(token);
    await api.world.settle();
    const parts = (await everything(api.world)).get("data-export-part")!;
    expect(parts.length).toBeGreaterThan(1);
    expect(JSON.stringify([...(await everything(api.world)).values()])).not.toMatch(new RegExp(`${contact.email}|${contact.name}`));
  });

  it("is collected once, however many calls ask at that moment", async () => {
    const { token } = await somebody();
    const ids = new Set((await atOnce(6, () => ask(token))).map(({ id }) => id));
    expect(ids.size).toBe(1);
    await api.world.settle();
    expect((await download(token)).orders).toHaveLength(2);
  });

  it("is whole whichever call its worker dies at", async () => {
    const { token, userId } = await somebody();
    const user = UserIdSchema.parse(userId);
    const collectAll = async () => {
      for (let n = 0; n < 12; n++) {
        const job = (await DataExport.find(userId))!;
        if (job.phase === "ready") return;
        await withContext({ actor: { kind: "system", name: "story" }, requestId: randomUUID(), correlationId: "story" }, () =>
          DataExport.collect({ userId: user, n: job.n }),
        );
      }
    };
    for (const when of ["before", "after"] as const) {
      for (let at = 1, crashed = true; crashed; at++) {
        await withContext({ actor: personIn("attendee", userId), requestId: randomUUID(), correlationId: "story" }, () => DataExport.request({}));
        crashAt({ at, when, of: "machines" });
        await collectAll().catch(() => undefined);
        crashed = disarm();
        await collectAll();
        const { orders, account } = await download(token);
        expect([orders.length, account["id"]], `${when} call ${at}`).toEqual([2, userId]);
      }
    }
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  }, 120_000);

  it("is taken up by the clock when its worker died", async () => {
    const { token } = await somebody();
    crashAt({ at: 4, when: "before", of: "machines" });
    await ask(token);
    await api.world.pump.drain();
    disarm();
    travel(3 * MINUTES);
    for (let n = 0; n < 6; n++) await api.world.runSchedule("continue-exports");
    await api.world.settle();
    expect((await download(token)).orders).toHaveLength(2);
  });
});

describe("whose export it is", () => {
  it("decides who gets it: others have none, and it is not found before it was asked for", async () => {
    const { token } = await somebody();
    const { token: other } = await somebody();
    await refused(api.request("GET", "/me/export", { token }), 404, "data_export.not_found");
    await ask(token);
    await refused(api.request("GET", "/me/export/download", { token }), 409, "data_export.not_ready");
    await api.world.settle();
    await refused(api.request("GET", "/me/export/download", { token: other }), 404, "data_export.not_found");
    await refused(api.request("GET", "/me/export/download"), 401, "actor.unauthenticated");
    await refused(api.request("POST", "/me/export"), 401, "actor.unauthenticated");
  });

  it("ends with them, and after a week: its key is deleted", async () => {
    const keyOf = async (exportId: string) =>
      (await api.world.documents.send(new GetCommand({ TableName: process.env["KEYS_TABLE_NAME"]!, Key: { pk: `KEY#${exportId}`, sk: "KEY" } }))).Item;
    const [leaving, staying] = [await somebody(), await somebody()];
    const ids = [(await ask(leaving.token)).id, (await ask(staying.token)).id];
    await api.world.settle();
    expect(await Promise.all(ids.map(keyOf))).toEqual([expect.anything(), expect.anything()]);
    await answered(api.request("DELETE", "/me", { token: leaving.token }), 202);
    await api.world.settle();
    expect((await Promise.all(ids.map(keyOf))).map(Boolean)).toEqual([false, true]);
    expect(await DataExport.find(leaving.userId)).toMatchObject({ phase: "gone", buyers: [] });

    travel(8 * DAYS);
    await refused(
      api.request("GET", "/me/export/download", {
        token: api.tokenWith({
          sub: staying.contact.name.slice(5),
          email: staying.contact.email,
          email_verified: true,
          auth_time: Math.floor(Date.now() / 1_000),
          exp: Math.floor(Date.now() / 1_000) + 30 * 86_400,
        }),
      }),
      404,
      "data_export.not_found",
    );
    await api.world.runSchedule("review-retention");
    expect(await keyOf(ids[1]!)).toBeUndefined();
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
