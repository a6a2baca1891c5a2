import { type Actor, isAdmin, TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { inputInvalid } from "../error.ts";
import * as Event from "../event/index.ts";
import * as Order from "../order/index.ts";
import { pageOf } from "../page.ts";
import { Disputes, OrderDisputes, type DisputeRow, type OrderDisputesRow } from "./entity.ts";
import { disputeNotFound } from "./errors.ts";
import { ADispute, DisputesOfOrder, ListDisputes, type DisputeView } from "./schema.ts";

/** The row of a dispute, or undefined. Strongly consistent. */
export async function find(disputeId: string): Promise<DisputeRow | undefined> {
  const { data } = await Disputes.get({ disputeId }).go({ consistent: true });
  return (data as DisputeRow | null) ?? undefined;
}

/** What the disputes of an order mean; version 0 when there never was one. Strongly consistent. */
export async function standingsOfOrder(orderId: string): Promise<OrderDisputesRow> {
  const { data } = await OrderDisputes.get({ orderId }).go({ consistent: true });
  return data ?? { orderId, standings: {}, version: 0 };
}

/** The dispute of an event that this actor manages. @throws dispute.not_found, for a foreign one too */
export async function managedBy(actor: Actor, disputeId: string): Promise<DisputeRow> {
  const dispute = await find(disputeId);
  const event = await Event.findOf(dispute);
  if (!dispute || !event || !Event.manages(actor, event)) throw disputeNotFound();
  return dispute;
}

/** One dispute, by the event's organizer or an admin. @throws dispute.not_found */
export const get = capability("dispute.get", { input: ADispute, allow: TEAM, needs: "disputes:read" }, async ({ disputeId }, { actor }) =>
  viewOf(await managedBy(actor, disputeId)),
);

/** Disputes, open ones and the newest first: of one event for its organizer, of all for admins. @throws event.not_found */
export const list = capability("dispute.list", { input: ListDisputes, allow: TEAM, needs: "disputes:read" }, async (input, { actor }) => {
  const { state, eventId } = input;
  if (eventId) await Event.managedBy(actor, eventId);
  else if (!isAdmin(actor)) {
    throw inputInvalid("Say which event's disputes you want.", { fields: [{ path: "eventId", message: "One of your own events." }] });
  }
  const open = state === "open" ? { state } : {};
  const query = eventId ? Disputes.query.byEvent({ eventId, ...open }) : Disputes.query.byState(open);
  const newestFirst = {
    go: async (options: { limit: number; cursor?: string | null }) => {
      const { data, cursor } = await query.go({ ...options, order: "desc" });
      return { data: data as DisputeRow[], cursor };
    },
  };
  return pageOf(newestFirst, input, ["disputes", eventId, state], viewOf);
});

/** The disputes of an order, oldest first. @throws order.not_found, for an order of somebody else's event too */
export const listByOrder = capability(
  "dispute.list_by_order",
  { input: DisputesOfOrder, allow: TEAM, needs: "disputes:read" },
  async ({ orderId }, { actor }) => {
    await Order.managedBy(actor, orderId);
    const { standings } = await standingsOfOrder(orderId);
    const disputes = await Promise.all(Object.keys(standings).map(find));
    const known = disputes.filter((dispute) => dispute !== undefined).sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
    return { items: known.map(viewOf) };
  },
);

/** The face of a row. */
export function viewOf(dispute: DisputeRow): DisputeView {
  return {
    id: dispute.disputeId,
    orderId: dispute.orderId,
    eventId: dispute.eventId,
    status: dispute.status,
    standing: dispute.standing,
    amount: { amount: dispute.amount, currency: dispute.currency },
    reason: dispute.reason,
    networkReasonCode: dispute.networkReasonCode ?? null,
    evidenceDueAt: dispute.evidenceDueAt ?? null,
    submissions: dispute.submissions,
    staged: dispute.staged ? { at: dispute.staged.at, fields: dispute.staged.fields } : null,
    openedAt: dispute.openedAt,
    updatedAt: dispute.updatedAt,
    version: dispute.version,
  };
}
