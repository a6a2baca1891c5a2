import { randomUUID } from "node:crypto";
import * as Ledger from "@fashionistas/core/ledger";
import type { CapacityReport, SalesReport } from "@fashionistas/core/report/schema";
import { beforeAll, describe, expect, it } from "vitest";
import { everything, violations } from "../kit/invariants.ts";
import { orderLine, somebody } from "../kit/shop.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

let api: Api;
let shop: Api["shop"];
let eventId: string;
let types: { id: string }[];
beforeAll(async () => {
  api = await openApi();
  shop = api.shop;
  const { world } = api;
  const free = { name: "=Guest", kind: "free", basePrice: { amount: 0, currency: "EUR" } };
  const sale = await shop.onSaleTogether([{ name: "Standing" }, { name: { en: "Front, row" }, basePrice: { amount: 1_999, currency: "EUR" } }, free]);
  [eventId, types] = [sale.event.id, sale.types];
  const [standing, front, guest] = sale.types;

  const paid = async (intentId: string) => {
    await world.stripe.pay(intentId, "succeed");
    await world.settle();
  };
  const body = { eventId, lines: [orderLine(standing, 2), orderLine(front, 3)], buyer: { ...somebody(), name: "Nina Nobody" } };
  const both = await answered(api.request<any>("POST", "/orders", { body }), 201);
  await paid(both.payment.paymentIntentId);
  const lost = await shop.buy(standing.id);
  await paid(lost.payment!.paymentIntentId);
  await shop.buy(guest!.id, { quantity: 2 });
  await shop.buy(front.id); // stays held

  const { tickets } = await shop.order(both);
  const refund = (change: object) =>
    answered(
      api.request("POST", `/orders/${both.order.id}/refunds`, {
        token: shop.admin,
        body: { reason: "goodwill", ...change },
        headers: { "idempotency-key": randomUUID() },
      }),
      201,
    );
  await refund({ ticketIds: [tickets[4]!.id] });
  await world.settle();
  await refund({ amount: 1_001 });
  await world.settle();
  await world.stripe.dispute(lost.payment!.paymentIntentId, { kind: "chargeback" });
  await world.settle();
});

const path = (name: string, query = "") => `/events/${eventId}/reports/${name}${query}`;
const report = <T>(name: string, query = "") => answered(api.request<T>("GET", path(name, query), { token: shop.organizer }), 200);
async function csv(name: string, headers: Record<string, string> = {}, query = "") {
  const answer = await fetch(`${api.world.baseUrl}${path(name, query)}`, { headers: { authorization: `Bearer ${shop.organizer}`, ...headers } });
  return { answer, text: Buffer.from(await answer.arrayBuffer()).toString() };
}

