import { readdirSync, readFileSync } from "node:fs";

/** What Linux tells of running processes. Elsewhere there are none: figures that need them are left out. */

const TICK_MS = 10;

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

function tasksOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** A process and everything it started that still runs. */
export function familyOf(pid: number): number[] {
  const children = tasksOf(pid).flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number));
  return tasksOf(pid).length === 0 ? [] : [pid, ...children.flatMap(familyOf)];
}

export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Resident memory of the processes together, in MB. */
export function residentMb(pids: readonly number[]): number {
  const kb = pids.map((pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0));
  return kb.reduce((sum, one) => sum + one, 0) / 1_024;
}

/** CPU time of each thread of a process so far, in ms: thread id → ms. The main thread has the id of its process. */
export function cpuOf(pid: number): Map<number, number> {
  return new Map(tasksOf(pid).map((task) => [task, ticksIn(read(`/proc/${pid}/task/${task}/stat`)) * TICK_MS]));
}

// The second field is the command in brackets and may hold spaces; utime and stime are the 14th and 15th.
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** CPU time of all threads of a process so far, in ms. */
export function cpuMs(pid: number): number {
  return [...cpuOf(pid).values()].reduce((sum, ms) => sum + ms, 0);
}
