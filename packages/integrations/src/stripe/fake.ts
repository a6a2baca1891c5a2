import type Stripe from "stripe";
import { type Call, randomTail, type Reply, serveLoopback } from "../fake-server.ts";
import type { FakeStore, RunningFake } from "../fake-store.ts";
import { createHandler } from "./fake/http.ts";
import { decideDispute, type DisputeKind, escalateDispute, openDispute, type Verdict } from "./fake/disputes.ts";
import { type Change, type ChargeRecord, COLLECTIONS } from "./fake/objects.ts";
import { cancelIntent, type Outcome, payCanceledIntent, payIntent, settleIntent, updateIntent } from "./fake/payments.ts";
import { createRefund } from "./fake/refunds.ts";
import { NOBODY, openWorld, type Origin } from "./fake/world.ts";

export type StripePaymentIntentJson = Stripe.PaymentIntent;

export type StripeFakeOptions = {
  /** Keeps everything; nothing lives only in memory. */
  store: FakeStore;
  /** 0 or left out: a free port. */
  port?: number;
  secretKey: string;
  /** `whsec_…`, signs the webhooks. */
  webhookSecret: string;
  /** Asked before every delivery. */
  webhookUrl: () => string;
  /** Takes the deliveries in person instead of `webhookUrl`. @returns the receiver's status */
  post?: (body: string, headers: Record<string, string>) => Promise<number>;
  /** Types the webhook endpoint is subscribed to; all by default. The others are kept and listed but not sent. */
  enabledEvents?: readonly string[];
  /** 100 requests a second, as Stripe live; off by default. */
  enforceRateLimits?: boolean;
  /** Added before every execution, in milliseconds. */
  latencyMs?: number;
};

export type StripeFake = RunningFake & {
  /**
   * Does what the customer does in the browser, and answers the intent as it is then; a decline does not throw.
   * `paymentMethod` is a test method such as `pm_card_refundFail`; `outcome` decides, whatever the method does.
   * Throws a `StripeFailure` (`payment_intent_unexpected_state`) when the intent cannot be paid any more.
   */
  pay(paymentIntentId: string, outcome: Outcome, options?: { declineCode?: string; paymentMethod?: string }): Promise<StripePaymentIntentJson>;
  /** Finishes an intent that is `processing`. */
  settle(paymentIntentId: string, outcome: "succeed" | "decline", options?: { declineCode?: string }): Promise<StripePaymentIntentJson>;
  /** Breaks Stripe's own promise: pays an intent that was canceled, so that it can be shown that even that loses nobody's money. */
  payCanceled(paymentIntentId: string): Promise<StripePaymentIntentJson>;
  /** What somebody does in Stripe's dashboard: another amount for a payment that was not made yet. */
  changeAmount(paymentIntentId: string, amount: number): Promise<StripePaymentIntentJson>;
  /** Somebody cancels a payment in Stripe's dashboard. */
  cancel(paymentIntentId: string): Promise<StripePaymentIntentJson>;
  /** A refund made in Stripe's dashboard: it carries nothing of ours. Without an amount: all that is left. */
  refund(paymentIntentId: string, amount?: number): Promise<Stripe.Refund>;
  /** The cardholder's bank disputes a paid intent: takes the money back, or asks first. `amount`: only a part of it. */
  dispute(paymentIntentId: string, options: { kind: DisputeKind; amount?: number }): Promise<Stripe.Dispute>;
  /** The bank decides. `warning_closed` is the end of an inquiry, the others are those of a chargeback. */
  closeDispute(disputeId: string, verdict: Verdict): Promise<Stripe.Dispute>;
  /** An inquiry becomes a chargeback. */
  escalate(disputeId: string): Promise<Stripe.Dispute>;
  /** Queues the event once more, durably; `idle` waits for its delivery. */
  redeliver(eventId: string): Promise<void>;
  /** Every event so far, oldest first. */
  events(): Promise<Stripe.Event[]>;
  /** Resolves when no webhook is due now. One that waits for a later retry is not due, nor is any while paused. */
  idle(): Promise<void>;
  pauseWebhooks(): void;
  /** Also makes those due that wait for a retry. */
  resumeWebhooks(): void;
};

