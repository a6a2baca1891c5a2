import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { answered, openApi, type Api } from "../api/support.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { openPage } from "../kit/page.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterEach(() => void disarm());

const LAST = { type: "error", code: "session.ended", message: expect.stringMatching(/sign in again/) };

const signedIn = (subject: string) =>
  api.tokenWith({
    sub: subject,
    email: `${subject}@example.com`,
    email_verified: true,
    auth_time: Math.floor(Date.now() / 1_000),
    origin_jti: crypto.randomUUID(),
  });
const ticketOf = async (token?: string) =>
  (await answered(api.request<{ url: string }>("POST", "/realtime/tickets", { body: { channel: "tickets" }, ...(token ? { token } : {}) }), 201)).url;
const pageOf = async (token?: string) => openPage(await ticketOf(token));
const meIn = async (token: string) => (await answered(api.request("GET", "/me", { token }), 200)) as { id: string };
const sessionOf = async (token: string) =>
  (await answered(api.request<{ items: { id: string; current: boolean }[] }>("GET", "/me/sessions", { token }), 200)).items.find(({ current }) => current)!.id;

/** It still answers. */
async function lives(page: Awaited<ReturnType<typeof openPage>>): Promise<void> {
  page.received.length = 0;
  page.send({ action: "ping" });
  await page.until("pong");
}

/** It was told why, and then closed. */
async function ended(page: Awaited<ReturnType<typeof openPage>>): Promise<void> {
  expect(await page.closed).toBe(1000);
  expect(page.received.at(-1)).toEqual(LAST);
}

const rowsOf = async (userId: string) => ((await everything(api.world)).get("user-connection") ?? []).filter((row) => row["userId"] === userId);

describe("a socket", () => {
  it("closes with its session, told why, and exactly that one", async () => {
    const [phone, laptop] = [signedIn("two-sockets"), signedIn("two-sockets")];
    const pages = [await pageOf(phone), await pageOf(laptop), await pageOf()] as const;
    const { id } = await meIn(laptop);
    expect(await rowsOf(id)).toHaveLength(2);
    await answered(api.request("DELETE", `/me/sessions/${await sessionOf(phone)}`, { token: laptop }), 204);
    await api.world.settle();
    await ended(pages[0]);
    await lives(pages[1]);
    await lives(pages[2]);
    expect(await rowsOf(id)).toHaveLength(1);
    await pages[1].close();
    await pages[2].close();
    while ((await rowsOf(id)).length > 0) await sleep(5);
  });

  it("closes with every other of a user who is suspended, and those of others stay", async () => {
    const [one, two, other] = [signedIn("suspended-sockets"), signedIn("suspended-sockets"), signedIn("other-sockets")];
    const pages = [await pageOf(one), await pageOf(two), await pageOf(other), await pageOf()] as const;
    const { id } = await meIn(one);
    await answered(api.request("POST", `/users/${id}/suspend`, { token: api.shop.admin }), 200);
    await api.world.settle();
    await ended(pages[0]);
    await ended(pages[1]);
    await lives(pages[2]);
    await lives(pages[3]);
    await Promise.all([pages[2].close(), pages[3].close()]);
  });

  it("closes when its user signs out everywhere, and one of a later sign-in stays, however late and often that is told", async () => {
    const before = await pageOf(signedIn("signs-out"));
    const token = signedIn("signs-out");
    const { id } = await meIn(token);
    await answered(api.request("DELETE", "/me/sessions", { token }), 204);
    const later = api.tokenWith({ sub: "signs-out", auth_time: Math.floor(Date.now() / 1_000) + 2, origin_jti: crypto.randomUUID() });
    const after = await pageOf(later);
    await api.world.settle();
    await ended(before);
    const { handler } = await import("@fashionistas/functions/consumers/session-ended/close-sockets");
    const told = (await api.world.store.list<{ type: string; aggregate: { id: string } }>("domain-events")).find(
      ({ value }) => value.type === "session.ended" && value.aggregate.id === id,
    )!;
    const again = { Records: [{ messageId: "again", body: JSON.stringify({ detail: told.value }) }] } as never;
    expect(await handler(again)).toEqual({ batchItemFailures: [] });
    await lives(after);
    await after.close();
  });

  it("closes when its user wants to be forgotten", async () => {
    const token = signedIn("forgotten");
    const page = await pageOf(token);
    await answered(api.request("DELETE", "/me", { token }), 202);
    await api.world.settle();
    await ended(page);
  });

  it("does not open with a ticket of a session that ended after it was issued", async () => {
    const [one, other] = [signedIn("late-ticket"), signedIn("late-ticket")];
    const [late, good] = [await ticketOf(one), await ticketOf(other)];
    const { id } = await meIn(other);
    await answered(api.request("DELETE", `/me/sessions/${await sessionOf(one)}`, { token: other }), 204);
    await expect(openPage(late)).rejects.toThrow("401");
    expect(await rowsOf(id)).toEqual([]);
    const page = await openPage(good);
    await lives(page);
    await page.close();
    const suspended = await ticketOf(other);
    await answered(api.request("POST", `/users/${id}/suspend`, { token: api.shop.admin }), 200);
    await expect(openPage(suspended)).rejects.toThrow("401");
  });

  it("never outlives a session that ends while it opens", async () => {
    const keeper = signedIn("races");
    for (let round = 0; round < 8; round++) {
      const token = signedIn("races");
      const [url, session] = [await ticketOf(token), await sessionOf(token)];
      const [opened] = await Promise.allSettled([openPage(url), api.request("DELETE", `/me/sessions/${session}`, { token: keeper })]);
      await api.world.settle();
      await api.world.settle();
      if (opened.status === "fulfilled") await ended(opened.value);
    }
    expect(await rowsOf((await meIn(keeper)).id)).toEqual([]);
  });

  it("closes in the end, whichever call its consumer dies at", async () => {
    for (const when of ["before", "after"] as const)
      for (let at = 1, crashed = true; crashed; at++) {
        const [token, keeper] = [signedIn("crashes"), signedIn("crashes")];
        const page = await pageOf(token);
        await answered(api.request("DELETE", `/me/sessions/${await sessionOf(token)}`, { token: keeper }), 204);
        // What the relay does is the outbox's story: its message is there.
        await api.world.pump.drain();
        crashAt({ at, when, of: "machines" });
        await api.world.settle();
        crashed = disarm();
        await api.world.settle();
        await ended(page);
      }
  }, 120_000);
});

it("leaves every journal an unbroken chain, and answers as its documentation says", async () => {
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
  expect(await api.undocumented()).toEqual([]);
});
