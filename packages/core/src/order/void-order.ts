import { capability } from "../capability.ts";
import { again } from "../retry.ts";
import { transact, write } from "../db/transact.ts";
import { derivedId } from "../id.ts";
import { remainingOf } from "../refund/index.ts";
import * as Ticket from "../ticket/index.ts";
import { OrderTicketsRevoked, OrderVoided } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import { theOrder } from "./read.ts";
import { commit, moneyOf } from "./refund.ts";
import { can } from "./rules/status.ts";
import { AnOrder } from "./schema.ts";
import { changeOf, subjectOf } from "./write.ts";

const reason = "event_cancelled" as const;

/** The event is cancelled: the order's tickets are revoked and all that is left of its money goes back, whatever the policy. Repeating it changes nothing. */
export const voidOrder = capability("order.void_order", { input: AnOrder, allow: ["system", "schedule"] }, ({ orderId }, { now }): Promise<OrderRow> =>
  again(async () => {
    const order = await theOrder(orderId);
    if (!can(order.status, "void")) return order;
    const [money, tickets] = await Promise.all([moneyOf(order), Ticket.listByOrder(orderId)]);
    const standing = tickets.filter(({ status }) => status !== "revoked");
    const amount = remainingOf(money, money.refunds);
    if (amount > 0) {
      const decision = { amount, takenBack: standing.map(({ n }) => n), voids: true };
      await commit({ order, tickets, decision, restock: false, refundId: derivedId("rf", ["cancellation", orderId]), reason, now });
      return theOrder(orderId);
    }
    const { eventId } = order;
    const revoked = OrderTicketsRevoked({ orderId, eventId, ticketIds: standing.map(({ ticketId }) => ticketId), restock: false });
    const head = await transact(subjectOf(order), [revoked, OrderVoided({ orderId, eventId, reason })], (head) => [
      write(changeOf(order, head, { status: "voided" })),
      ...standing.map((ticket) => write(Ticket.changing(ticket, "revoked"))),
    ]);
    return { ...order, ...head, status: "voided" };
  }),
);
