import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { setLogSink } from "@fashionistas/core/log";
import type { ReconciliationView } from "@fashionistas/core/reconciliation/schema";
import { Stripe } from "../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { everything, violations } from "../kit/invariants.ts";
import { differences, reconcile } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

let world: World;
let shop: Shop;
let typeId: string;
let stripe: Stripe;
const alarms: Record<string, unknown>[] = [];
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  typeId = (await shop.onSale({ quantityTotal: 400 })).type.id;
  await world.settle();
  stripe = new Stripe(process.env["STRIPE_SECRET_KEY"]!, { host: "127.0.0.1", port: new URL(world.stripe.url).port, protocol: "http", telemetry: false });
});
beforeEach(() => {
  alarms.length = 0;
  setLogSink({ info: () => {}, warn: () => {}, error: (message, fields) => void alarms.push({ message, ...fields }) });
});
afterEach(present);

async function buy() {
  const checkout = await shop.buy(typeId);
  return { checkout, orderId: checkout.order.id, intentId: checkout.payment!.paymentIntentId };
}

async function paid() {
  const one = await buy();
  await world.stripe.pay(one.intentId, "succeed");
  return one;
}

/** Stripe's webhooks are sent and refused for good: as if our endpoint had been gone for days. */
async function withWebhooksLost(work: () => Promise<void>): Promise<void> {
  const secret = process.env["STRIPE_WEBHOOK_SECRET"]!;
  world.stripe.pauseWebhooks();
  await work();
  process.env["STRIPE_WEBHOOK_SECRET"] = "whsec_another";
  await world.settle();
  process.env["STRIPE_WEBHOOK_SECRET"] = secret;
}

const rowsOf = async (orderId: string) => ((await everything(world)).get("ledger-row") ?? []).filter((row) => row["orderId"] === orderId);
const put = (item: Record<string, unknown>) => world.documents.send(new PutCommand({ TableName: world.tableName, Item: item }));
const sumOf = ({ counts }: ReconciliationView) => counts.equal + counts.repaired + counts.waiting + counts.reported;

