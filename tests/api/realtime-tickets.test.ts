import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { present } from "../kit/clock.ts";
import { everything } from "../kit/invariants.ts";
import { answered, atOnce, openApi, refused, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
});
afterEach(() => present());

const issue = (body?: unknown, token?: string) =>
  api.request<{ ticket: string; url: string; expiresAt: string }>("POST", "/realtime/tickets", {
    ...(body === undefined ? {} : { body }),
    ...(token ? { token } : {}),
  });

describe("POST /realtime/tickets", () => {
  it("gives anybody a ticket for half a minute, to connect with to the channel they asked for", async () => {
    for (const channel of ["tickets", "events"]) {
      for (const token of [undefined, await api.world.tokenOf("attendee"), shop.admin]) {
        const before = Date.now();
        const answer = await issue({ channel }, token);
        const { ticket, url, expiresAt } = await answered(answer, 201);
        expect(ticket).toMatch(/^rt_[\w-]{32}$/);
        expect(new URL(url)).toMatchObject({ pathname: `/ws/${channel}`, search: `?ticket=${ticket}` });
        expect(Date.parse(expiresAt) - before).toBeGreaterThanOrEqual(30_000);
        expect(Date.parse(expiresAt) - before).toBeLessThan(35_000);
        expect(answer.headers.get("cache-control")).toBe("private, no-store");
      }
    }
  });

  it("is for tickets when nobody says what for", async () => {
    for (const body of [undefined, {}]) expect((await answered(issue(body), 201)).url).toContain("/ws/tickets?");
  });

  it("gives another ticket every time, and keeps none that somebody could read", async () => {
    const tickets = (await atOnce(6, () => answered(issue({}), 201))).map(({ ticket }) => ticket);
    expect(new Set(tickets).size).toBe(6);
    const rows = JSON.stringify([...(await everything(api.world))]);
    for (const ticket of tickets) expect(rows).not.toContain(ticket);
  });

  it("knows no other channel and no other field", async () => {
    await refused(issue({ channel: "orders" }), 400, "input.invalid", ["channel"]);
    await refused(issue({ channel: "tickets", eventId: "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }), 400, "input.invalid", ["eventId"]);
  });
});

describe("GET /events/:id/availability", () => {
  it("tells of every active type what is left at this instant, null for what nothing limits", async () => {
    const draft = await shop.createEvent({ capacity: 400 });
    const limited = await shop.createType(draft.id, { quantityTotal: 3 });
    const unlimited = await shop.createType(draft.id, { name: "Unlimited", quantityTotal: null });
    await shop.createType(draft.id, { name: "Hidden", isActive: false });
    const own = await answered(api.request("GET", `/events/${draft.id}/availability`, { token: shop.organizer }), 200);
    expect(own).toEqual({
      eventId: draft.id,
      status: "draft",
      sequence: expect.any(Number),
      ticketTypes: [
        { ticketTypeId: limited.id, availableQuantity: 3 },
        { ticketTypeId: unlimited.id, availableQuantity: null },
      ],
      lastUpdated: expect.stringMatching(/Z$/),
    });
    await refused(api.request("GET", `/events/${draft.id}/availability`), 404, "event.not_found");
    await shop.publish(draft.id);
    const answer = await api.request("GET", `/events/${draft.id}/availability`);
    expect(await answered(answer, 200)).toMatchObject({ status: "on_sale", ticketTypes: [{ availableQuantity: 3 }, { availableQuantity: 400 }] });
    expect(answer.headers.get("cache-control")).toBe("no-cache");
  });

  it("is never older than the purchase before it, and its number rises with what was pushed", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: 5 });
    const read = () => answered(api.request<any>("GET", `/events/${event.id}/availability`), 200);
    await api.world.settle();
    const first = await read();
    const checkout = await shop.buy(type.id, { quantity: 2 });
    expect((await read()).ticketTypes).toEqual([{ ticketTypeId: type.id, availableQuantity: 3 }]);
    await api.world.settle();
    const second = await read();
    expect(second.sequence).toBe(first.sequence + 1);
    await answered(shop.onOrder(checkout, "cancel"), 200);
    await api.world.settle();
    expect(await read()).toMatchObject({ sequence: second.sequence + 1, ticketTypes: [{ availableQuantity: 5 }] });
  });
});

it("answers as its documentation says", async () => {
  expect(await api.undocumented()).toEqual([]);
});
