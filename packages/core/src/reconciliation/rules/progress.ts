/**
 * How far a reconciliation has come, 0 to 1: its phases count alike, the running one by the share of it that is done.
 *
 * Worked example: full (three phases), in `ledger`, half of the days read → (1 + 0.5) / 3 = 0.5.
 */
import type { Phase } from "../schema.ts";

const PHASES: readonly Phase[] = ["provider", "ledger", "orders"];

/** The phases of a job, in their order. Only a full one reads every order. */
export function phasesOf(full: boolean): readonly Phase[] {
  return full ? PHASES : PHASES.slice(0, 2);
}

/** The phase after this one, or undefined. */
export function phaseAfter(phase: Phase, full: boolean): Phase | undefined {
  const phases = phasesOf(full);
  return phases[phases.indexOf(phase) + 1];
}

/** `share`: how much of the running phase is done, 0 to 1. */
export function progressOf(phase: Phase, share: number, full: boolean): number {
  const phases = phasesOf(full);
  const done = (phases.indexOf(phase) + Math.min(1, Math.max(0, share))) / phases.length;
  return Math.round(done * 1_000) / 1_000;
}
