import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { changedMeanwhile } from "../error.ts";
import { msOf } from "../time.ts";
import { DisputeEvidenceStaged } from "./domain-events.ts";
import type { DisputeRow, Staged } from "./entity.ts";
import { alreadySubmitted, notOpen, nothingStaged, pastDue } from "./errors.ts";
import { managedBy } from "./read.ts";
import { isAcceptable, isAnswerable } from "./rules/standing.ts";
import { ADispute, RecordStaged } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

function requireAnswerable({ status, submissions, evidenceDueAt }: DisputeRow, now: number): void {
  if (!isAnswerable(status)) {
    if (submissions > 0) throw alreadySubmitted("It was submitted, and the bank takes no second answer: wait for its verdict.");
    throw notOpen(`It is ${status}: there is nothing to answer.`);
  }
  if (evidenceDueAt && msOf(evidenceDueAt) <= now) throw pastDue(`Evidence was due at ${evidenceDueAt}.`);
}

/** A dispute that waits for evidence. @throws dispute.not_found, .not_open, .already_submitted, .past_due */
export const getAnswerable = capability(
  "dispute.get_answerable",
  { input: ADispute, allow: TEAM, needs: "disputes:write" },
  async ({ disputeId }, { actor, now }) => {
    const dispute = await managedBy(actor, disputeId);
    requireAnswerable(dispute, now);
    return dispute;
  },
);

/** A dispute whose staged evidence may be submitted. @throws what `getAnswerable` throws, dispute.nothing_staged */
export const getSubmittable = capability(
  "dispute.get_submittable",
  { input: ADispute, allow: TEAM, needs: "disputes:write" },
  async ({ disputeId }, { actor, now }) => {
    const dispute = await managedBy(actor, disputeId);
    requireAnswerable(dispute, now);
    if (!dispute.staged) throw nothingStaged("Stage evidence first: POST /disputes/{id}/evidence.");
    return dispute;
  },
);

/** A dispute that can be accepted as lost, or was. @throws dispute.not_found, .not_open */
export const getAcceptable = capability(
  "dispute.get_acceptable",
  { input: ADispute, allow: ["admin", "key"], needs: "disputes:manage" },
  async ({ disputeId }, { actor }) => {
    const dispute = await managedBy(actor, disputeId);
    if (!isAcceptable(dispute.status) && dispute.status !== "lost")
      throw notOpen(`It is ${dispute.status}: only a dispute that needs a response can be accepted.`);
    return dispute;
  },
);

/**
 * Notes that evidence lies at the provider: digest, field names and instant, never its words. As with `record`, the caller has
 * read our version first: so what is noted last is what was laid there last.
 * @throws dispute.not_found, request.conflict (lay it there again)
 */
export const recordStaged = capability(
  "dispute.record_staged",
  { input: RecordStaged, allow: TEAM, needs: "disputes:write" },
  async ({ disputeId, seen, digest, fields }, { actor }): Promise<DisputeRow> => {
    const dispute = await managedBy(actor, disputeId);
    if (dispute.version !== seen) throw changedMeanwhile("It changed while the evidence was laid there.");
    const { orderId, eventId, status } = dispute;
    const event = DisputeEvidenceStaged({ disputeId, orderId, eventId, status });
    const stagedAs = (at: string): Staged => ({ n: nextStaging(dispute), digest, fields, at });
    const head = await transact(subjectOf(dispute), [event], (head) => [write(changeOf(dispute, head, { staged: stagedAs(head.updatedAt) }))]);
    return { ...dispute, ...head, staged: stagedAs(head.updatedAt) };
  },
);

/** The number of the next staging: the same until it is recorded. */
export function nextStaging(dispute: DisputeRow): number {
  return (dispute.staged?.n ?? 0) + 1;
}
