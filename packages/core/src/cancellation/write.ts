import { isoOf, MINUTE_MS } from "../time.ts";

/** A slice takes seconds: after this long its worker is dead. */
export const STALLED_MINUTES = 2;
export const SETTLING_MINUTES = 1;
export const RECHECK_MINUTES = 60;
export const WATCHED_DAYS = 30;

/** When the clock must look at a job. */
export function dueIn(now: number, minutes: number): { list: string; dueAt: string } {
  return { list: "open", dueAt: isoOf(now + minutes * MINUTE_MS) };
}
