import * as z from "zod";
import { ANYBODY } from "../actor.ts";
import { capability } from "../capability.ts";
import { OrderIdSchema } from "../id.ts";
import type { Currency } from "../money.ts";
import * as Refund from "../refund/index.ts";
import { accessTo } from "./read.ts";
import { moneyOf } from "./refund.ts";
import { AnOrder } from "./schema.ts";

/** One refund of an order, or undefined, for its owner and the event's team. @throws order.not_found */
export const findRefund = capability(
  "order.find_refund",
  { input: z.strictObject({ orderId: OrderIdSchema, refundId: Refund.RefundIdSchema }), allow: [...ANYBODY, "key"], needs: "refunds:read" },
  async ({ orderId, refundId }, { actor }): Promise<Refund.RefundView | undefined> => {
    await accessTo(actor, orderId);
    const row = await Refund.find(orderId, refundId);
    return row && Refund.viewOf(row);
  },
);

/** The refunds of an order and what is left of its money, for its owner and the event's team. @throws order.not_found */
export const listRefunds = capability(
  "order.list_refunds",
  { input: AnOrder, allow: [...ANYBODY, "key"], needs: "refunds:read" },
  async ({ orderId }, { actor }): Promise<Refund.RefundList> => {
    const { order } = await accessTo(actor, orderId);
    const { captured, disputed, refunds, all } = await moneyOf(order);
    const money = (amount: number) => ({ amount, currency: order.currency as Currency });
    return {
      items: all.map(Refund.viewOf),
      refundState: Refund.refundStateOf(captured, refunds),
      captured: money(captured),
      refunded: money(Refund.refundedBy(refunds)),
      disputed: money(disputed),
      remaining: money(Refund.remainingOf({ captured, disputed }, refunds)),
    };
  },
);
