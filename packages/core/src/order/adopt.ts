import * as z from "zod";
import { capability } from "../capability.ts";
import { again } from "../retry.ts";
import { transact, write } from "../db/transact.ts";
import { OrderIdSchema } from "../id.ts";
import { OrderAdopted } from "./domain-events.ts";
import { find } from "./read.ts";
import { changeOf, subjectOf } from "./write.ts";

const AdoptOrder = z.strictObject({ orderId: OrderIdSchema, userId: z.string() });

/**
 * Gives a guest's order that was sold to the user who proved that its buyer's e-mail or phone is theirs. The first who does gets
 * it; the order's link stays as good as it was. Repeating it changes nothing.
 * @returns whether it is this user's now
 */
export const adopt = capability("order.adopt", { input: AdoptOrder, allow: ["system"] }, ({ orderId, userId }): Promise<boolean> =>
  again(async () => {
    const order = await find(orderId);
    if (!order || order.userId) return order?.userId === userId;
    const { soldAt, soldFor, eventId } = order;
    if (!soldAt || !soldFor) return false;
    // An index takes all of its attributes at once: the sale's stand as they were.
    await transact(subjectOf(order), [OrderAdopted({ orderId, eventId, userId })], (head) => [
      write(changeOf(order, head, { userId, soldTo: userId, soldAt, soldFor })),
    ]);
    return true;
  }),
);
