import * as z from "zod";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { OrderIdSchema } from "../id.ts";
import { isoOf, msOf } from "../time.ts";
import { OrderPaymentCancelled, OrderPaymentDeclined } from "./domain-events.ts";
import type { OrderRow } from "./entity.ts";
import { theOrder } from "./read.ts";
import { expiryAfterDecline } from "./rules/expiry.ts";
import { can, isOver } from "./rules/status.ts";
import { changeOf, due, subjectOf, withAttempt } from "./write.ts";

const MACHINES = ["webhook", "schedule", "system", "public", "attendee", "sponsor", "designer", "model", "organizer", "admin"] as const;
const AnAttempt = { orderId: OrderIdSchema, attempt: z.int().min(1) };

/** A card was declined: the seats are kept, and there is time for another one. Repeating the same decline changes nothing. */
export const recordDecline = capability(
  "order.record_decline",
  { input: z.strictObject({ ...AnAttempt, code: z.string() }), allow: MACHINES },
  async ({ orderId, attempt: n, code }, { now }): Promise<OrderRow> => {
    const order = await theOrder(orderId);
    const attempt = order.attempts.find((one) => one.n === n);
    if (!attempt || isOver(order.status) || attempt.status === "succeeded" || attempt.declineCode === code) return order;
    const attempts = withAttempt(order, n, { status: "created", declineCode: code });
    const expiresAt = isoOf(expiryAfterDecline({ now, expiresAt: msOf(order.expiresAt), firstClaimedAt: msOf(order.createdAt) }));
    const later = can(order.status, "extend") ? { expiresAt, ...due(orderId, expiresAt) } : {};
    const declined = OrderPaymentDeclined({ orderId, eventId: order.eventId, attempt: n, code });
    const head = await transact(subjectOf(order), [declined], (head) => [write(changeOf(order, head, { attempts, ...later }))]);
    return { ...order, ...later, ...head, attempts };
  },
);

/** The provider is still working on it (bank debits): the order waits. */
export const recordProcessing = capability("order.record_processing", { input: z.strictObject(AnAttempt), allow: MACHINES }, ({ orderId, attempt }) =>
  setAttempt(orderId, attempt, "processing"),
);

/** The provider has cancelled it: no money can come from it any more. */
export const recordAttemptCancelled = capability(
  "order.record_attempt_cancelled",
  { input: z.strictObject(AnAttempt), allow: MACHINES },
  ({ orderId, attempt }) => setAttempt(orderId, attempt, "cancelled"),
);

async function setAttempt(orderId: string, n: number, status: "processing" | "cancelled"): Promise<OrderRow> {
  const order = await theOrder(orderId);
  const attempt = order.attempts.find((one) => one.n === n);
  const forward = attempt && attempt.status !== status && attempt.status !== "succeeded" && attempt.status !== "cancelled";
  if (!forward || isOver(order.status)) return order;
  const attempts = withAttempt(order, n, { status });
  const events = status === "cancelled" ? [OrderPaymentCancelled({ orderId, eventId: order.eventId, attempt: n })] : [];
  const head = await transact(subjectOf(order), events, (head) => [write(changeOf(order, head, { attempts }))]);
  return { ...order, ...head, attempts };
}
