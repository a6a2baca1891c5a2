import type Stripe from "stripe";
import { createLocks, type Entry, startWebhooks, type WebhookOptions, type Webhooks, writeThrough } from "../../fake-server.ts";
import type { FakeStore } from "../../fake-store.ts";
import { openDispute } from "./disputes.ts";
import { missing, refused } from "./failure.ts";
import { createIndex, type Index, type Lookup } from "./lists.ts";
import { testMethod } from "./methods.ts";
import { type Change, type ChargeRecord, COLLECTIONS, eventJson, type IntentRecord, type RefundRecord } from "./objects.ts";
import { finishRefund } from "./refunds.ts";
import { signature } from "./signature.ts";

/** Who caused a change, as its events tell it. */
export type Origin = { id: string | null; idempotency_key: string | null };
export const NOBODY: Origin = { id: null, idempotency_key: null };

/** The state of the fake: everything in the store, changed one payment at a time. */
export type World = {
  store: FakeStore;
  webhooks: Webhooks;
  indexes: Record<"intents" | "refunds" | "disputes" | "transactions" | "events", Index>;
  /** Serialises everything that touches one payment: its intent, charges, refunds and disputes. */
  locked: <T>(intentId: string, run: () => Promise<T>) => Promise<T>;
  /** Rows, events and unsent webhooks of a change in one `putAll`; `extra` goes along. */
  commit(change: Change, origin: Origin, extra?: readonly Entry[]): Promise<void>;
  intent(id: string, param?: string): Promise<IntentRecord>;
  charge(id: string, param?: string): Promise<ChargeRecord>;
  refund(id: string): Promise<RefundRecord>;
  dispute(id: string): Promise<Stripe.Dispute>;
  transaction(id: string): Promise<Stripe.BalanceTransaction>;
  /** The charge that can be refunded. */
  paidCharge(intentId: string): Promise<ChargeRecord>;
  event(id: string): Promise<Stripe.Event | undefined>;
};

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

export type WorldOptions = {
  store: FakeStore;
  webhookSecret: string;
  webhookUrl: () => string;
  /** Takes the deliveries instead of `webhookUrl`. */
  post?: WebhookOptions["post"];
  enabledEvents?: readonly string[];
};

export async function openWorld(options: WorldOptions): Promise<World> {
  const enabled = options.enabledEvents === undefined ? undefined : new Set(options.enabledEvents);
  const store = writeThrough(options.store, [COLLECTIONS.intents, COLLECTIONS.charges, COLLECTIONS.refunds]);
  const locked = createLocks();
  const indexes = {
    intents: createIndex(store, COLLECTIONS.intents),
    refunds: createIndex(store, COLLECTIONS.refunds),
    disputes: createIndex(store, COLLECTIONS.disputes),
    transactions: createIndex(store, COLLECTIONS.transactions),
    events: createIndex(store, COLLECTIONS.events),
  };
  const webhooks = await startWebhooks({
    store,
    collections: { sent: COLLECTIONS.events, outbox: COLLECTIONS.outbox },
    url: options.webhookUrl,
    ...(options.post ? { post: options.post } : {}),
    headers: (body) => ({
      "content-type": "application/json; charset=utf-8",
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      "stripe-signature": signature(body, options.webhookSecret),
    }),
    accepts: (status) => status >= 200 && status < 300,
    wants: (event) => enabled?.has((event as Stripe.Event).type) ?? true,
    firstRetryMs: FIRST_RETRY_MS,
    maxRetryMs: MAX_RETRY_MS,
    accepted: (event) => followUp(event as Stripe.Event),
  });

  async function commit(change: Change, origin: Origin, extra: readonly Entry[] = []): Promise<void> {
    const batch = webhooks.draft(change.events.map((draft) => (id: string) => eventJson(id, draft, origin)));
    await webhooks.commit(batch, [...change.entries, ...extra]);
    if (batch.bodies.length > 0) indexes.events.added(batch.id);
    for (const { collection, id } of change.entries) {
      if (collection === COLLECTIONS.intents) indexes.intents.added(id);
      if (collection === COLLECTIONS.refunds) indexes.refunds.added(id);
      if (collection === COLLECTIONS.disputes) indexes.disputes.added(id);
      if (collection === COLLECTIONS.transactions) indexes.transactions.added(id);
    }
  }

  async function get<T>(collection: string, id: string, noun: string, param: string): Promise<T> {
    const value = await store.get<T>(collection, id);
    if (value === undefined) throw missing(noun, id, param);
    return value;
  }
  const intent = (id: string, param = "intent") => get<IntentRecord>(COLLECTIONS.intents, id, "payment_intent", param);
  const charge = (id: string, param = "id") => get<ChargeRecord>(COLLECTIONS.charges, id, "charge", param);
  const refund = (id: string) => get<RefundRecord>(COLLECTIONS.refunds, id, "refund", "id");

  /** What happens at Stripe some time after an event: here once its webhook was accepted. */
  async function followUp(event: Stripe.Event): Promise<void> {
    if (event.type === "refund.created") return finishLater(event.data.object.id, event.data.object.payment_intent as string);
    if (event.type === "payment_intent.succeeded") return disputeLater(event.data.object.id);
  }

  async function finishLater(refundId: string, intentId: string) {
    await locked(intentId, async () => {
      const record = await refund(refundId);
      if (record.later !== null) await commit(finishRefund(record, await charge(record.refund.charge as string)), NOBODY);
    });
  }

  async function disputeLater(intentId: string) {
    const { method } = await intent(intentId);
    const kind = method === null ? undefined : testMethod(method).disputed;
    if (kind === undefined) return;
    await locked(intentId, async () => {
      const record = await paidCharge(intentId);
      const known = (await store.list<Stripe.Dispute>(COLLECTIONS.disputes)).some(({ value }) => value.charge === record.charge.id);
      if (!known) await commit(openDispute(record, { kind }), NOBODY);
    });
  }

  async function paidCharge(intentId: string): Promise<ChargeRecord> {
    const { latest_charge } = (await intent(intentId, "payment_intent")).intent;
    const record = latest_charge === null ? undefined : await charge(latest_charge as string);
    if (record?.charge.paid) return record;
    const message = `This PaymentIntent (${intentId}) does not have a successful charge to refund.`;
    throw refused(message, "charge_not_refundable", { param: "payment_intent" });
  }

  return {
    store,
    webhooks,
    indexes,
    locked,
    commit,
    intent,
    charge,
    refund,
    dispute: (id) => get(COLLECTIONS.disputes, id, "dispute", "dispute"),
    transaction: (id) => get(COLLECTIONS.transactions, id, "balance_transaction", "id"),
    paidCharge,
    async event(id) {
      const key = id.replace(/^evt_/, "");
      const event = (await webhooks.find(key)) as Stripe.Event | undefined;
      return event && { ...event, pending_webhooks: webhooks.pending(key) ? 1 : 0 };
    },
  };
}

export const lookupIn =
  (store: FakeStore, entries: readonly Entry[]): Lookup =>
  async <T>(collection: string, id: string) => {
    const fresh = entries.find((entry) => entry.collection === collection && entry.id === id);
    return fresh === undefined ? store.get<T>(collection, id) : (fresh.value as T);
  };
