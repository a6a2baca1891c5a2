import { beforeAll, describe, expect, it } from "vitest";
import { SECONDS, present, travel } from "../kit/clock.ts";
import { openPage } from "../kit/page.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let shop: Shop;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});

type Ticket = { ticket: string; url: string; expiresAt: string };

async function ticketFor(channel = "tickets"): Promise<Ticket> {
  const { body } = await world.request<Ticket>("POST", "/realtime/tickets", { body: { channel } });
  return body;
}

describe("live availability", () => {
  it("starts with a snapshot and pushes every later state with rising numbers", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: 20 });
    await world.settle();
    const page = await openPage((await ticketFor()).url);
    page.send({ action: "subscribe", eventId: event.id });
    const snapshot = await page.until("snapshot");
    expect(snapshot).toMatchObject({ eventId: event.id, ticketTypes: [{ ticketTypeId: type.id, availableQuantity: 20 }] });

    await shop.buy(type.id, { quantity: 3 });
    await world.settle();
    const first = await page.until("ticket_availability_changed", ({ availableQuantity }) => availableQuantity === 17);
    expect(first.sequence).toBe(snapshot.sequence + 1);
    await Promise.all([shop.buy(type.id), shop.buy(type.id), shop.buy(type.id)]);
    await world.settle();
    const last = await page.until("ticket_availability_changed", ({ availableQuantity }) => availableQuantity === 14);
    const numbers = page.received.flatMap((message) => (message.type === "ticket_availability_changed" ? [message.sequence] : []));
    expect(numbers).toEqual(numbers.map((_, i) => snapshot.sequence + 1 + i));
    expect(last.sequence).toBe(numbers.at(-1));
    await page.close();
  });

  it("tells pages on the events channel when an event sells out, once", async () => {
    const { event, type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" }, quantityTotal: 1 });
    await world.settle();
    const page = await openPage((await ticketFor("events")).url);
    page.send({ action: "subscribe", eventId: event.id });
    await page.until("snapshot");
    await shop.buy(type.id);
    await world.settle();
    await page.until("event_status_changed", ({ newStatus }) => newStatus === "sold_out");
    expect((await world.request<{ status: string }>("GET", `/events/${event.id}`)).body.status).toBe("sold_out");
    await world.settle();
    expect(page.received.filter(({ type }) => type === "event_status_changed")).toHaveLength(1);
    await page.close();
  });

  it("lets a ticket open one connection, on its channel, within 30 seconds", async () => {
    const used = await ticketFor();
    await (await openPage(used.url)).close();
    await expect(openPage(used.url)).rejects.toThrow("401");
    const other = await ticketFor("events");
    await expect(openPage(other.url.replace("/ws/events", "/ws/tickets"))).rejects.toThrow("401");
    const late = await ticketFor();
    travel(31 * SECONDS);
    await expect(openPage(late.url)).rejects.toThrow("401");
    present();
    await expect(openPage(used.url.replace(/ticket=.*/, ""))).rejects.toThrow("401");
  });

  it("answers what it cannot understand with what to send instead, and an event nobody may see like a missing one", async () => {
    const draft = await shop.createEvent();
    const page = await openPage((await ticketFor()).url);
    page.send("not json");
    await page.until("error", ({ code }) => code === "input.invalid");
    page.send({ action: "subscribe", eventId: draft.id });
    const hidden = await page.until("error", ({ code }) => code === "event.not_found");
    page.received.length = 0;
    page.send({ action: "subscribe", eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" });
    expect(await page.until("error")).toEqual(hidden);
    await page.close();
  });

  it("takes a hundred messages a minute from a connection and refuses the next", async () => {
    const page = await openPage((await ticketFor()).url);
    for (let n = 0; n < 100; n++) page.send({ action: "ping" });
    while (page.received.filter(({ type }) => type === "pong").length < 100) await new Promise((resolve) => setTimeout(resolve, 5));
    page.send({ action: "ping" });
    await page.until("error", ({ code }) => code === "realtime.too_many_messages");
    await page.close();
  });

  it("forgets a page that is gone, so that later sales reach the others", async () => {
    const { event, type } = await shop.onSale();
    await world.settle();
    const [gone, stays] = [await openPage((await ticketFor()).url), await openPage((await ticketFor()).url)];
    for (const page of [gone, stays]) {
      page.send({ action: "subscribe", eventId: event.id });
      await page.until("snapshot");
    }
    await gone.close();
    await shop.buy(type.id);
    await world.settle();
    expect(await stays.until("ticket_availability_changed")).toMatchObject({ availableQuantity: 9 });
    await stays.close();
  });
});
