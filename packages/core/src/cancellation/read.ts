import { TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import * as Event from "../event/index.ts";
import type { Currency } from "../money.ts";
import { Cancellations, type CancellationRow } from "./entity.ts";
import { notCancelled } from "./errors.ts";
import { OfEvent, type CancellationView } from "./schema.ts";

/** The job of an event, or undefined when it was not cancelled. Strongly consistent. */
export async function find(eventId: string): Promise<CancellationRow | undefined> {
  const { data } = await Cancellations.get({ eventId }).go({ consistent: true });
  return (data as CancellationRow | null) ?? undefined;
}

/** Jobs that must go on at this instant, those of a worker who died among them; at most `limit`. */
export async function listDue(at: string, limit: number): Promise<CancellationRow[]> {
  const { data } = await Cancellations.query.byDue({ list: "open" }).lte({ dueAt: at }).go({ limit });
  return data as CancellationRow[];
}

/** How far the refunds of a cancelled event came, for whoever manages it. @throws event.not_found, cancellation.not_found */
export const get = capability(
  "cancellation.get",
  { input: OfEvent, allow: TEAM, needs: "events:read" },
  async ({ eventId }, { actor }): Promise<CancellationView> => {
    await Event.managedBy(actor, eventId);
    const job = await find(eventId);
    if (!job) throw notCancelled("There is nothing to refund: see the event's status.");
    const { ended, sold, voided, pending, succeeded, failed, amount } = job.counts;
    return {
      eventId,
      phase: job.phase,
      orders: { ended, sold, voided },
      refunds: { pending, succeeded, failed, amount: { amount, currency: job.currency as Currency } },
      startedAt: job.startedAt,
      updatedAt: job.updatedAt,
      finishedAt: job.finishedAt ?? null,
    };
  },
);
