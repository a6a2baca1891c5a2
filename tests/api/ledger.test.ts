import { randomUUID } from "node:crypto";
import type { LedgerView, OrderLedger } from "@fashionistas/core/ledger/schema";
import { beforeAll, describe, expect, it } from "vitest";
import { reconcile } from "../kit/reconcile.ts";
import { answered, openApi, refused, type Api } from "./support.ts";

type Page = { items: LedgerView[]; nextCursor: string | null };

let api: Api;
let eventId: string;
let orders: string[];
beforeAll(async () => {
  api = await openApi();
  const { type, event } = await api.shop.onSale();
  eventId = event.id;
  orders = [];
  for (let n = 0; n < 3; n++) {
    const { order, payment } = await api.shop.buy(type.id, { quantity: 2 });
    await api.world.stripe.pay(payment!.paymentIntentId, "succeed");
    orders.push(order.id);
  }
  await api.world.settle();
  const refund = { token: api.shop.admin, body: { amount: 2_000, reason: "goodwill" }, headers: { "idempotency-key": randomUUID() } };
  await answered(api.request("POST", `/orders/${orders[0]}/refunds`, refund), 201);
  await api.world.settle();
  await reconcile(api.world);
});

const ofEvent = (query = "", token = api.shop.organizer) => api.request<Page>("GET", `/events/${eventId}/ledger${query}`, { token });
const ofOrder = (id: string, token = api.shop.organizer) => api.request<OrderLedger>("GET", `/orders/${id}/ledger`, { token });

describe("GET /orders/:id/ledger", () => {
  it("tells what moved and what it adds up to, fees included", async () => {
    const ledger = await answered(ofOrder(orders[0]!), 200);
    expect(ledger.items.map(({ kind, amount }) => [kind, amount])).toEqual(
      expect.arrayContaining([
        ["charge", 9_000],
        ["refund", 2_000],
        ["fee", 291],
      ]),
    );
    expect(ledger).toMatchObject({ currency: "EUR", captured: 9_000, returned: 2_000, disputed: 0, fees: 291, net: 6_709 });
  });

  it("is for the event's team alone", async () => {
    await refused(api.request("GET", `/orders/${orders[0]}/ledger`), 401, "actor.unauthenticated");
    await refused(ofOrder(orders[0]!, await api.world.tokenOf("attendee")), 403, "actor.not_allowed");
    await refused(ofOrder(orders[0]!, api.otherOrganizer), 404, "order.not_found");
  });
});

describe("GET /events/:id/ledger", () => {
  it("pages through everything, oldest first, each fact once", async () => {
    const found: LedgerView[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Page = await answered(ofEvent(`?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`), 200);
      found.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(new Set(found.map(({ kind, reference }) => `${kind} ${reference}`)).size).toBe(7);
    expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).sort());
  });

  it("shows a stretch of time, and nothing outside of it", async () => {
    expect((await answered(ofEvent("?until=2020-01-01T00:00:00Z"), 200)).items).toEqual([]);
    await refused(ofEvent("?since=yesterday"), 400, "input.invalid", ["since"]);
  });

  it("answers other organizers as if there were no such event", async () => {
    await refused(ofEvent("", api.otherOrganizer), 404, "event.not_found");
    await refused(ofEvent("", await api.world.tokenOf("attendee")), 403, "actor.not_allowed");
  });
});

it("answers only what is documented", async () => {
  expect(await api.undocumented()).toEqual([]);
});
