import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { withContext } from "@fashionistas/core/context";
import { newId } from "@fashionistas/core/id";
import * as Webhook from "@fashionistas/core/webhook";
import type { Recovered, WebhookView } from "@fashionistas/core/webhook/schema";
import { Stripe } from "../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let shop: Shop;
let typeId: string;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  typeId = (await shop.onSale({ quantityTotal: 200 })).type.id;
  await world.settle();
});
afterEach(() => {
  present();
  process.env["STRIPE_WEBHOOK_SECRET"] = process.env["STRIPE_WEBHOOK_SECRET"]!.split(",")[0];
});

const since = new Date(Date.now() - 3_600_000).toISOString();

async function rows(): Promise<Record<string, any>[]> {
  return (await everything(world)).get("webhook") ?? [];
}

async function rowOf(objectId: string, type = "payment_intent.succeeded") {
  return (await rows()).find((row) => row["type"] === type && row["events"][0].data.facts.objectId === objectId);
}

async function paid() {
  const checkout = await shop.buy(typeId);
  await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  return { checkout, intentId: checkout.payment!.paymentIntentId };
}

/** Posts an event as Stripe would. */
async function post(event: object, secret = process.env["STRIPE_WEBHOOK_SECRET"]!.split(",")[0]!, options: { timestamp?: number } = {}) {
  const payload = JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, ...options });
  return world.request<{ code?: string }>("POST", "/webhooks/stripe", { body: payload, headers: { "stripe-signature": signature } });
}

function eventOf(objectId: string, change: Record<string, unknown> = {}) {
  return {
    id: `evt_${newId("req").slice(4)}`,
    object: "event",
    type: "payment_intent.succeeded",
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    data: { object: { id: objectId, object: "payment_intent" } },
    ...change,
  };
}

const asAdmin = <T>(path: string, body?: object) => world.request<T>(body ? "POST" : "GET", path, { token: shop.admin, ...(body ? { body } : {}) });

describe("a received webhook", () => {
  it("is noted as processed in the very transaction of its effect, at no call of its own", async () => {
    const { checkout, intentId } = await paid();
    await world.settle();
    const row = (await rowOf(intentId))!;
    expect(row).toMatchObject({ state: "processed", vendor: "stripe", day: new Date().toISOString().slice(0, 10) });
    expect(row["attempts"]).toBeUndefined();
    const journal = (await everything(world))
      .get("journal-entry")!
      .find((entry) => entry["entityId"] === checkout.order.id && entry["action"] === "order.mark_paid")!;
    expect(row["settledAt"].slice(0, 16)).toBe(String(journal["at"]).slice(0, 16));
    expect(row["pk"]).toMatch(/^WEBHOOK#stripe#\d{4}-\d\d-\d\d#0[0-3]$/);
    expect(await violations(world)).toEqual([]);
  });

  it("is noted as processed by a duplicate that finds everything done, and its effect happens once", async () => {
    const { checkout, intentId } = await paid();
    await world.settle();
    const before = (await rowOf(intentId))!;
    const effect = () => world.stripe.redeliver(before["externalId"]);
    await Promise.all([effect(), effect(), effect()]);
    await world.settle();
    const found = (await rows()).filter((row) => row["externalId"] === before["externalId"]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ state: "processed", receivedAt: before["receivedAt"] });
    expect((await shop.order(checkout)).tickets).toHaveLength(1);
    expect(await violations(world)).toEqual([]);
  });

  it("is ignored when its type concerns nobody, when it is about nobody's payment, and when it is of another mode or account", async () => {
    const { intentId } = await paid();
    await world.settle();
    const foreign = await new Stripe(process.env["STRIPE_SECRET_KEY"]!, {
      host: "127.0.0.1",
      port: new URL(world.stripe.url).port,
      protocol: "http",
      telemetry: false,
    }).paymentIntents.create({ amount: 500, currency: "eur" });
    const events = [
      eventOf(intentId, { type: "customer.created" }),
      eventOf(foreign.id),
      eventOf(intentId, { livemode: true }),
      eventOf(intentId, { account: "acct_1" }),
    ];
    for (const event of events) expect((await post(event)).status).toBe(200);
    await world.settle();
    const found = await rows();
    for (const { id } of events) expect(found.find((row) => row["externalId"] === id)).toMatchObject({ state: "ignored" });
  });

  it("is failed with the code of its error and nothing else, as often as it was tried", async () => {
    const event = eventOf("pi_nobody_knows");
    await post(event);
    await world.settle();
    const failed = (await rows()).find((row) => row["externalId"] === event.id)!;
    expect(failed).toMatchObject({ state: "failed", error: "payment.not_at_provider" });
    const dead = await world.store.list<{ attempts: number }>("dead:webhook-received-process-stripe");
    expect(dead.map(({ value }) => value.attempts)).toEqual([failed["attempts"]]);
  });

  it("stays processed when a slower delivery of the same event fails", async () => {
    const { intentId } = await paid();
    await world.settle();
    const row = (await rowOf(intentId))!;
    const webhookId = `stripe:${row["day"]}:${row["externalId"]}`;
    const failing = async () => {
      throw new RangeError("lost");
    };
    const settle = () =>
      withContext({ actor: { kind: "system", name: "test" }, requestId: "req_1", correlationId: "req_1" }, () =>
        Webhook.settle({ webhookId, effect: failing }),
      );
    await expect(settle()).rejects.toThrow(RangeError);
    expect(await rowOf(intentId)).toMatchObject({ state: "processed" });
  });

  it("never holds up its effect when its row is gone", async () => {
    world.stripe.pauseWebhooks();
    const { checkout, intentId } = await paid();
    const webhookId = "stripe:2020-01-01:evt_long_gone";
    const { processPayment } = await import("@fashionistas/integrations/stripe");
    await withContext({ actor: { kind: "system", name: "test" }, requestId: "req_1", correlationId: "req_1" }, () =>
      Webhook.settle({ webhookId, effect: () => processPayment(intentId) }),
    );
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect((await rows()).filter((row) => row["externalId"] === "evt_long_gone")).toEqual([]);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });
});

