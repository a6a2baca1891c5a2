import { personIn } from "@fashionistas/core/actor";
import { randomUUID } from "node:crypto";
import { withContext } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";
import { historyOf } from "@fashionistas/core/db/journal";
import { Envelope } from "@fashionistas/core/domain-event";
import * as Dispute from "@fashionistas/core/dispute";
import * as Ledger from "@fashionistas/core/ledger";
import * as Ticket from "@fashionistas/core/ticket";
import { processDispute } from "@fashionistas/integrations/stripe";
import { stripe } from "@fashionistas/integrations/stripe/client";
import { beforeAll, describe, expect, it } from "vitest";
import { violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
closeBooks(() => world, { foreign: 2 });
let shop: Shop;
let typeId: string;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  typeId = (await shop.onSale({ quantityTotal: 200 })).type.id;
});

/** What a transaction waits for, by its content. */
let hold: ((commit: string) => Promise<unknown> | undefined) | undefined;
client.middlewareStack.add(
  (next) => async (args) => {
    if (hold && "TransactItems" in args.input) await hold(JSON.stringify(args.input));
    return next(args);
  },
  { step: "initialize", name: "heldTransactions" },
);

/** Somebody who has paid for two tickets. */
async function paid(change: Record<string, unknown> = {}) {
  const checkout = await shop.buy(typeId, { quantity: 2, ...change });
  const intentId = checkout.payment!.paymentIntentId;
  await world.stripe.pay(intentId, "succeed");
  await world.settle();
  return { checkout, orderId: checkout.order.id, intentId };
}

const statusesOf = async (orderId: string) => (await Ticket.listByOrder(orderId)).map(({ status }) => status);
const balanceOf = async (orderId: string) => Ledger.balanceOf(await Ledger.listByOrder(orderId));
const recorded = (providerId: string) => Dispute.find(Dispute.idOf(providerId));

/** The types of the domain events about a dispute as its journal states them, each published exactly once. */
async function told(providerId: string, how: "published" | "stated" = "published"): Promise<string[]> {
  const disputeId = Dispute.idOf(providerId);
  const stated = (await historyOf(disputeId)).flatMap(({ events }) => events as Envelope[]);
  const published = (await world.store.list<unknown>("domain-events")).map(({ value }) => Envelope.parse(value));
  const ours = published.filter(({ aggregate }) => aggregate.id === disputeId);
  if (how === "published") expect(ours.map(({ id }) => id).sort()).toEqual(stated.map(({ id }) => id).sort());
  return stated.map(({ type }) => type);
}

