/** The clock: schedules at any moment, some of them, several at once, and the same one twice. */
import { schedules } from "@fashionistas/functions/schedules/manifest";
import { does, type History } from "./histories-shop.ts";

export type ScheduleName = (typeof schedules)[number]["name"];

/** Those that make things end; the others only look. */
export const ENDING: readonly ScheduleName[] = [
  "expire-orders",
  "sweep-pools",
  "republish-pending",
  "retry-refunds",
  "continue-cancellations",
  "resume-reconciliations",
];
const RARE: readonly ScheduleName[] = ["reconcile-hourly", "reconcile-daily", "record-event-status"];

export async function clock(history: History): Promise<void> {
  const { simulation, plan } = history;
  const chance = simulation.chance.of("clock");
  while (simulation.now() < history.endsAtMs) {
    await simulation.sleep(chance.exponential(plan.ticksMs));
    const due = [...ENDING.filter(() => chance.is(0.5)), ...RARE.filter(() => chance.is(0.04)), ...(chance.is(0.2) ? [chance.pick(ENDING)] : [])];
    await Promise.all(due.map((name) => runs(history, name)));
  }
}

export function runs(history: History, name: ScheduleName): Promise<void> {
  return does(history, `${name} runs`, () => history.simulation.schedule(name)) as Promise<void>;
}