describe("a reconciliation", () => {
  it("finds nothing to say about money that came home, books what Stripe kept, and notes each transaction once", async () => {
    const orders = await Promise.all(Array.from({ length: 3 }, paid));
    await world.settle();
    const first = await reconcile(world);
    expect(first).toMatchObject({
      state: "done",
      progress: 1,
      differences: [],
      counts: { compared: 3, equal: 3, repaired: 0, waiting: 0, fees: 3, reported: 0 },
    });
    for (const { orderId, intentId } of orders) {
      const rows = await rowsOf(orderId);
      const intent = await stripe.paymentIntents.retrieve(intentId, { expand: ["latest_charge.balance_transaction"] });
      const transaction = (intent.latest_charge as Stripe.Charge).balance_transaction as Stripe.BalanceTransaction;
      expect(rows.map(({ kind, reference, amount, currency, transactionId }) => ({ kind, reference, amount, currency, transactionId }))).toEqual([
        { kind: "charge", reference: intentId, amount: 4_500, currency: "EUR", transactionId: transaction.id },
        { kind: "fee", reference: transaction.id, amount: transaction.fee, currency: "EUR", transactionId: transaction.id },
      ]);
    }
    expect(await reconcile(world)).toMatchObject({ counts: { compared: 3, equal: 3, fees: 0 }, differences: [] });
    expect(alarms).toEqual([]);
    expect(await violations(world)).toEqual([]);
  });

  it("turns a payment whose webhook never came into tickets, ledger row and fee", async () => {
    let one!: Awaited<ReturnType<typeof paid>>;
    await withWebhooksLost(async () => {
      one = await paid();
    });
    expect((await shop.order(one.checkout)).status).toBe("awaiting_payment");
    expect(await reconcile(world)).toMatchObject({ state: "done", counts: { repaired: 1, fees: 1, reported: 0 }, differences: [] });
    expect(await shop.order(one.checkout)).toMatchObject({ status: "fulfilled", tickets: [{ status: "valid" }] });
    expect(await rowsOf(one.orderId)).toHaveLength(2);
    expect(alarms).toEqual([]);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await differences(world)).toEqual([]);
    expect(await violations(world)).toEqual([]);
  });

  it("revokes the tickets of a lost dispute although no webhook told of the verdict, which moves no money", async () => {
    const one = await paid();
    await world.settle();
    const dispute = await world.stripe.dispute(one.intentId, { kind: "chargeback" });
    await world.settle();
    expect((await shop.order(one.checkout)).tickets).toMatchObject([{ status: "suspended" }]);
    await withWebhooksLost(async () => void (await world.stripe.closeDispute(dispute.id, "lost")));
    expect(await reconcile(world)).toMatchObject({ state: "done", counts: { repaired: 1, reported: 0 }, differences: [] });
    expect((await shop.order(one.checkout)).tickets).toMatchObject([{ status: "revoked" }]);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await differences(world)).toEqual([]);
    expect(await violations(world)).toEqual([]);
  });

  it("waits for money that moved a moment ago: its webhook is on the way", async () => {
    world.stripe.pauseWebhooks();
    const one = await paid();
    const job = await reconcile(world, { graceMinutes: 10 });
    expect(job.counts.waiting).toBeGreaterThanOrEqual(1);
    expect(job).toMatchObject({ counts: { repaired: 0, reported: 0 }, differences: [] });
    expect((await shop.order(one.checkout)).status).toBe("awaiting_payment");
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await differences(world)).toEqual([]);
  });

  it("reports money of no order of ours, with an alarm, and touches nothing", async () => {
    const foreign = await stripe.paymentIntents.create({ amount: 777, currency: "eur" });
    await world.stripe.pay(foreign.id, "succeed");
    const job = await reconcile(world);
    expect(job.differences).toEqual([
      expect.objectContaining({ code: "unknown_payment", kind: "charge", orderId: null, provider: { amount: 777, currency: "EUR" }, ledger: null }),
    ]);
    expect(alarms).toEqual([expect.objectContaining({ alarm: "reconciliation_difference", code: "unknown_payment" })]);
    // Somebody gave it back by hand: that is a movement of nobody's too.
    await stripe.refunds.create({ payment_intent: foreign.id });
    expect((await reconcile(world)).differences.map(({ code, kind }) => [code, kind])).toEqual([
      ["unknown_payment", "charge"],
      ["unknown_payment", "refund"],
    ]);
    for (const collection of ["stripe_balance_transactions", "stripe_payment_intents", "stripe_refunds"])
      for (const { id, value } of await world.store.list<Record<string, any>>(collection))
        if (id === foreign.id || [777, -777].includes(value["refund"]?.amount ?? value["amount"])) await world.store.remove(collection, id);
  });
});

