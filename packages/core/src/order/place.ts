import { type Actor, ANYBODY, userIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { holdMinutes } from "../config.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import * as Person from "../person/index.ts";
import { isoOf, secondsOf } from "../time.ts";
import { completed } from "./complete-free.ts";
import { OrderHeld } from "./domain-events.ts";
import { Orders, type OrderRow } from "./entity.ts";
import { alreadyPlaced } from "./errors.ts";
import { peopleNamed } from "./holders.ts";
import { askedFor, checkOnSale } from "./on-sale.ts";
import { theOrder } from "./read.ts";
import { numbered, renamed, ticketCount } from "./rules/attendees.ts";
import { firstExpiry } from "./rules/expiry.ts";
import { PlaceOrder } from "./schema.ts";
import { startPayingSeats } from "./seats.ts";
import { takeAll } from "./take-all.ts";
import { due } from "./write.ts";

/**
 * Takes the seats of every line or of none, then puts the order in one transaction. Free orders are fulfilled at once; an order
 * whose payment starts now has attempt 1 recorded and its seats locked. A second call with the same order id answers with the
 * first one's order. Errors name the line: `lines.1.quantity`.
 * @throws event.not_found, ticket_type.not_found, .not_on_sale, .sold_out, .all_held, .not_enough_left, order.over_limit, .amount_invalid,
 *   .price_changed
 */
export const place = capability(
  "order.place",
  { input: PlaceOrder, allow: ANYBODY, needs: "ticket_types:read" },
  async (input, { actor, now }): Promise<OrderRow> => {
    const { orderId } = input;
    const asked = await askedFor(actor, input);
    checkOnSale(asked, now);
    const expiresAtMs = firstExpiry(now, holdMinutes());
    const { lines, total, claims, limits } = await takeAll(asked, input, { orderId, expiresAtS: secondsOf(expiresAtMs), nowS: secondsOf(now) }, now);
    const pays = total.amount > 0 && (await input.mayStartPayment());

    const { eventId } = asked.event;
    const attempts = pays ? [{ n: 1, status: "created" as const }] : [];
    const bought = { eventId, status: "held" as const, lines, amount: total.amount, currency: total.currency, claims, limits, attempts };
    const held = OrderHeld({ orderId, eventId, ticketTypeIds: lines.map(({ ticketTypeId }) => ticketTypeId), quantity: ticketCount(lines) });
    const placed = await Person.naming(async (idOf): Promise<OrderRow> => {
      const { order, people } = draftOf(input, actor, idOf, { at: isoOf(now), expiresAt: isoOf(expiresAtMs) });
      const row = { ...order, ...bought };
      const remembered = await Person.remembering(people, { at: row.createdAt, reason: orderId });
      const head = await transact(created("order", orderId), [held], (head) => [
        write(Orders.create({ ...row, ...head }), () => alreadyPlaced("This order exists.")),
        ...remembered,
      ]);
      return { ...row, ...head };
    }).catch((error: unknown) => standingOrder(orderId, error));
    if (pays) await startPayingSeats(placed, now);
    return placed.amount > 0 || placed.status !== "held" ? placed : completed(placed);
  },
);

/** What an order says by itself: whose it is, who comes, and for how long it stands. The people are those it names, each once. */
function draftOf({ orderId, buyer, lines, whatsappOptIn }: PlaceOrder, actor: Actor, idOf: Person.IdOf, { at, expiresAt }: { at: string; expiresAt: string }) {
  const personId = idOf(buyer);
  const userId = userIdOf(actor);
  const named = peopleNamed(numbered(lines), idOf);
  const { holders, changed } = renamed({}, named.namings, personId);
  const order = {
    ...{ orderId, personId, whatsappOptIn, expiresAt, createdAt: at, extended: false },
    ...(userId ? { userId } : {}),
    ...(changed.length > 0 ? { holders } : {}),
    ...due(orderId, expiresAt),
  };
  return { order, people: [...named.people.set(personId, buyer)] };
}

// The seats of a transaction whose answer was lost stay held and expire by themselves: nothing is given back in doubt.
function standingOrder(orderId: string, error: unknown): Promise<OrderRow> {
  if ((error as { code?: string }).code === "order.already_placed") return theOrder(orderId);
  throw error;
}
