import { createHash } from "node:crypto";
import { canonicalJson } from "@fashionistas/core/canonical";
import type { DisputeView, DisputeWithEvidence } from "@fashionistas/core/dispute/schema";
import * as Dispute from "@fashionistas/core/dispute";
import type { Role } from "@fashionistas/core/actor";
import { beforeAll, afterEach, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { answered, atOnce, openApi, refused, tally, type Api } from "./support.ts";

const NONE = "dsp_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
const WEEK = 7 * 24 * 60 * MINUTES;

let api: Api;
let admin: string;
let organizer: string;
beforeAll(async () => {
  api = await openApi();
  ({ admin, organizer } = api.shop);
});
afterEach(() => present());

/** A dispute of a paid order, told and recorded. */
async function disputed(kind: "chargeback" | "inquiry" = "chargeback") {
  const { type, event } = await api.shop.onSale({ name: { en: "Front row", it: "Prima fila" } });
  const buyer = { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" };
  const checkout = await api.shop.buy(type.id, { quantity: 2, buyer, whatsappOptIn: true });
  const intentId = checkout.payment!.paymentIntentId;
  await api.world.stripe.pay(intentId, "succeed");
  await api.world.settle();
  const { id: providerId } = await api.world.stripe.dispute(intentId, { kind });
  await api.world.settle();
  return { id: Dispute.idOf(providerId), providerId, orderId: checkout.order.id, eventId: event.id, checkout };
}

const list = (query: string, token?: string) =>
  api.request<{ items: DisputeView[]; nextCursor: string | null }>("GET", `/disputes${query}`, token ? { token } : {});
const read = (id: string, token = organizer) => api.request<DisputeWithEvidence>("GET", `/disputes/${id}`, { token });
const stage = (id: string, body: unknown = {}, token = organizer) => api.request<DisputeWithEvidence>("POST", `/disputes/${id}/evidence`, { token, body });
const submit = (id: string, token = organizer) => api.request<DisputeView>("POST", `/disputes/${id}/submit`, { token });
const accept = (id: string, body: unknown = { confirm: true }, token = admin) => api.request<DisputeView>("POST", `/disputes/${id}/accept`, { token, body });
const ticketsOf = async ({ checkout }: Awaited<ReturnType<typeof disputed>>) => (await api.shop.order(checkout)).tickets.map(({ status }) => status);
const atStripe = async (providerId: string) =>
  (await api.world.store.list<{ id: string; status: string; evidence: Record<string, string | null> }>("stripe_disputes"))
    .map(({ value }) => value)
    .find(({ id }) => id === providerId)!;

describe("GET /disputes", () => {
  it("shows admins all that are open, newest first, and with state=all also those that are decided", async () => {
    const [first, second] = [await disputed(), await disputed("inquiry")];
    await api.world.stripe.closeDispute(first.providerId, "lost");
    await api.world.settle();
    const open = await answered(list("", admin), 200);
    expect(open.items[0]).toMatchObject({
      id: second.id,
      orderId: second.orderId,
      eventId: second.eventId,
      status: "warning_needs_response",
      standing: "inquiry",
    });
    expect(open.items.map(({ id }) => id)).not.toContain(first.id);
    const all = (await answered(list("?state=all&limit=100", admin), 200)).items.map(({ id }) => id);
    expect(all.indexOf(first.id)).toBeGreaterThan(all.indexOf(second.id));
    const page = await answered(list("?state=all&limit=1", admin), 200);
    expect((await answered(list(`?state=all&limit=1&cursor=${page.nextCursor}`, admin), 200)).items[0]!.id).toBe(all[1]);
    await refused(list(`?state=open&limit=1&cursor=${page.nextCursor}`, admin), 400, "input.invalid", ["cursor"]);
  });

  it("shows an organizer the disputes of an event of theirs, and of no other", async () => {
    const mine = await disputed();
    const items = (await answered(list(`?eventId=${mine.eventId}`, organizer), 200)).items;
    expect(items).toEqual([(await answered(read(mine.id), 200)).dispute]);
    await refused(list("", organizer), 400, "input.invalid", ["eventId"]);
    await refused(list(`?eventId=${mine.eventId}`, api.otherOrganizer), 404, "event.not_found");
    await refused(list("?state=closed&shoe=1", admin), 400, "input.invalid", ["shoe", "state"]);
  });
});

describe("a dispute", () => {
  it("shows what staging would send now: event, order, buyer, delivery and history in words", async () => {
    const { id, orderId } = await disputed();
    const { dispute, evidence } = await answered(read(id, admin), 200);
    expect(dispute).toMatchObject({
      status: "needs_response",
      standing: "open",
      amount: { amount: 9_000, currency: "EUR" },
      reason: "fraudulent",
      networkReasonCode: "10.4",
      submissions: 0,
      staged: null,
    });
    expect(Date.parse(dispute.evidenceDueAt!) - Date.parse(dispute.openedAt)).toBe(WEEK);
    expect(evidence).toMatchObject({ customer_name: "Anna Rossi", customer_email_address: "anna@example.com" });
    expect(evidence["service_date"]).toMatch(/\(Europe\/Rome\)$/);
    expect(evidence["product_description"]).toContain("2 × Front row, €45.00 each: €90.00");
    expect(evidence["product_description"]).toContain("Palazzo delle Stelline, Milano, IT");
    expect(evidence["uncategorized_text"]).toContain(`Order ${orderId} was placed at`);
    expect(evidence["uncategorized_text"]).toMatch(/The tickets were sent by whatsapp at .*; the message was \w+ at /);
    expect(evidence["access_activity_log"]!.split("\n").map((line) => line.replace(/^\S+ /, ""))).toEqual([
      "order held (public)",
      "order payment started (public)",
      "order paid (system)",
      "order fulfilled (system)",
    ]);
  });

  it("is listed with its order", async () => {
    const { id, orderId } = await disputed();
    const ofOrder = (order: string, token = organizer) => api.request<{ items: DisputeView[] }>("GET", `/orders/${order}/disputes`, { token });
    expect((await answered(ofOrder(orderId), 200)).items.map((dispute) => dispute.id)).toEqual([id]);
    expect((await answered(ofOrder(orderId, admin), 200)).items).toHaveLength(1);
    await refused(ofOrder(orderId, api.otherOrganizer), 404, "order.not_found");
    await refused(ofOrder("ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3"), 404, "order.not_found");
    await refused(ofOrder("nonsense"), 404, "order.not_found");
    const { type } = await api.shop.onSale();
    expect((await answered(ofOrder((await api.shop.buy(type.id)).order.id), 200)).items).toEqual([]);
  });

  it("is there for its event's organizer and for admins alone; for others it is missing, to the byte", async () => {
    const { id, orderId } = await disputed();
    const calls = [
      ["GET", `/disputes/${id}`, undefined],
      ["POST", `/disputes/${id}/evidence`, {}],
      ["POST", `/disputes/${id}/submit`, undefined],
      ["GET", "/disputes", undefined],
      ["GET", `/orders/${orderId}/disputes`, undefined],
      ["POST", `/disputes/${id}/accept`, { confirm: true }],
    ] as const;
    for (const [method, path, body] of calls) {
      await refused(api.request(method, path, { body }), 401, "actor.unauthenticated");
      for (const role of ["attendee", "sponsor", "designer", "model"] satisfies Role[]) {
        await refused(api.request(method, path, { token: await api.world.tokenOf(role), body }), 403, "actor.not_allowed");
      }
    }
    await refused(accept(id, { confirm: true }, organizer), 403, "actor.not_allowed");
    for (const [method, path, body] of calls.slice(0, 3)) {
      const foreign = await api.bytes(method, path, { token: api.otherOrganizer, body });
      expect(foreign.status).toBe(404);
      expect(foreign).toEqual(await api.bytes(method, path.replace(id, NONE), { token: api.otherOrganizer, body }));
      expect(foreign).toEqual(await api.bytes(method, path.replace(id, "nonsense"), { token: api.otherOrganizer, body }));
    }
    await refused(accept(NONE), 404, "dispute.not_found");
    expect((await atStripe((await Dispute.find(id))!.providerDisputeId)).status).toBe("needs_response");
  });
});

describe("POST /disputes/:id/evidence", () => {
  it("lays the evidence at Stripe without submitting it, and keeps none of its words", async () => {
    const { id, providerId } = await disputed();
    const staged = await answered(stage(id, { notes: "She was let in at 19:41." }), 200);
    expect(staged.dispute.staged!.fields).toEqual(Object.keys(staged.evidence));
    expect(staged.evidence["uncategorized_text"]).toMatch(/^She was let in at 19:41\.\n/);
    const { status, evidence } = await atStripe(providerId);
    expect(status).toBe("needs_response");
    expect(evidence).toMatchObject(staged.evidence);
    const kept = JSON.stringify([await Dispute.find(id), await api.journalOf(id)]);
    expect(kept).not.toMatch(/Anna|Rossi|example\.com|19:41/);
    expect(await api.story(id)).toEqual(["system dispute.record → dispute.opened", "organizer dispute.record_staged → dispute.evidence_staged"]);
    expect(await violations(api.world)).toEqual([]);
  });

  it("replaces what was staged before, also by a text that was staged before that", async () => {
    const { id, providerId } = await disputed();
    for (const notes of ["first", "second", "first"]) {
      await answered(stage(id, { notes }), 200);
      expect((await atStripe(providerId)).evidence["uncategorized_text"]).toMatch(new RegExp(`^${notes}\n`));
    }
  });

  it("may be asked for at the same moment by several: what is noted last is what lies at Stripe", async () => {
    const { id, providerId } = await disputed();
    const answers = await atOnce(4, (n) => stage(id, { notes: `note ${n}` }));
    expect(tally(answers)).toEqual({ "200": 4 });
    const { evidence } = await atStripe(providerId);
    const texts = Object.fromEntries(Object.entries(evidence).filter(([field, text]) => text !== null && field !== "enhanced_evidence"));
    expect((await Dispute.find(id))!.staged).toMatchObject({ n: 4, digest: createHash("sha256").update(canonicalJson(texts)).digest("base64url") });
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });

  it("refuses notes that are empty, too long, not whole, or something else, by name", async () => {
    const { id } = await disputed();
    for (const notes of ["", "x".repeat(10_001), "half \uD83D", 5]) await refused(stage(id, { notes }), 400, "input.invalid", ["notes"]);
    await refused(stage(id, { submit: true }), 400, "input.invalid", ["submit"]);
    await refused(stage(id, "{"), 400, "request.body_malformed");
  });

  it("is refused once the dispute is decided or its time is over", async () => {
    const decided = await disputed();
    await api.world.stripe.closeDispute(decided.providerId, "won");
    await api.world.settle();
    await refused(stage(decided.id), 409, "dispute.not_open");
    const late = await disputed();
    travel(WEEK + MINUTES);
    const { code: _, detail } = await refused(stage(late.id), 409, "dispute.past_due");
    expect(detail).toContain("due at");
  });

  it("brings our record up to date when Stripe knows better than we do", async () => {
    const { id, providerId } = await disputed();
    api.world.stripe.pauseWebhooks();
    await api.world.stripe.closeDispute(providerId, "lost");
    await refused(stage(id), 409, "dispute.not_open");
    expect(await Dispute.find(id)).toMatchObject({ status: "lost" });
    api.world.stripe.resumeWebhooks();
    await api.world.settle();
    expect(await violations(api.world)).toEqual([]);
  });
});

describe("POST /disputes/:id/submit", () => {
  it("submits what is staged, once: the second call is told so", async () => {
    const dispute = await disputed();
    const { id, providerId } = dispute;
    await refused(submit(id), 409, "dispute.nothing_staged");
    await answered(stage(id), 200);
    expect(await answered(submit(id), 200)).toMatchObject({ status: "under_review", submissions: 1, standing: "open" });
    expect((await atStripe(providerId)).status).toBe("under_review");
    await refused(submit(id), 409, "dispute.already_submitted");
    await refused(stage(id), 409, "dispute.already_submitted");
    expect(await ticketsOf(dispute)).toEqual(["suspended", "suspended"]);
    expect(await api.story(id)).toEqual([
      "system dispute.record → dispute.opened",
      "organizer dispute.record_staged → dispute.evidence_staged",
      "organizer dispute.record → dispute.evidence_submitted",
    ]);
    expect(await violations(api.world)).toEqual([]);
  });

  it("submits once when it is called several times at the same moment", async () => {
    const { id, providerId } = await disputed();
    await answered(stage(id), 200);
    const counts = tally(await atOnce(5, () => submit(id)));
    expect(counts["200"]).toBeGreaterThanOrEqual(1);
    expect(
      Object.keys(counts).filter((name) => !["200", "409 dispute.already_submitted", "409 dispute.not_open", "503 payment.unavailable"].includes(name)),
    ).toEqual([]);
    await api.world.settle();
    expect(await Dispute.find(id)).toMatchObject({ status: "under_review", submissions: 1 });
    expect((await atStripe(providerId)).status).toBe("under_review");
    expect(await violations(api.world)).toEqual([]);
  });

  it("is refused after the due date", async () => {
    const { id } = await disputed();
    await answered(stage(id), 200);
    travel(WEEK + MINUTES);
    await refused(submit(id), 409, "dispute.past_due");
  });

  it("answers an inquiry too, without touching tickets", async () => {
    const inquiry = await disputed("inquiry");
    await answered(stage(inquiry.id), 200);
    expect(await answered(submit(inquiry.id), 200)).toMatchObject({ status: "warning_under_review", standing: "inquiry" });
    expect(await ticketsOf(inquiry)).toEqual(["valid", "valid"]);
  });

  it.each(["before", "after"] as const)(
    "that dies %s any one of its calls is found out by its webhook or done by the next call",
    { timeout: 60_000 },
    async (when) => {
      for (let at = 1, died = true; died; at++) {
        expect(at).toBeLessThan(30);
        const { id } = await disputed();
        await answered(stage(id), 200);
        crashAt({ at, when, of: "requests" });
        await submit(id);
        died = disarm();
        const again = await submit(id);
        expect([200, 409], JSON.stringify(again.body)).toContain(again.status);
        await api.world.settle();
        expect(await Dispute.find(id), `${when} ${at}`).toMatchObject({ status: "under_review", submissions: 1 });
      }
      expect(await violations(api.world)).toEqual([]);
    },
  );
});

describe("POST /disputes/:id/accept", () => {
  it("loses the dispute for good: tickets are revoked and the loss stays booked", async () => {
    const dispute = await disputed();
    expect(await answered(accept(dispute.id), 200)).toMatchObject({ status: "lost", standing: "lost" });
    expect(await ticketsOf(dispute)).toEqual(["revoked", "revoked"]);
    expect((await atStripe(dispute.providerId)).status).toBe("lost");
    expect(await api.story(dispute.id)).toEqual(["system dispute.record → dispute.opened", "admin dispute.record → dispute.lost"]);
    expect(await answered(accept(dispute.id), 200)).toMatchObject({ status: "lost" });
    expect(await violations(api.world)).toEqual([]);
  });

  it("must be confirmed in so many words", async () => {
    const { id } = await disputed();
    for (const body of [{}, { confirm: false }, { confirm: "true" }]) await refused(accept(id, body), 400, "input.invalid", ["confirm"]);
    expect(await Dispute.find(id)).toMatchObject({ status: "needs_response" });
  });

  it("is refused for inquiries, and once it is answered or won", async () => {
    const inquiry = await disputed("inquiry");
    await refused(accept(inquiry.id), 409, "dispute.not_open");
    const answeredOne = await disputed();
    await answered(stage(answeredOne.id), 200);
    await answered(submit(answeredOne.id), 200);
    await refused(accept(answeredOne.id), 409, "dispute.not_open");
    await api.world.stripe.closeDispute(answeredOne.providerId, "won");
    await api.world.settle();
    await refused(accept(answeredOne.id), 409, "dispute.not_open");
  });

  it("may be called several times at the same moment", async () => {
    const dispute = await disputed();
    const answers = await atOnce(4, () => accept(dispute.id));
    expect(answers.map(({ status }) => status)).toContain(200);
    await api.world.settle();
    expect(await Dispute.find(dispute.id)).toMatchObject({ status: "lost" });
    expect(await violations(api.world)).toEqual([]);
  });
});

it("answers as its documentation says, all along", async () => {
  expect(await api.undocumented()).toEqual([]);
});