describe("a chargeback", () => {
  it("suspends the tickets while it is open, and gives them and the money back when it is won", async () => {
    const { orderId, intentId } = await paid();
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["suspended", "suspended"]);
    expect(await balanceOf(orderId)).toMatchObject({ captured: 9_000, disputed: 9_000, net: 0 });
    expect(await violations(world)).toEqual([]);

    await world.stripe.closeDispute(id, "won");
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["valid", "valid"]);
    expect(await balanceOf(orderId)).toMatchObject({ disputed: 0, net: 9_000 });
    expect(await recorded(id)).toMatchObject({ status: "won", standing: "settled", state: "closed", movements: 2 });
    expect(await told(id)).toEqual(["dispute.opened", "dispute.won"]);
    expect(await violations(world)).toEqual([]);
  });

  it("revokes the tickets when it is lost, and the loss stays in the books", async () => {
    const { orderId, intentId, checkout } = await paid();
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    await world.settle();
    await world.stripe.closeDispute(id, "lost");
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["revoked", "revoked"]);
    expect((await shop.order(checkout)).tickets.map(({ status }) => status)).toEqual(["revoked", "revoked"]);
    expect(await balanceOf(orderId)).toMatchObject({ disputed: 9_000, net: 0 });
    expect(await told(id)).toEqual(["dispute.opened", "dispute.lost"]);
    expect(await violations(world)).toEqual([]);
  });

  it("of a part of the money suspends the order's tickets and books that part", async () => {
    const { orderId, intentId } = await paid();
    await world.stripe.dispute(intentId, { kind: "chargeback", amount: 4_500 });
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["suspended", "suspended"]);
    expect(await balanceOf(orderId)).toMatchObject({ disputed: 4_500, net: 4_500 });
    expect(await violations(world)).toEqual([]);
  });

  it("keeps tickets suspended until every dispute of their order is won", async () => {
    const { orderId, intentId } = await paid();
    const first = await world.stripe.dispute(intentId, { kind: "chargeback", amount: 4_500 });
    const second = await world.stripe.dispute(intentId, { kind: "chargeback", amount: 4_500 });
    await world.settle();
    await world.stripe.closeDispute(first.id, "won");
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["suspended", "suspended"]);
    expect(await violations(world)).toEqual([]);
    await world.stripe.closeDispute(second.id, "won");
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["valid", "valid"]);
    expect(await violations(world)).toEqual([]);
  });

  it("leaves a ticket alone that was revoked for another reason", async () => {
    const { orderId, intentId } = await paid();
    await Ticket.changing((await Ticket.listByOrder(orderId))[0]!, "revoked").go();
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["revoked", "suspended"]);
    await world.stripe.closeDispute(id, "won");
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["revoked", "valid"]);
    expect(await violations(world)).toEqual([]);
  });

  it("that was prevented by giving the money back takes the tickets too", async () => {
    const { orderId, intentId } = await paid();
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    await world.stripe.closeDispute(id, "prevented");
    await world.settle();
    expect(await recorded(id)).toMatchObject({ status: "prevented", standing: "lost" });
    expect(await statusesOf(orderId)).toEqual(["revoked", "revoked"]);
  });

  it("suspends the largest order there can be, in one transaction", async () => {
    const { type } = await shop.onSale({ quantityTotal: 50, maxPerOrder: 50 });
    const checkout = await shop.buy(type.id, { quantity: 50 });
    await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
    await world.settle();
    const { id } = await world.stripe.dispute(checkout.payment!.paymentIntentId, { kind: "chargeback" });
    await world.settle();
    expect(new Set(await statusesOf(checkout.order.id))).toEqual(new Set(["suspended"]));
    expect(await told(id)).toEqual(["dispute.opened"]);
  });
});

describe("an inquiry", () => {
  it("only flags: tickets stay valid and no money moves, until it is over", async () => {
    const { orderId, intentId } = await paid();
    const { id } = await world.stripe.dispute(intentId, { kind: "inquiry" });
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["valid", "valid"]);
    expect(await balanceOf(orderId)).toMatchObject({ disputed: 0, net: 9_000 });
    expect(await recorded(id)).toMatchObject({ standing: "inquiry", state: "open" });
    await world.stripe.closeDispute(id, "warning_closed");
    await world.settle();
    expect(await recorded(id)).toMatchObject({ standing: "settled", state: "closed" });
    expect(await told(id)).toEqual(["dispute.inquiry_opened", "dispute.closed"]);
    expect(await violations(world)).toEqual([]);
  });

  it("that becomes a chargeback suspends", async () => {
    const { orderId, intentId } = await paid();
    const { id } = await world.stripe.dispute(intentId, { kind: "inquiry" });
    await world.settle();
    await world.stripe.escalate(id);
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["suspended", "suspended"]);
    expect(await told(id)).toEqual(["dispute.inquiry_opened", "dispute.opened"]);
    expect(await violations(world)).toEqual([]);
  });
});