/** Stripe without a port: requests are handed to `handle`. */
export type OpenStripe = Omit<StripeFake, "url"> & { handle(call: Call): Promise<Reply> };

/**
 * A loopback Stripe for API version 2026-10-28.endive, as strict as `contracts/stripe.md` tells. Cards only: no customers, Connect or manual capture.
 * A change, its events, their unsent webhooks and the saved idempotent answer are one `putAll`; unsent webhooks are read back at start.
 */
export async function startStripeFake(options: StripeFakeOptions): Promise<StripeFake> {
  const { handle, ...stripe } = await openStripe(options);
  const server = await serveLoopback(options.port ?? 0, handle).catch(async (error: unknown) => {
    await stripe.close();
    throw error;
  });
  return {
    ...stripe,
    url: server.url,
    async close() {
      await server.close();
      await stripe.close();
    },
  };
}

/** The same Stripe for callers in its own process. */
export async function openStripe(options: StripeFakeOptions): Promise<OpenStripe> {
  const world = await openWorld(options);
  const { webhooks } = world;
  const handle = createHandler({
    world,
    secretKey: options.secretKey,
    enforceRateLimits: options.enforceRateLimits ?? false,
    latencyMs: options.latencyMs ?? 0,
  });

  const change = <Body extends object>(intentId: string, origin: Origin, decide: () => Promise<Change<Body>>) =>
    world.locked(intentId, async () => {
      const decided = await decide();
      await world.commit(decided, origin);
      return decided.body;
    });
  const changeDispute = async (disputeId: string, decide: (dispute: Stripe.Dispute, record: ChargeRecord) => Change<Stripe.Dispute>) =>
    change((await world.dispute(disputeId)).payment_intent as string, NOBODY, async () => {
      const dispute = await world.dispute(disputeId);
      return decide(dispute, await world.charge(dispute.charge as string));
    });

  return {
    handle,
    pay(intentId, outcome, how = {}) {
      const origin = { id: `req_${randomTail(14)}`, idempotency_key: null };
      return change(intentId, origin, async () => payIntent(await world.intent(intentId), outcome, how));
    },
    settle(intentId, outcome, how = {}) {
      return change(intentId, NOBODY, async () => {
        const record = await world.intent(intentId);
        const { latest_charge } = record.intent;
        const charge = latest_charge === null ? undefined : await world.charge(latest_charge as string);
        return settleIntent(record, charge, outcome, how.declineCode);
      });
    },
    payCanceled: (intentId) => change(intentId, NOBODY, async () => payCanceledIntent(await world.intent(intentId))),
    cancel: (intentId) => change(intentId, NOBODY, async () => cancelIntent(await world.intent(intentId), {})),
    changeAmount: (intentId, amount) => change(intentId, NOBODY, async () => updateIntent(await world.intent(intentId), { amount })),
    refund: (intentId, amount) => change(intentId, NOBODY, async () => createRefund(await world.paidCharge(intentId), amount === undefined ? {} : { amount })),
    dispute: (intentId, how) => change(intentId, NOBODY, async () => openDispute(await world.paidCharge(intentId), how)),
    closeDispute: (disputeId, verdict) => changeDispute(disputeId, (dispute, record) => decideDispute(dispute, record, verdict)),
    escalate: (disputeId) => changeDispute(disputeId, escalateDispute),
    async redeliver(eventId) {
      if (!(await webhooks.again(eventId.replace(/^evt_/, "")))) throw new Error(`No such event: '${eventId}'`);
    },
    async events() {
      const batches = await world.store.list<Stripe.Event[]>(COLLECTIONS.events);
      return batches
        .flatMap(({ value }) => value)
        .map((event) => ({
          ...event,
          pending_webhooks: webhooks.pending(event.id.slice("evt_".length)) ? 1 : 0,
        }));
    },
    idle: webhooks.idle,
    pauseWebhooks: webhooks.pause,
    resumeWebhooks: webhooks.resume,
    close: webhooks.close,
  };
}
