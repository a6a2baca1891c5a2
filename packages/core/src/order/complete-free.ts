import { ANYBODY } from "../actor.ts";
import { capability } from "../capability.ts";
import { again } from "../retry.ts";
import type { OrderRow } from "./entity.ts";
import { orderExpired } from "./errors.ts";
import { fulfil } from "./fulfil.ts";
import { ownedBy } from "./read.ts";
import { AnOrder } from "./schema.ts";
import { confirmSeats } from "./seats.ts";

/** Sells the seats of a held order that costs nothing, and issues its tickets. @throws order.expired when its seats went back */
export async function completed(order: OrderRow): Promise<OrderRow> {
  if (!(await confirmSeats(order))) throw orderExpired("Its seats went back on sale: order again.");
  return fulfil(order, undefined);
}

/** Finishes a free order whose first call died before its tickets were made. Any other order stays as it is. @throws order.not_found, order.expired */
export const completeFree = capability(
  "order.complete_free",
  { input: AnOrder, allow: ANYBODY, needs: "orders:write" },
  ({ orderId }, { actor }): Promise<OrderRow> =>
    again(async () => {
      const order = await ownedBy(actor, orderId);
      return order.amount === 0 && order.status === "held" ? completed(order) : order;
    }),
);
