import { ANYBODY } from "../actor.ts";
import { capability } from "../capability.ts";
import { holdMinutes } from "../config.ts";
import { transact, write } from "../db/transact.ts";
import * as Pool from "../pool/index.ts";
import { isoOf, msOf, secondsOf } from "../time.ts";
import { OrderExtended } from "./domain-events.ts";
import { notExtendable, orderExpired } from "./errors.ts";
import { ownedBy, viewWithTickets } from "./read.ts";
import { extendedExpiry } from "./rules/expiry.ts";
import { can } from "./rules/status.ts";
import { AnOrder } from "./schema.ts";
import { changeOf, due, subjectOf } from "./write.ts";

/**
 * More time, once: the hold's length is added. The seats are extended first, so that the order never promises more than they do.
 * @throws order.not_found, order.not_extendable, order.expired
 */
export const extend = capability("order.extend", { input: AnOrder, allow: ANYBODY, needs: "orders:write" }, async ({ orderId }, { actor, now }) => {
  const order = await ownedBy(actor, orderId);
  if (!can(order.status, "extend")) throw notExtendable(`The order is ${order.status}.`);
  if (order.extended) throw notExtendable("It has been extended before; that goes once.");
  if (msOf(order.expiresAt) <= now) throw orderExpired("The time to pay is over: order again.");
  const expiresAtMs = extendedExpiry(msOf(order.expiresAt), holdMinutes());
  const outcomes = await Promise.all(order.claims.map((claim) => Pool.extend(claim, orderId, secondsOf(expiresAtMs), secondsOf(now))));
  if (outcomes.some(({ outcome }) => outcome === "refused")) throw orderExpired("Its seats went back on sale: order again.");
  const expiresAt = isoOf(expiresAtMs);
  const after = { expiresAt, extended: true, ...due(orderId, expiresAt) };
  const head = await transact(subjectOf(order), [OrderExtended({ orderId, eventId: order.eventId, expiresAt })], (head) => [
    write(changeOf(order, head, after)),
  ]);
  return viewWithTickets({ ...order, ...after, ...head });
});
