import * as z from "zod";
import { capability } from "../capability.ts";
import * as Event from "../event/index.ts";
import { OrderIdSchema, TicketIdSchema } from "../id.ts";
import * as Limit from "../limit/index.ts";
import * as Pool from "../pool/index.ts";
import { numberOf } from "../ticket/index.ts";
import { theOrder } from "./read.ts";
import { ticketsIn } from "./seats.ts";

/**
 * Puts the seats of tickets that were taken back on sale again, each once, in every pool they were taken from. When the order is
 * voided its buyer may buy as much again as it counted. Repeating it changes nothing.
 */
export const restock = capability(
  "order.restock",
  { input: z.strictObject({ orderId: OrderIdSchema, ticketIds: z.array(TicketIdSchema) }), allow: ["system", "schedule"] },
  async ({ orderId, ticketIds }): Promise<void> => {
    const order = await theOrder(orderId);
    const event = await Event.find(order.eventId);
    if (!event) return;
    const numbers = ticketIds.map(numberOf);
    for (const poolId of new Set(order.claims.map((claim) => claim.poolId))) {
      const claims = order.claims.filter((claim) => claim.poolId === poolId);
      const members = ticketsIn(poolId, order, event);
      for (const n of numbers.filter((number) => members.includes(number))) {
        const { outcome } = await Pool.restock(Pool.claimOfTicket(claims, members.indexOf(n)), orderId, n);
        if (outcome === "refused") throw new Error(`ticket ${n} of ${orderId} has no sold seat in ${poolId}`);
      }
    }
    if (order.status === "voided") await Promise.all(order.limits.map((share) => Limit.takeBack(share, orderId)));
  },
);
