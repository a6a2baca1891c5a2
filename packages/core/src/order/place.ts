import { userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { holdMinutes } from "../config.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import * as Person from "../person/index.ts";
import * as TicketType from "../ticket-type/index.ts";
import { isoOf, secondsOf } from "../time.ts";
import { OrderHeld } from "./domain-events.ts";
import { Orders, type OrderRow } from "./entity.ts";
import { alreadyPlaced, orderExpired } from "./errors.ts";
import { fulfil } from "./fulfil.ts";
import { sharesOf, takeShares } from "./limits.ts";
import { lineOnSale } from "./on-sale.ts";
import { theOrder } from "./read.ts";
import { firstExpiry } from "./rules/expiry.ts";
import { PlaceOrder } from "./schema.ts";
import { claimSeats, confirmSeats, giveBackEverything, poolsOf, startPayingSeats } from "./seats.ts";
import { due } from "./write.ts";

/**
 * Takes the seats, then puts the order in one transaction. Free orders are fulfilled at once; an order whose payment starts
 * now has attempt 1 recorded and its seats locked. A second call with the same order id answers with the first one's order.
 * @throws ticket_type.not_found, .not_on_sale, .sold_out, .all_held, .not_enough_left, order.over_limit, order.amount_invalid
 */
export const place = capability(
  "order.place",
  { input: PlaceOrder, allow: ["public", "attendee", "sponsor", "designer", "model", "organizer", "admin"] },
  async (input, { actor, now }): Promise<OrderRow> => {
    const { orderId, buyer, quantity } = input;
    const { type, event } = await TicketType.visibleTo(actor, input.ticketTypeId);
    const line = lineOnSale(type, event, input, now);
    const at = isoOf(now);
    const expiresAt = isoOf(firstExpiry(now, holdMinutes()));
    const hold = { orderId, quantity, expiresAtS: secondsOf(Date.parse(expiresAt)), nowS: secondsOf(now) };
    const personId = Person.personIdOf(buyer);
    const userId = userIdOf(actor);

    const limits = sharesOf(type, buyer, quantity);
    await takeShares(limits, type.maxPerBuyer, hold);
    const claims = await claimSeats(poolsOf(type, event), hold).catch(async (error: unknown) => {
      await giveBackEverything({ orderId, claims: [], limits });
      throw error;
    });
    const pays = line.total.amount > 0 && (await input.mayStartPayment());

    const order = {
      orderId,
      eventId: event.eventId,
      personId,
      ...(userId ? { userId } : {}),
      status: "held" as const,
      lines: [line],
      amount: line.total.amount,
      currency: line.total.currency,
      claims,
      limits,
      attempts: pays ? [{ n: 1, status: "created" as const }] : [],
      whatsappOptIn: input.whatsappOptIn,
      firstClaimedAt: at,
      expiresAt,
      extended: false,
      ...due(orderId, expiresAt),
      createdAt: at,
    };
    const held = OrderHeld({ orderId, eventId: event.eventId, ticketTypeIds: [type.ticketTypeId], quantity });
    const placed = await transact(created("order", orderId), [held], (head) => [
      write(Orders.create({ ...order, ...head }), () => alreadyPlaced("This order exists.")),
      write(Person.remembering(personId, buyer, at)),
    ]).then(
      (head): OrderRow => ({ ...order, ...head }),
      (error: unknown) => standingOrder(orderId, error),
    );
    if (pays) await startPayingSeats(placed, now);
    if (placed.amount > 0 || placed.status !== "held") return placed;
    if (!(await confirmSeats(placed))) throw orderExpired("Its seats went back on sale: order again.");
    return fulfil(placed, undefined);
  },
);

// The seats of a transaction whose answer was lost stay held and expire by themselves: nothing is given back in doubt.
function standingOrder(orderId: string, error: unknown): Promise<OrderRow> {
  if ((error as { code?: string }).code === "order.already_placed") return theOrder(orderId);
  throw error;
}