describe("the signature", () => {
  it("may be of any secret in the list while one is replaced, and of no other", async () => {
    const [current] = process.env["STRIPE_WEBHOOK_SECRET"]!.split(",");
    process.env["STRIPE_WEBHOOK_SECRET"] = `${current}, whsec_next`;
    const status = async (secret: string) => (await post(eventOf("pi_1", { type: "customer.created" }), secret)).status;
    expect(await status(current!)).toBe(200);
    expect(await status("whsec_next")).toBe(200);
    expect(await status("whsec_before")).toBe(400);
    process.env["STRIPE_WEBHOOK_SECRET"] = "whsec_next";
    expect(await status(current!)).toBe(400);
    process.env["STRIPE_WEBHOOK_SECRET"] = current;
  });

  it("is refused when it is old, from the future, missing, or of another body", async () => {
    const secret = process.env["STRIPE_WEBHOOK_SECRET"]!;
    const now = Math.floor(Date.now() / 1000);
    for (const timestamp of [now - 400, now + 400])
      expect((await post(eventOf("pi_1"), secret, { timestamp })).body).toEqual({ code: "webhook.signature_invalid" });
    expect((await world.request("POST", "/webhooks/stripe", { body: "{}" })).status).toBe(400);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: "{}", secret });
    const answer = await world.request("POST", "/webhooks/stripe", { body: JSON.stringify(eventOf("pi_1")), headers: { "stripe-signature": signature } });
    expect(answer.status).toBe(400);
  });

  it("does not make an event of what is none", async () => {
    expect((await post({ id: "evt_1", object: "event", type: "x", livemode: false, data: {} })).body).toEqual({ code: "webhook.body_invalid" });
  });
});

