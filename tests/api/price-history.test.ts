import { beforeAll, describe, expect, it } from "vitest";
import { everything, violations } from "../kit/invariants.ts";
import { typeDocument } from "../kit/shop.ts";
import { answered, atOnce, openApi, ORGANIZER, refused, type Api } from "./support.ts";

let api: Api;
let token: string;
beforeAll(async () => {
  api = await openApi();
  token = api.shop.organizer;
});

const eur = (amount: number) => ({ amount, currency: "EUR" });
const put = (id: string, change: Record<string, unknown>) => {
  const { eventId: _, ...document } = typeDocument("", change);
  return api.request("PUT", `/tickets/${id}`, { token, body: document });
};
const history = (id: string, query = "", as = token) => api.request("GET", `/tickets/${id}/price-history${query}`, { token: as });

describe("GET /tickets/:id/price-history", () => {
  it("begins with the first price, tells of every other one who made it, newest first, and of no edit that left the price", async () => {
    const { id } = await api.shop.createType((await api.shop.createEvent()).id);
    await answered(put(id, { basePrice: eur(5_000) }), 200);
    await answered(put(id, { basePrice: eur(5_000), name: "Balcony" }), 200);
    await answered(put(id, { basePrice: eur(4_800) }), 200);
    const at = expect.stringMatching(/Z$/);
    expect(await answered(history(id), 200)).toEqual({
      items: [
        { at, from: eur(5_000), to: eur(4_800), reason: "edited", by: ORGANIZER },
        { at, from: eur(4_500), to: eur(5_000), reason: "edited", by: ORGANIZER },
        { at, from: null, to: eur(4_500), reason: "created", by: ORGANIZER },
      ],
      nextCursor: null,
    });
  });

  it("is read in pages, each change once", async () => {
    const { id } = await api.shop.createType((await api.shop.createEvent()).id);
    for (const amount of [4_600, 4_700, 4_800, 4_900]) await answered(put(id, { basePrice: eur(amount) }), 200);
    const found: number[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: { items: { to: { amount: number } }[]; nextCursor: string | null } = await answered(
        history(id, `?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`),
        200,
      );
      found.push(...page.items.map(({ to }) => to.amount));
      cursor = page.nextCursor;
    }
    expect(found).toEqual([4_900, 4_800, 4_700, 4_600, 4_500]);
  });

  it("is one unbroken line, however many edit at the same time: each price follows from the one before", async () => {
    const { id } = await api.shop.createType((await api.shop.createEvent()).id);
    await atOnce(6, (n) => put(id, { basePrice: eur(5_000 + n) }));
    const { items } = await answered(history(id), 200);
    for (const [i, { from }] of items.entries()) expect(from).toEqual(items[i + 1]?.to ?? null);
    expect((await answered(api.request<any>("GET", `/tickets/${id}`, { token }), 200)).basePrice).toEqual(items[0].to);
  });

  it("remembers nothing of what was refused", async () => {
    const { id } = await api.shop.createType((await api.shop.createEvent()).id);
    await refused(put(id, { basePrice: eur(10) }), 422, "ticket_type.price_too_small", ["basePrice.amount"]);
    expect((await answered(history(id), 200)).items).toHaveLength(1);
  });

  it("is the team's: nobody else learns of it, nor whether there is such a type", async () => {
    const { type } = await api.shop.onSale();
    await refused(history(type.id, "", api.otherOrganizer), 404, "ticket_type.not_found");
    await refused(history(type.id, "", await api.world.tokenOf("attendee")), 403, "actor.not_allowed");
    await refused(api.request("GET", `/tickets/${type.id}/price-history`), 401, "actor.unauthenticated");
  });

  it("holds ids and numbers alone", async () => {
    const rows = (await everything(api.world)).get("price-change") ?? [];
    expect(rows.length).toBeGreaterThan(0);
    const words = rows.flatMap(({ pk: _, sk: __, ...row }) => Object.values(row).filter((value) => typeof value === "string"));
    expect(words.filter((word) => !/^(price-change|1|created|edited|(tt|evt)_\w{26}|\d{4}-.*Z)$/.test(word as string))).toEqual([]);
  });
});

it("answers as its documentation says, and leaves the shop in order", async () => {
  expect(await api.undocumented()).toEqual([]);
  expect(await violations(api.world, { settled: false })).toEqual([]);
});