describe("an error in our books", () => {
  it("is reported when a row was invented, and when its amount or its kind of money is another", async () => {
    const [invented, changed] = [await paid(), await paid()];
    await world.settle();
    const [row] = await rowsOf(invented.orderId);
    const fiction = {
      ...row!,
      sk: "LEDGER#refund#re_none",
      kind: "refund",
      reference: "re_none",
      gsi1sk: `${row!["at"]}#re_none`,
      gsi2sk: `${row!["at"]}#re_none`,
    };
    await put(fiction);
    const [wrong] = await rowsOf(changed.orderId);
    await put({ ...wrong!, amount: 4_501 });
    const { differences: found } = await reconcile(world);
    expect(found.map(({ code, kind, orderId, provider, ledger }) => ({ code, kind, orderId, provider, ledger }))).toEqual(
      expect.arrayContaining([
        { code: "not_at_provider", kind: "refund", orderId: invented.orderId, provider: null, ledger: { amount: 4_500, currency: "EUR" } },
        {
          code: "amount_differs",
          kind: "charge",
          orderId: changed.orderId,
          provider: { amount: 4_500, currency: "EUR" },
          ledger: { amount: 4_501, currency: "EUR" },
        },
      ]),
    );
    // The wrong amount shows from both sides: Stripe's transaction, and the row that no transaction confirms.
    expect(found).toHaveLength(3);
    expect(alarms).toHaveLength(3);
    await world.documents.send(new DeleteCommand({ TableName: world.tableName, Key: { pk: fiction["pk"], sk: fiction["sk"] } }));
    await put(wrong!);
    expect(await differences(world)).toEqual([]);
  });

  it("is reported when an order has its tickets and no charge, or a charge and no tickets", async () => {
    const [one, other] = [await paid(), await paid()];
    await world.settle();
    await reconcile(world);
    const [charge] = await rowsOf(one.orderId);
    // Stripe knows nothing of it either: only the order itself tells.
    const transactions = await world.store.list<{ id: string }>("stripe_balance_transactions");
    const lost = transactions.find(({ id }) => id === charge!["transactionId"])!;
    await world.store.remove("stripe_balance_transactions", lost.id);
    for (const row of await rowsOf(one.orderId)) await world.documents.send(new DeleteCommand({ TableName: world.tableName, Key: { pk: row.pk, sk: row.sk } }));
    const order = (await everything(world)).get("order")!.find(({ orderId }) => orderId === other.orderId)!;
    await put({ ...order, status: "cancelled" });
    const found = (await reconcile(world)).differences.map(({ code, orderId }) => [code, orderId]);
    expect(found.sort()).toEqual([
      ["no_charge", one.orderId],
      ["order_not_fulfilled", other.orderId],
    ]);
    // Only a full run reads what was sold and asks for its charge.
    expect((await reconcile(world, { full: false })).differences.map(({ code }) => code)).toEqual(["order_not_fulfilled"]);
    await put(order);
    await put(charge!);
    await world.store.put("stripe_balance_transactions", lost.id, lost.value);
    expect(await differences(world)).toEqual([]);
  });
});

describe("repeated, concurrent and interrupted runs", () => {
  it("repair and book once, however many run at the same time", async () => {
    const orders: Awaited<ReturnType<typeof paid>>[] = [];
    await withWebhooksLost(async () => {
      for (let i = 0; i < 3; i++) orders.push(await paid());
    });
    const jobs = await Promise.all([reconcile(world), reconcile(world), reconcile(world)]);
    for (const job of jobs) expect(job).toMatchObject({ state: "done", differences: [] });
    for (const { counts } of jobs) expect(counts.equal + counts.repaired).toBe(counts.compared);
    for (const { orderId, checkout } of orders) {
      expect((await shop.order(checkout)).tickets).toHaveLength(1);
      expect((await rowsOf(orderId)).map(({ kind }) => kind)).toEqual(["charge", "fee"]);
    }
    world.stripe.resumeWebhooks();
    expect(await differences(world)).toEqual([]);
    expect(await violations(world)).toEqual([]);
  });

  it.each(["before", "after"] as const)("end as if nothing had happened when a process dies %s any of their calls", { timeout: 180_000 }, async (when) => {
    const expected = (await reconcile(world)).counts.compared;
    let points = 0;
    for (let at = 1; at < 60; at += 3) {
      crashAt({ at, when, of: "machines" });
      const job = await reconcile(world);
      const crashed = disarm();
      await world.settle();
      const after = (await world.request<ReconciliationView>("GET", `/reconciliations/${job.id}`, { token: shop.admin })).body;
      expect(after, `${when} ${at}`).toMatchObject({ state: "done", differences: [], counts: { compared: expected, equal: expected, reported: 0 } });
      expect(sumOf(after)).toBe(expected);
      if (!crashed) break;
      points += 1;
    }
    expect(points).toBeGreaterThanOrEqual(4);
    expect(await violations(world)).toEqual([]);
  });

  it("go on after they stood still, and fail with an alarm when that does not end", async () => {
    // Nothing moves in this world until it settles: as if every message about the job had been lost.
    const start = async () => (await world.request<ReconciliationView>("POST", "/reconciliations", { token: shop.admin, body: { since: HOUR_AGO } })).body.id;
    const again = await start();
    await world.runSchedule("resume-reconciliations");
    travel(11 * MINUTES);
    await world.runSchedule("resume-reconciliations");
    await world.settle();
    expect(await stateOf(again)).toBe("done");

    const hopeless = await start();
    for (let i = 0; i < 6; i++) {
      expect(await stateOf(hopeless)).toBe("running");
      travel(11 * MINUTES);
      await world.runSchedule("resume-reconciliations");
    }
    expect(await stateOf(hopeless)).toBe("failed");
    expect(alarms).toEqual([expect.objectContaining({ alarm: "reconciliation_failed", reconciliationId: hopeless })]);
    await world.settle();
    expect(await stateOf(hopeless)).toBe("failed");
    expect(await violations(world)).toEqual([]);
  });
});

