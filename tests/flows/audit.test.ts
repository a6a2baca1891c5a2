import type { AuditLogView } from "@fashionistas/core/audit-log/schema";
import { beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { everything, violations } from "../kit/invariants.ts";
import { openShop, typeDocument, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

/**
 * One story with everything in it that changes something, and what the audit log tells of it: each entry what changed, none of
 * them who somebody is.
 */
const ANNA = { name: "Anna Bellarossi", email: "anna.bellarossi@example.com", phone: "+39 333 7654321" };
const BEA = { name: "Bea Quattrocchi", email: "bea.quattrocchi@example.com", phone: "+39 333 1112223" };
const CARLO = { name: "Carlo Settembrini", email: "carlo.settembrini@example.com" };
const WORDS = {
  title: "Notturno Personale di Donatella",
  description: "Call Donatella at +39 02 5550199",
  venue: { name: "Casa Donatella", address: "Via Segreta 7", city: "Milano", country: "IT" },
};

let world: World;
let shop: Shop;
const ids: Record<"event" | "type" | "paid" | "expired" | "free" | "draft", string> = { event: "", type: "", paid: "", expired: "", free: "", draft: "" };

beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  const { organizer, admin } = shop;
  const attendee = await world.tokenOf("attendee", "donatella");
  const ok = async (answer: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await answer;
    expect(status, JSON.stringify(body)).toBeLessThan(300);
    await world.settle();
    return body as any;
  };

  const draft = await shop.createEvent(WORDS);
  await ok(world.request("DELETE", `/events/${draft.id}`, { token: organizer }));
  const { event, types } = await shop.onSaleTogether(
    [
      { name: "Prima fila di Donatella", quantityTotal: 20 },
      { kind: "free", basePrice: { amount: 0, currency: "EUR" } },
    ],
    WORDS,
  );
  const [type, free] = [types[0], types[1]!];
  const { eventId: _, ...document } = typeDocument(event.id, { name: "Nuova fila di Donatella", quantityTotal: 24 });
  await ok(world.request("PUT", `/tickets/${type.id}`, { token: organizer, body: { ...document, basePrice: { amount: 5_000, currency: "EUR" } } }));

  const line = { ticketTypeId: type.id, quantity: 2, attendees: [null, BEA] };
  const paid = await ok(world.request("POST", "/orders", { token: attendee, body: { lines: [line], buyer: ANNA, whatsappOptIn: true } }));
  await ok(world.request("POST", `/orders/${paid.order.id}/extend`, { headers: { "order-token": paid.orderToken } }));
  await world.stripe.pay(paid.payment.paymentIntentId, "decline");
  await world.settle();
  await world.stripe.pay(paid.payment.paymentIntentId, "succeed");
  await world.settle();
  const named = { attendees: [{ ticketNumber: 1, attendee: CARLO }] };
  await ok(world.request("PUT", `/orders/${paid.order.id}/attendees`, { headers: { "order-token": paid.orderToken }, body: named }));
  const refund = { token: admin, body: { amount: 1_000, reason: "goodwill" }, headers: { "idempotency-key": "goodwill-1" } };
  await ok(world.request("POST", `/orders/${paid.order.id}/refunds`, refund));
  await world.stripe.dispute(paid.payment.paymentIntentId, { kind: "chargeback" });
  await world.settle();

  const gratis = await shop.buy(free.id, { buyer: CARLO });
  const left = await shop.buy(type.id, { buyer: BEA });
  travel(30 * MINUTES);
  await world.runSchedule("expire-orders");
  await world.settle();
  present();
  await ok(world.request("POST", `/events/${event.id}/status`, { token: admin, body: { status: "cancelled", reason: "Donatella is ill" } }));
  for (let round = 0; round < 4; round++) {
    travel((round + 1) * 5 * MINUTES);
    await world.runSchedule("continue-cancellations");
    await world.settle();
  }
  present();
  Object.assign(ids, { event: event.id, type: type.id, paid: paid.order.id, expired: left.order.id, free: gratis.order.id, draft: draft.id });
});

async function logOf(entityId: string): Promise<AuditLogView[]> {
  const { status, body } = await world.request<{ items: AuditLogView[] }>("GET", `/audit-logs?entityId=${entityId}&limit=100`, { token: shop.admin });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.items.reverse();
}

/** `order.place: status null → "held"`: an entry in a line, of the attributes that are asked for. */
const told = (log: readonly AuditLogView[], attributes: RegExp) =>
  log.map(({ action, changes }) =>
    [
      action,
      ...changes
        .filter(({ attribute }) => attributes.test(attribute))
        .map(({ attribute, before, after }) => `${attribute} ${JSON.stringify(before)} → ${JSON.stringify(after)}`),
    ].join(": "),
  );

