import type { Schedule } from "@fashionistas/functions/schedules/manifest";
import { lambdaContext, loadHandler } from "./lambda.ts";
import type { LocalStore } from "./store.ts";

/** EventBridge Scheduler on this machine: remembers when each schedule last ran, so that a restart neither skips nor doubles. */
export type Scheduler = { start(): void; run(name: string): Promise<void>; close(): void };

const LAST_RUNS_COLLECTION = "schedules";
const MINUTE_MS = 60_000;

export function createScheduler({
  store,
  schedules,
  onError,
}: {
  store: LocalStore;
  schedules: readonly Schedule[];
  onError(name: string, error: unknown): void;
}): Scheduler {
  const timers: NodeJS.Timeout[] = [];
  let closed = false;

  async function run(name: string): Promise<void> {
    const schedule = schedules.find((one) => one.name === name);
    if (!schedule) throw new Error(`no schedule is named ${name}`);
    const handler = await loadHandler(schedule.handler);
    await store.put(LAST_RUNS_COLLECTION, name, Date.now());
    await handler(
      { version: "0", "detail-type": "Scheduled Event", source: "aws.scheduler", time: new Date().toISOString(), resources: [], detail: {} },
      lambdaContext(name),
    );
  }

  async function next({ name, everyMinutes }: Schedule): Promise<void> {
    const last = (await store.get<number>(LAST_RUNS_COLLECTION, name)) ?? Date.now();
    const wait = Math.max(1_000, last + everyMinutes * MINUTE_MS - Date.now());
    if (closed) return;
    timers.push(
      setTimeout(() => {
        run(name)
          .catch((error: unknown) => onError(name, error))
          .finally(() => void next({ name, everyMinutes } as Schedule).catch((error: unknown) => onError(name, error)));
      }, wait),
    );
  }

  return {
    start() {
      for (const schedule of schedules) void next(schedule).catch((error: unknown) => onError(schedule.name, error));
    },
    run,
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