describe("the clock", () => {
  it("starts one run an hour and one full run a day, however often it says so", async () => {
    const count = async (trigger: string) => ((await everything(world)).get("reconciliation") ?? []).filter((job) => job["trigger"] === trigger).length;
    for (const name of ["reconcile-hourly", "reconcile-daily"] as const) await Promise.all([world.runSchedule(name), world.runSchedule(name)]);
    expect([await count("hourly"), await count("daily")]).toEqual([1, 1]);
    travel(60 * MINUTES);
    for (const name of ["reconcile-hourly", "reconcile-daily"] as const) await world.runSchedule(name);
    expect(await count("hourly")).toBe(2);
    await world.settle();
    for (const job of (await everything(world)).get("reconciliation")!.filter(({ trigger }) => trigger !== "admin"))
      expect(job).toMatchObject({ state: "done", full: job["trigger"] === "daily", differences: [] });
    expect(await violations(world)).toEqual([]);
  });
});

describe("reconciliations", () => {
  it("are for admins alone, answer for a missing one as for what can be no id, and check their window", async () => {
    const body = { since: HOUR_AGO };
    for (const [method, path] of [
      ["POST", "/reconciliations"],
      ["GET", "/reconciliations"],
      ["GET", "/reconciliations/rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3"],
    ] as const) {
      const ask = (token?: string) => world.request(method, path, { ...(method === "POST" ? { body } : {}), ...(token ? { token } : {}) });
      expect((await ask()).status).toBe(401);
      expect((await ask(shop.organizer)).status).toBe(403);
    }
    const missing = await Promise.all(
      ["rec_01J8Z3K4M5N6P7Q8R9S0T1V2W3", "rec_1"].map((id) => world.request<Record<string, unknown>>("GET", `/reconciliations/${id}`, { token: shop.admin })),
    );
    for (const { status, body: problem } of missing)
      expect([status, problem["code"], problem["detail"]]).toEqual([404, "reconciliation.not_found", missing[0]!.body["detail"]]);
    const backwards = { since: HOUR_AGO, until: new Date(Date.now() - 7_200_000).toISOString() };
    expect((await world.request<{ code: string }>("POST", "/reconciliations", { token: shop.admin, body: backwards })).body.code).toBe("input.invalid");
  });

  it("are started once per Idempotency-Key, and listed newest first, page by page", async () => {
    const start = () =>
      world.request<ReconciliationView>("POST", "/reconciliations", { token: shop.admin, body: { since: HOUR_AGO }, headers: { "idempotency-key": "once" } });
    const answers = [await start(), await start()];
    expect(answers[1]!.body.id).toBe(answers[0]!.body.id);
    expect(answers[0]!.headers.get("location")).toBe(`/reconciliations/${answers[0]!.body.id}`);
    await world.settle();
    const seen: ReconciliationView[] = [];
    let cursor: string | null = null;
    do {
      const page: { body: { items: ReconciliationView[]; nextCursor: string | null } } = await world.request(
        "GET",
        `/reconciliations?limit=7${cursor ? `&cursor=${cursor}` : ""}`,
        {
          token: shop.admin,
        },
      );
      seen.push(...page.body.items);
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(seen).toHaveLength((await everything(world)).get("reconciliation")!.length);
    expect(seen.map(({ startedAt }) => startedAt)).toEqual(
      seen
        .map(({ startedAt }) => startedAt)
        .sort()
        .reverse(),
    );
  });
});

async function stateOf(id: string): Promise<string> {
  return (await world.request<ReconciliationView>("GET", `/reconciliations/${id}`, { token: shop.admin })).body.state;
}
