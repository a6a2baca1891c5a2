import { createHash } from "node:crypto";
import { canonicalJson } from "@fashionistas/core/canonical";
import * as Dispute from "@fashionistas/core/dispute";
import type { DisputeView, DisputeWithEvidence } from "@fashionistas/core/dispute/schema";
import { isChangedMeanwhile, VisibleError } from "@fashionistas/core/error";
import type { DisputeId } from "@fashionistas/core/id";
import { retry } from "@fashionistas/core/retry";
import type Stripe from "stripe";
import { asking, stripe } from "./client.ts";
import { disputedIntent, disputedOrder, disputeFact } from "./dispute-fact.ts";
import { evidenceFields } from "./evidence.ts";
import { processPayment } from "./payments.ts";

const READINGS = { attempts: 6, baseMs: 10, capMs: 250 };

/**
 * Brings our dispute up to what Stripe says of it now. Duplicates and any order of events are harmless: our version is read
 * first, then Stripe, and nothing is recorded if somebody recorded meanwhile; then both are read again. A dispute that is
 * told before its payment brings the payment up to date first, so that there are tickets to suspend.
 * @returns false when the disputed payment is none of ours
 * @throws dispute.order_unsettled, payment.unavailable: ask again later
 */
export async function processDispute(providerDisputeId: string): Promise<boolean> {
  return (await upToDate(providerDisputeId)) !== undefined;
}

function upToDate(providerDisputeId: string): Promise<Dispute.DisputeRow | undefined> {
  return retry({ ...READINGS, again: isChangedMeanwhile }, async () => {
    const known = await Dispute.find(Dispute.idOf(providerDisputeId));
    const dispute = await asking(() => stripe().disputes.retrieve(providerDisputeId, { expand: ["payment_intent"] }));
    const orderId = disputedOrder(dispute);
    if (!orderId) return undefined;
    if (!known) await processPayment(disputedIntent(dispute)!.id);
    return Dispute.record({ ...disputeFact(dispute, orderId), seen: known?.version ?? 0 });
  });
}

/** A dispute and what staging would send for it now. @throws dispute.not_found */
export async function disputeWithEvidence(disputeId: DisputeId): Promise<DisputeWithEvidence> {
  const [dispute, pack] = await Promise.all([Dispute.get({ disputeId }), Dispute.assembleEvidence({ disputeId })]);
  return { dispute, evidence: evidenceFields(pack) };
}

/**
 * Lays the evidence at Stripe without submitting it; what lay there before is replaced.
 * @throws dispute.not_found, .not_open, .already_submitted, .past_due, payment.unavailable
 */
export function stageEvidence(disputeId: DisputeId, notes: string | undefined): Promise<DisputeWithEvidence> {
  return retry({ ...READINGS, again: isChangedMeanwhile }, async () => {
    const dispute = await Dispute.getAnswerable({ disputeId });
    const evidence = evidenceFields(await Dispute.assembleEvidence({ disputeId, ...(notes ? { notes } : {}) }));
    const digest = createHash("sha256").update(canonicalJson(evidence)).digest("base64url");
    // The number keeps Stripe from replaying the first answer when an earlier text is staged again.
    const idempotencyKey = `dispute:${disputeId}:stage:${Dispute.nextStaging(dispute)}:${digest}`;
    await atStripe(dispute, (id) => stripe().disputes.update(id, { evidence, submit: false }, { idempotencyKey }));
    const row = await Dispute.recordStaged({ disputeId, seen: dispute.version, digest, fields: Object.keys(evidence) });
    return { dispute: Dispute.viewOf(row), evidence };
  });
}

/**
 * Submits what is staged; the bank takes one answer. The second call is told that it was submitted.
 * @throws dispute.not_found, .nothing_staged, .not_open, .already_submitted, .past_due, payment.unavailable
 */
export async function submitEvidence(disputeId: DisputeId): Promise<DisputeView> {
  const dispute = await Dispute.getSubmittable({ disputeId });
  const idempotencyKey = `dispute:${disputeId}:submit:${dispute.submissions + 1}`;
  await atStripe(dispute, (id) => stripe().disputes.update(id, { submit: true }, { idempotencyKey }));
  return recorded(dispute);
}

/** Accepts a dispute as lost, for good. One that is lost already stays so. @throws dispute.not_found, .not_open, payment.unavailable */
export async function acceptDispute(disputeId: DisputeId): Promise<DisputeView> {
  const dispute = await Dispute.getAcceptable({ disputeId });
  if (dispute.status === "lost") return Dispute.viewOf(dispute);
  const idempotencyKey = `dispute:${disputeId}:accept`;
  await atStripe(dispute, (id) => stripe().disputes.close(id, {}, { idempotencyKey }));
  return recorded(dispute);
}

// A refusal means that we had not heard yet how far it came: our record follows before the caller is told.
async function atStripe(dispute: Dispute.DisputeRow, ask: (providerDisputeId: string) => Promise<Stripe.Dispute>): Promise<void> {
  const { providerDisputeId } = dispute;
  try {
    await asking(() => ask(providerDisputeId));
  } catch (error) {
    if (error instanceof VisibleError && error.code === "dispute.not_open") await upToDate(providerDisputeId);
    throw error;
  }
}

async function recorded({ providerDisputeId, ...dispute }: Dispute.DisputeRow): Promise<DisputeView> {
  return Dispute.viewOf((await upToDate(providerDisputeId)) ?? { providerDisputeId, ...dispute });
}
