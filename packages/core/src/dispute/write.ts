import { standing, type Head, type Subject } from "../db/journal.ts";
import { Disputes, OrderDisputes, type DisputeRow, type OrderDisputesRow } from "./entity.ts";

/** The dispute as its journal sees it. */
export function subjectOf(dispute: DisputeRow): Subject {
  return standing("dispute", dispute.disputeId, dispute);
}

type Change = Partial<Omit<DisputeRow, "disputeId">>;

/** A change of the dispute on condition that nobody changed it since it was read. Keeps its place in the lists up to date. */
export function changeOf(dispute: DisputeRow, head: Head, change: Change) {
  const { eventId, state, openedAt } = dispute;
  return Disputes.patch({ disputeId: dispute.disputeId })
    .set({ eventId, state, openedAt, ...change, ...head })
    .where(({ version }, { eq }) => eq(version, dispute.version));
}

/** What the disputes of an order mean from now on, on condition that nobody changed that since it was read. */
export function standingsOf({ orderId, version }: OrderDisputesRow, standings: OrderDisputesRow["standings"]) {
  if (version === 0) return OrderDisputes.create({ orderId, standings, version: 1 });
  return OrderDisputes.patch({ orderId })
    .set({ standings, version: version + 1 })
    .where((standing, { eq }) => eq(standing.version, version));
}