describe("a replay", () => {
  it("brings a payment home whose processing died for good, and needs no second order to do so", async () => {
    const { checkout, intentId } = await paid();
    crashAt({ at: 6, when: "before", of: "machines" });
    await world.settle();
    disarm();
    // As a message that lies with the dead letters: nobody delivers it again by itself.
    const row = (await rowOf(intentId))!;
    await world.documents.send(new PutCommand({ TableName: world.tableName, Item: { ...row, state: "failed", attempts: 5, error: "Crash" } }));

    const query = `since=${encodeURIComponent(since)}`;
    const failed = await asAdmin<{ items: WebhookView[] }>(`/webhooks?${query}&state=failed`);
    expect(failed.status).toBe(200);
    const mine = failed.body.items.find(({ externalId }) => externalId === row["externalId"])!;
    expect(mine).toMatchObject({ state: "failed", attempts: 5, error: "Crash", facts: { objectId: intentId } });
    expect((await asAdmin(`/webhooks/${mine.id}`)).body).toEqual(mine);

    const replay = () => asAdmin<{ marked: number; nextCursor: string | null }>("/webhooks/replay", { since, externalId: row["externalId"] });
    const answers = await Promise.all([replay(), replay(), replay()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(answers.reduce((sum, { body }) => sum + body.marked, 0)).toBe(1);
    const marked = (await rowOf(intentId))!;
    expect(marked["state"]).toBe("received");
    expect(marked["events"][0].id).not.toBe(row["events"][0].id);

    await world.runSchedule("republish-pending");
    await world.settle();
    expect(await rowOf(intentId)).toMatchObject({ state: "processed", attempts: 5 });
    expect(await rowOf(intentId)).not.toHaveProperty("error");
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect((await replay()).body.marked).toBe(0);
    expect(await violations(world)).toEqual([]);
  });

  it("of everything there is changes nothing but the inbox, page by page", async () => {
    await Promise.all(Array.from({ length: 5 }, paid));
    await world.settle();
    const before = (await everything(world)).get("journal-entry")!.length;
    let marked = 0;
    let cursor: string | null = null;
    do {
      const answer: { body: { marked: number; nextCursor: string | null } } = await asAdmin("/webhooks/replay", {
        since,
        states: ["processed", "ignored", "failed", "received"],
        ...(cursor ? { cursor } : {}),
      });
      marked += answer.body.marked;
      cursor = answer.body.nextCursor;
    } while (cursor);
    expect(marked).toBe((await rows()).length);
    await world.runSchedule("republish-pending");
    await world.settle();
    expect((await everything(world)).get("journal-entry")!).toHaveLength(before);
    expect(await violations(world)).toEqual([]);
  });

  it("takes only the states and the time it is asked for", async () => {
    await paid();
    await world.settle();
    const later = new Date(Date.now() + 60_000).toISOString();
    expect((await asAdmin<{ marked: number }>("/webhooks/replay", { since: later, states: ["processed"] })).body.marked).toBe(0);
    expect((await asAdmin<{ marked: number }>("/webhooks/replay", { since, until: since, states: ["processed"] })).body.marked).toBe(0);
    expect((await asAdmin<{ marked: number }>("/webhooks/replay", { since, states: ["received"] })).body.marked).toBe(0);
  });
});

describe("a recovery", () => {
  it("receives what Stripe told while nobody listened, once, and leaves the rest as it is", async () => {
    process.env["STRIPE_WEBHOOK_SECRET"] = "whsec_somebody_elses";
    const { checkout, intentId } = await paid();
    await world.settle();
    expect(await rowOf(intentId)).toBeUndefined();
    travel(1 * MINUTES);
    const recover = () => asAdmin<Recovered>("/webhooks/recover", { since });
    const answers = await Promise.all([recover(), recover()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[0]!.body.received + answers[1]!.body.received).toBe(1);
    await world.settle();
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect(await rowOf(intentId)).toMatchObject({ state: "processed" });
    expect((await recover()).body).toMatchObject({ received: 0 });
  });

  it("says so when its cursor is not Stripe's", async () => {
    expect((await asAdmin<{ code: string }>("/webhooks/recover", { since, cursor: "evt_unknown" })).body.code).toBe("input.invalid");
    expect((await asAdmin<{ code: string }>("/webhooks/recover", { since, cursor: "x" })).body.code).toBe("input.invalid");
  });
});

describe("the inbox", () => {
  it("is for admins alone", async () => {
    const calls = [
      ["GET", `/webhooks?since=${encodeURIComponent(since)}`],
      ["GET", "/webhooks/stripe:2026-11-02:evt_1"],
      ["POST", "/webhooks/replay", { since }],
      ["POST", "/webhooks/recover", { since }],
    ] as const;
    for (const [method, path, body] of calls) {
      expect((await world.request(method, path, body ? { body } : {})).status, path).toBe(401);
      for (const role of ["attendee", "organizer", "sponsor", "designer", "model"] as const)
        expect((await world.request(method, path, { token: await world.tokenOf(role), ...(body ? { body } : {}) })).status, `${role} ${path}`).toBe(403);
    }
  });

  it("answers for what it does not hold as for what can be no id", async () => {
    const answers = await Promise.all(
      ["stripe:2026-11-02:evt_none", "evt_none", "paypal:2026-11-02:x"].map((id) => asAdmin<Record<string, unknown>>(`/webhooks/${id}`)),
    );
    for (const { status, body } of answers) expect([status, { ...body, requestId: "" }]).toEqual([404, { ...answers[0]!.body, requestId: "" }]);
  });

  it("is listed page by page, each event once, and keeps WATI's events by their own instant", async () => {
    const listed = async (query: string) => {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const page: { body: { items: WebhookView[]; nextCursor: string | null } } = await asAdmin(`/webhooks?${query}${cursor ? `&cursor=${cursor}` : ""}`);
        ids.push(...page.body.items.map(({ id }) => id));
        cursor = page.body.nextCursor;
      } while (cursor);
      return ids;
    };
    const ids = await listed(`since=${encodeURIComponent(since)}&limit=3`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength((await rows()).filter((row) => row["vendor"] === "stripe").length);

    await shop.buy(typeId).then(async (checkout) => world.stripe.pay(checkout.payment!.paymentIntentId, "succeed"));
    const token = process.env["WATI_WEBHOOK_TOKEN"];
    const told = { eventType: "sentMessageDELIVERED_v2", localMessageId: "order-x-confirmation", timestamp: "1790000000", text: "Anna" };
    for (let i = 0; i < 2; i++) expect((await world.request("POST", `/webhooks/wati/${token}`, { body: told })).status).toBe(200);
    expect((await world.request("POST", `/webhooks/wati/${token}`, { body: { eventType: "message", id: "m1" } })).status).toBe(200);
    await world.settle();
    const wati = (await rows()).filter((row) => row["vendor"] === "wati");
    expect(wati.map(({ day, state }) => [day, state]).sort()).toEqual([
      ["2026-09-21", "processed"],
      ["undated", "ignored"],
    ]);
    expect(await listed("vendor=wati&since=2026-09-21T00:00:00Z")).toHaveLength(2);
  });
});
