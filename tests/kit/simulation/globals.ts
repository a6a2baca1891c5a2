import { setChance } from "@fashionistas/core/chance";
import { setClock } from "@fashionistas/core/context";
import { setMemory } from "@fashionistas/core/memory";
import { setSleep } from "@fashionistas/core/sleep";
import { restartMoments } from "@fashionistas/integrations/fake-server";
import type { Chance } from "./chance.ts";
import type { Clockwork, Timer } from "./clockwork.ts";
import type { Processes } from "./processes.ts";

/**
 * While a simulation runs, the product's clock, sleep, chance and memory are modelled, and so are the clock and the timers of
 * this program: vendors' SDKs and stand-ins look at those. @returns how to bring the real ones back
 */
export function enterModelledTime({ time, ids, processes, startMs }: { time: Clockwork; ids: Chance; processes: Processes; startMs: number }): () => void {
  const now = () => Math.floor(startMs + time.now);
  const real = { now: Date.now, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  setClock(() => now() + (processes.current()?.skewMs ?? 0));
  setSleep((ms) => processes.sleep(ms));
  setChance(ids.next);
  setMemory((key, make) => processes.memory(key, make));
  restartMoments();
  Date.now = now;
  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      handleOf(
        time,
        time.after(ms, () => run(...args)),
      ),
    clearTimeout: (handle: unknown) => (handle as { cancel?: () => void } | undefined)?.cancel?.(),
  });
  return () => {
    setClock(undefined);
    setSleep(undefined);
    setChance(undefined);
    setMemory(undefined);
    Date.now = real.now;
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
  };
}

function handleOf(time: Clockwork, timer: Timer) {
  const handle = { cancel: () => time.cancel(timer), ref: () => handle, unref: () => handle, hasRef: () => true, close: () => handle };
  return handle;
}