describe("the sales report", () => {
  it("tells a real shop's figures, which add up to the ledger's balance", async () => {
    const { items, totals, currency } = await report<SalesReport>("sales");
    const of = (type: number) => items.find(({ ticketTypeId }) => ticketTypeId === types[type]!.id)!;
    // 10.01 not for a ticket: over 90.00 and 59.97.
    expect(of(0)).toMatchObject({ orders: 2, tickets: 3, gross: 13_500, refunded: 601, disputed: 4_500 });
    expect(of(1)).toMatchObject({ orders: 1, tickets: 3, gross: 5_997, refunded: 1_999 + 400, disputed: 0 });
    expect(of(2)).toMatchObject({ orders: 1, tickets: 2, gross: 0, refunded: 0, net: 0 });
    expect(totals).toMatchObject({ orders: 3, tickets: 8, gross: 19_497, refunded: 3_000, disputed: 4_500 });
    const rows = ((await everything(api.world)).get("ledger-row") ?? []) as unknown as Ledger.LedgerRow[];
    const { captured, returned, disputed, fees, net } = Ledger.balanceOf(rows.filter((row) => row.eventId === eventId && row.currency === currency));
    expect(totals).toMatchObject({ gross: captured, refunded: returned, disputed, fees, net });
    for (const name of ["gross", "refunded", "disputed", "fees", "net"] as const)
      expect(
        items.reduce((sum, row) => sum + row[name], 0),
        name,
      ).toBe(totals[name]);
  });

  it("tells of a period what happened in it, also to orders of before", async () => {
    const { items: money } = await answered(api.request<any>("GET", `/events/${eventId}/ledger`, { token: shop.organizer }), 200);
    const [at] = money.flatMap((row: { kind: string; at: string }) => (row.kind === "refund" ? [row.at] : [])).sort();
    const before = await report<SalesReport>("sales", `?to=${at}`);
    const after = await report<SalesReport>("sales", `?from=${at}`);
    expect([before.totals.refunded, after.totals.refunded]).toEqual([0, 3_000]);
    // Whether the bank or the team is faster is nobody's promise.
    expect(before.totals.gross + after.totals.gross).toBe(19_497);
    expect(before.totals.disputed + after.totals.disputed).toBe(4_500);
    expect((await report<SalesReport>("sales", "?to=2020-01-01T00:00:00Z")).items).toEqual([]);
  });

  it("refuses a period that ends before it begins, and what it does not know", async () => {
    const ask = (query: string) => api.request("GET", path("sales", query), { token: shop.organizer });
    await refused(ask("?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"), 400, "input.invalid", ["to"]);
    await refused(ask("?format=xml"), 400, "input.invalid", ["format"]);
    await refused(ask("?since=x"), 400, "input.invalid", ["since"]);
  });

  it("is a file whose formulas are text and whose amounts are decimals, and names nobody", async () => {
    for (const { answer, text } of [await csv("sales", {}, "?format=csv"), await csv("sales", { accept: "text/csv" })]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toContain("text/csv");
      expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="sales-${eventId}.csv"`);
      expect(answer.headers.get("cache-control")).toBe("private, no-store");
      expect(text.startsWith("\uFEFFday,ticket_type_id,name,orders,")).toBe(true);
      expect(text).toContain(`,'=Guest,1,2,0.00,0.00,0.00,0.00,0.00,EUR,`);
      expect(text).toContain(`"Front, row",1,3,59.97,23.99,`);
      expect(text).toMatch(/,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00\r\n/);
      expect(text).not.toMatch(/Nina|@/);
    }
    expect((await csv("sales", { accept: "text/csv" }, "?format=json")).answer.headers.get("content-type")).toContain("application/json");
  });
});

describe("the capacity report", () => {
  it("tells what is sold, held and left of each type, and of the room", async () => {
    const { items } = await report<CapacityReport>("capacity");
    expect(items.map(({ kind, sold, held, available }) => [kind, sold, held, available])).toEqual([
      ["ticket_type", 3, 0, 7],
      ["ticket_type", 2, 1, 7],
      ["ticket_type", 2, 0, 8],
      ["room", 7, 1, 22],
    ]);
    expect(items[0]).toMatchObject({ id: types[0]!.id, quantityTotal: 10, returned: 0, soldPerMille: 300 });
    const { text } = await csv("capacity", { accept: "text/csv" });
    expect(text.split("\r\n")).toHaveLength(6);
    expect(text).toContain(`ticket_type,${types[2]!.id},'=Guest,10,2,0,8,0,200,`);
  });

  it("knows nothing of a type without a limit but that it has none, and counts the room's own pool", async () => {
    const { event, type } = await shop.onSale({ quantityTotal: null }, { capacity: 20 });
    await shop.buy(type.id, { quantity: 2 });
    const { items } = await answered(api.request<CapacityReport>("GET", `/events/${event.id}/reports/capacity`, { token: shop.organizer }), 200);
    expect(items).toMatchObject([
      { kind: "ticket_type", quantityTotal: null, sold: null, available: null },
      { kind: "room", quantityTotal: 20, sold: 0, held: 2, available: 18 },
    ]);
  });
});

it.each(["capacity", "sales"])("the %s report is the team's alone: to others the event is as good as missing", async (name) => {
  await refused(api.request("GET", path(name), { token: api.otherOrganizer }), 404, "event.not_found");
  await refused(api.request("GET", path(name)), 401, "actor.unauthenticated");
  await refused(api.request("GET", path(name), { token: await api.world.tokenOf("attendee") }), 403, "actor.not_allowed");
});

it("answers as its documentation says, and leaves everything whole", async () => {
  expect(await api.undocumented()).toEqual([]);
  await api.world.settle();
  expect(await violations(api.world)).toEqual([]);
});
