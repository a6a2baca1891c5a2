/** The clock: schedules at any moment, some of them, several at once, and the same one twice. */
import type { schedules } from "@fashionistas/functions/schedules/manifest";
import type { Item } from "../../../kit/invariants.ts";
import { does, type History } from "../shop.ts";

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
const RARE: readonly ScheduleName[] = ["reconcile-hourly", "reconcile-hourly", "record-event-status"];

/** What a schedule looks for in an index, where it is long: with nothing there, its run is many questions and no answer. */
const WORK: Partial<Record<ScheduleName, (item: Item) => boolean>> = {
  "expire-orders": ({ gsi1pk }) => String(gsi1pk).startsWith("DUE#"),
  "republish-pending": ({ gsi4pk }) => gsi4pk !== undefined,
  "retry-refunds": ({ gsi1pk }) => String(gsi1pk).startsWith("REFUNDS_WAITING#"),
};

export async function clock(history: History): Promise<void> {
  const { simulation, plan } = history;
  const chance = simulation.chance.of("clock");
  while (simulation.now() < history.endsAtMs) {
    await simulation.sleep(chance.exponential(plan.ticksMs));
    const rare = [...RARE.filter(() => chance.is(0.04)), ...(chance.is(0.005) ? ["reconcile-daily" as const] : [])];
    const due = [...ENDING.filter(() => chance.is(0.4)), ...rare, ...(chance.is(0.2) ? [chance.pick(ENDING)] : [])];
    await Promise.all(due.map((name) => runs(history, name)));
  }
}

export async function runs(history: History, name: ScheduleName): Promise<void> {
  const isWork = WORK[name];
  if (isWork && !history.simulation.table.storage.all().some(({ item }) => isWork(item as Item))) return;
  await does(history, `${name} runs`, () => history.simulation.schedule(name));
}
