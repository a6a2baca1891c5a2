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

/**
 * What a schedule looks for in an index that is long: with nothing there that is due, its run is many questions and no answer.
 * It is due `afterMs` after what the index says, by the clock that is most ahead.
 */
const WORK: Partial<Record<ScheduleName, { is(item: Item): boolean; since: "gsi1sk" | "gsi4sk"; afterMs: number }>> = {
  "expire-orders": { is: ({ gsi1pk }) => String(gsi1pk).startsWith("DUE#"), since: "gsi1sk", afterMs: 0 },
  "republish-pending": { is: ({ gsi4pk }) => gsi4pk !== undefined, since: "gsi4sk", afterMs: 60_000 },
  "retry-refunds": { is: ({ gsi1pk }) => String(gsi1pk).startsWith("REFUNDS_WAITING#"), since: "gsi1sk", afterMs: 600_000 },
};
/** How far the clock of a process may be ahead, and how long a run takes. */
const AHEAD_MS = 30_000;

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
  if (!isAnythingDue(history, name)) return;
  await does(history, `${name} runs`, () => history.simulation.schedule(name));
}

function isAnythingDue({ simulation }: History, name: ScheduleName): boolean {
  const work = WORK[name];
  if (!work) return true;
  const until = new Date(simulation.now() + AHEAD_MS - work.afterMs).toISOString();
  return simulation.table.storage.all().some(({ item }) => work.is(item as Item) && String(item[work.since]) <= until);
}