describe("the audit log of a whole story", () => {
  it("tells how an order came, was paid, disputed and given back", async () => {
    const log = await logOf(ids.paid);
    const lines = told(log, /^(status|amount|whatsappOptIn|extended|attempts.*status)$/);
    expect(lines).toEqual(
      expect.arrayContaining([
        'order.place: amount null → 10000: status null → "held": whatsappOptIn null → true',
        'order.record_intent: status "held" → "awaiting_payment"',
        "order.extend: extended false → true",
        'order.mark_paid: attempts.0.status "created" → "succeeded": status "awaiting_payment" → "fulfilled"',
        'order.void_order: status "fulfilled" → "voided"',
      ]),
    );
    const prices = log[0]!.changes.find(({ attribute }) => attribute === "lines")!.after;
    expect(prices).toEqual([{ ticketTypeId: ids.type, quantity: 2, unitPrice: { amount: 5_000 } }]);
    const money = log.flatMap(({ domainEvents }) => domainEvents).filter(({ type }) => type.startsWith("refund."));
    expect(money.map(({ type, data }) => `${type} ${String(data["amount"])} ${String(data["currency"])}`)).toEqual(
      expect.arrayContaining(["refund.requested 1000 EUR", "refund.succeeded 1000 EUR"]),
    );
    const holders = log.find(({ action }) => action === "order.name_attendees")!.changes;
    expect(holders).toEqual([{ attribute: "holders.1", before: null, after: expect.stringMatching(/^per_/) }]);
  });

  it("tells what became of orders nobody paid, and of free ones", async () => {
    expect(told(await logOf(ids.expired), /^(status|ending)$/)).toEqual([
      'order.place: status null → "held"',
      'order.record_intent: status "held" → "awaiting_payment"',
      'order.end: ending null → "expired": status "awaiting_payment" → "expiring"',
      "order.record_attempt_cancelled",
      'order.release: status "expiring" → "expired"',
    ]);
    expect(told(await logOf(ids.free), /^status$/)).toEqual([
      'order.place: status null → "held"',
      'order.place: status "held" → "fulfilled"',
      'order.void_order: status "fulfilled" → "voided"',
    ]);
  });

  it("tells how a type's price and quantity were changed, and an event's stage", async () => {
    const [, replaced] = await logOf(ids.type);
    expect(replaced).toMatchObject({ action: "ticket_type.replace", actor: { kind: "organizer" }, concealed: ["name"] });
    expect(replaced!.changes).toEqual([
      { attribute: "basePrice.amount", before: 4_500, after: 5_000 },
      { attribute: "quantityTotal", before: 20, after: 24 },
    ]);
    const stages = told(await logOf(ids.event), /^stage$/);
    expect(stages).toEqual(expect.arrayContaining([expect.stringMatching(/"review" → "published"$/), 'event.change_status: stage "published" → "cancelled"']));
  });

  it("tells in each entry what changed, or what it was about", async () => {
    const entries = (await everything(world)).get("journal-entry")!;
    const silent = entries.filter(
      ({ initial, changes, concealed, removed, events }) => !initial && !changes && !concealed && !removed && (events as unknown[]).length === 0,
    );
    expect(silent.map(({ action }) => action)).toEqual([]);
    expect(new Set(entries.map(({ action }) => action)).size, "verbs in this story").toBeGreaterThan(20);
    const users = entries.filter(({ action }) => action === "user.assign_role");
    expect(users[0]!["changes"]).toMatchObject({ role: ["attendee", expect.any(String)] });
  });

  it("holds nobody's name, e-mail, phone number or words, and no address but a network's", async () => {
    const entries = (await everything(world)).get("journal-entry")!;
    const text = JSON.stringify(entries).toLowerCase();
    const persons = [ANNA, BEA, { ...CARLO, phone: ANNA.phone }].flatMap(({ name, email, phone }) => {
      const spellings = [phone, phone.replaceAll(" ", ""), phone.slice(3).replaceAll(" ", "")];
      return [...name.split(" "), email, email.split("@")[0]!, ...spellings];
    });
    // A name of three letters stands in many a hash: it counts as a word.
    for (const word of persons.filter((word) => word.length < 5)) expect(JSON.stringify(entries)).not.toMatch(new RegExp(`\\b${word}\\b`));
    for (const word of [...persons.filter((word) => word.length >= 5), "donatella", "segreta", "5550199", "@example.com"])
      expect(text, word).not.toContain(word.toLowerCase());
    expect(new Set(entries.map(({ address }) => address))).toEqual(new Set(["127.0.0.0/24", undefined]));
  });

  it("keeps addresses out of domain events", async () => {
    const published = await world.store.list<object>("domain-events");
    expect(published.length).toBeGreaterThan(20);
    expect(JSON.stringify(published)).not.toMatch(/127\.0\.0|"address"/);
  });

  it("is an unbroken chain for everything it tells of", async () => {
    expect(await violations(world)).toEqual([]);
  });
});
