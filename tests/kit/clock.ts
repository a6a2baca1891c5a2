import { setClock } from "@fashionistas/core/context";

let offsetMs = 0;

/** Lets time pass for the product: everything after this happens `ms` later. */
export function travel(ms: number): void {
  offsetMs += ms;
  setClock(() => Date.now() + offsetMs);
}

/** Back to the present. */
export function present(): void {
  offsetMs = 0;
  setClock(undefined);
}

export const SECONDS = 1_000;
export const MINUTES = 60_000;
export const DAYS = 86_400_000;