describe("Stripe's webhooks about disputes", () => {
  it("may come duplicated, reordered and late without anything being done twice", async () => {
    const orders = await Promise.all([paid(), paid(), paid()]);
    world.stripe.pauseWebhooks();
    const verdicts = ["won", "lost", undefined] as const;
    const disputes: string[] = [];
    for (const [i, { intentId }] of orders.entries()) {
      const { id } = await world.stripe.dispute(intentId, { kind: i === 2 ? "inquiry" : "chargeback" });
      disputes.push(id);
      if (verdicts[i]) await world.stripe.closeDispute(id, verdicts[i]);
      else await world.stripe.escalate(id);
    }
    world.stripe.resumeWebhooks();
    for (const event of (await world.stripe.events()).reverse()) await world.stripe.redeliver(event.id);
    await world.settle();
    for (const event of await world.stripe.events()) await world.stripe.redeliver(event.id);
    await world.settle();
    expect(await Promise.all(orders.map(({ orderId }) => statusesOf(orderId)))).toEqual([
      ["valid", "valid"],
      ["revoked", "revoked"],
      ["suspended", "suspended"],
    ]);
    expect(await Promise.all(disputes.map((id) => told(id)))).toEqual([
      ["dispute.opened", "dispute.won"],
      ["dispute.opened", "dispute.lost"],
      ["dispute.opened"],
    ]);
    expect(await violations(world)).toEqual([]);
  });

  it("suspend the tickets also when they overtake those of the payment", async () => {
    const checkout = await shop.buy(typeId, { quantity: 2 });
    const intentId = checkout.payment!.paymentIntentId;
    world.stripe.pauseWebhooks();
    await world.stripe.pay(intentId, "succeed");
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    expect((await shop.order(checkout)).status).toBe("awaiting_payment");
    await asConsumer(() => processDispute(id));
    expect((await shop.order(checkout)).status).toBe("fulfilled");
    expect(await statusesOf(checkout.order.id)).toEqual(["suspended", "suspended"]);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await statusesOf(checkout.order.id)).toEqual(["suspended", "suspended"]);
    expect(await violations(world)).toEqual([]);
  });

  it("and everything else that processes a dispute may run at once: one records it, all agree", async () => {
    const { orderId, intentId } = await paid();
    world.stripe.pauseWebhooks();
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    const [results] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => asConsumer(() => processDispute(id)))),
      world.stripe.closeDispute(id, "lost"),
    ]);
    expect(results).toEqual(Array(8).fill(true));
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await statusesOf(orderId)).toEqual(["revoked", "revoked"]);
    expect(await told(id)).toEqual(["dispute.opened", "dispute.lost"]);
    expect(await violations(world)).toEqual([]);
  });

  it("never make tickets valid under another dispute that opens before that is committed", async () => {
    const { orderId, intentId } = await paid();
    const first = await world.stripe.dispute(intentId, { kind: "chargeback", amount: 4_500 });
    await world.settle();
    world.stripe.pauseWebhooks();
    await world.stripe.closeDispute(first.id, "won");
    const second = await world.stripe.dispute(intentId, { kind: "chargeback", amount: 4_500 });
    await beforeItCommits(first.id, () => asConsumer(() => processDispute(second.id)));
    expect(await recorded(first.id)).toMatchObject({ standing: "settled" });
    expect(await recorded(second.id)).toMatchObject({ standing: "open" });
    expect(await statusesOf(orderId)).toEqual(["suspended", "suspended"]);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("decide again when a ticket is revoked before that is committed", async () => {
    const { orderId, intentId } = await paid();
    world.stripe.pauseWebhooks();
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    await beforeItCommits(id, async () => Ticket.changing((await Ticket.listByOrder(orderId))[0]!, "revoked").go());
    expect(await statusesOf(orderId)).toEqual(["revoked", "suspended"]);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await told(id)).toEqual(["dispute.opened"]);
    expect(await violations(world)).toEqual([]);
  });

  it("are decided by what Stripe says last, also when that changes before an older word is committed", async () => {
    const { orderId, intentId } = await paid();
    world.stripe.pauseWebhooks();
    const { id } = await world.stripe.dispute(intentId, { kind: "chargeback" });
    await beforeItCommits(id, async () => {
      await world.stripe.closeDispute(id, "won");
      await asConsumer(() => processDispute(id));
    });
    expect(await recorded(id)).toMatchObject({ status: "won", version: 1 });
    expect(await statusesOf(orderId)).toEqual(["valid", "valid"]);
    world.stripe.resumeWebhooks();
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("about payments that are none of ours are left alone", async () => {
    const foreign = await stripe().paymentIntents.create({ amount: 5_000, currency: "eur" });
    await world.stripe.pay(foreign.id, "succeed");
    const { id } = await world.stripe.dispute(foreign.id, { kind: "chargeback" });
    await world.settle();
    expect(await asConsumer(() => processDispute(id))).toBe(false);
    expect(await recorded(id)).toBeUndefined();
  });
});

describe("a record of a dispute", () => {
  const fact = (orderId: string, change: Partial<Parameters<typeof Dispute.record>[0]> = {}) => ({
    providerDisputeId: `du_${randomUUID()}`,
    orderId,
    status: "needs_response",
    amount: 9_000,
    currency: "EUR",
    reason: "fraudulent",
    submissions: 0,
    movements: [],
    openedAt: "2026-11-02T09:00:00.000Z",
    seen: 0,
    ...change,
  });
  const taken = { reference: "txn_1", way: "withdrawn" as const, amount: 9_000, currency: "EUR", at: "2026-11-02T09:00:00.000Z" };
  const record = (given: ReturnType<typeof fact>) => asConsumer(() => Dispute.record(given));

  it("waits for the payment of its order", async () => {
    const checkout = await shop.buy(typeId);
    await expect(record(fact(checkout.order.id))).rejects.toMatchObject({ code: "dispute.order_unsettled", kind: "unavailable" });
    await expect(record(fact("ord_01J8Z3K4M5N6P7Q8R9S0T1V2W3"))).rejects.toMatchObject({ code: "order.not_found" });
  });

  it("is refused when somebody recorded since our version was read, and changes nothing when it is repeated or old", async () => {
    const { orderId } = await paid();
    const first = fact(orderId, { movements: [taken] });
    const opened = await record(first);
    expect(opened).toMatchObject({ version: 1, standing: "open" });
    await expect(record(first)).rejects.toMatchObject({ code: "request.conflict" });
    await expect(record({ ...first, seen: 2 })).rejects.toMatchObject({ code: "request.conflict" });
    expect(await record({ ...first, seen: 1 })).toEqual(opened);
    const answered = await record({ ...first, status: "under_review", submissions: 1, seen: 1 });
    expect(await record({ ...first, seen: 2 })).toEqual(answered);
    expect(await record({ ...first, status: "won", submissions: 1, movements: [], seen: 2 })).toEqual(answered);
    expect(await told(first.providerDisputeId, "stated")).toEqual(["dispute.opened", "dispute.evidence_submitted"]);
  });

  it("follows the money when the provider's word is new to us", async () => {
    const { orderId } = await paid();
    const first = fact(orderId, { status: "arbitration_2031", movements: [{ ...taken, reference: "txn_2" }] });
    expect(await record(first)).toMatchObject({ status: "arbitration_2031", standing: "open" });
    expect(await statusesOf(orderId)).toEqual(["suspended", "suspended"]);
    const back = { ...taken, reference: "txn_3", way: "reinstated" as const };
    expect(await record({ ...first, movements: [...first.movements, back], seen: 1 })).toMatchObject({ standing: "inquiry" });
    expect(await statusesOf(orderId)).toEqual(["valid", "valid"]);
  });

  it("is made by machines and by those who answer it alone", async () => {
    const { orderId } = await paid();
    for (const kind of ["public", "attendee", "sponsor"] as const) {
      const actor = kind === "public" ? { kind } : personIn(kind, "usr_1");
      const attempt = withContext({ actor, requestId: "req_1", correlationId: "req_1" }, () => Dispute.record(fact(orderId)));
      await expect(attempt).rejects.toMatchObject({ code: kind === "public" ? "actor.unauthenticated" : "actor.not_allowed" });
    }
  });
});

/** Processes a dispute, and lets `meanwhile` happen after it was decided and before that is committed for the first time. */
async function beforeItCommits(providerId: string, meanwhile: () => Promise<unknown>): Promise<void> {
  const key = `DISPUTE#${Dispute.idOf(providerId)}`;
  let waits = true;
  hold = (commit) => {
    if (!waits || !commit.includes(key)) return undefined;
    waits = false;
    return meanwhile();
  };
  await asConsumer(() => processDispute(providerId)).finally(() => (hold = undefined));
  expect(waits).toBe(false);
}

function asConsumer<T>(work: () => Promise<T>): Promise<T> {
  return withContext({ actor: { kind: "system", name: "test" }, requestId: "req_1", correlationId: "req_1" }, work);
}
