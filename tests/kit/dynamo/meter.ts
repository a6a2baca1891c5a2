/** What a run cost, and where it was hot. */
export type Meter = {
  calls: Map<string, number>;
  /** Index ("table" or its name) → write units of each slot of 100 ms. */
  writes: Map<string, number[]>;
  reads: Map<string, number[]>;
  /** Index and key → units, to find what is hot. */
  keys: Map<string, { read: number; write: number }>;
  throttled: Map<string, number>;
  conflicts: Map<string, number>;
  /** What went wrong by chance. */
  faults: Map<string, number>;
};

const SLOT_MS = 100;

export function newMeter(): Meter {
  return { calls: new Map(), writes: new Map(), reads: new Map(), keys: new Map(), throttled: new Map(), conflicts: new Map(), faults: new Map() };
}

export function count(counts: Map<string, number>, what: string, by = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + by);
}

export function note(meter: Meter, { index, pk }: { index: string; pk: string }, kind: "read" | "write", units: number, nowMs: number): void {
  const of = kind === "read" ? meter.reads : meter.writes;
  let slots = of.get(index);
  if (!slots) of.set(index, (slots = []));
  const slot = Math.floor(nowMs / SLOT_MS);
  slots[slot] = (slots[slot] ?? 0) + units;
  const id = `${index} ${pk}`;
  let key = meter.keys.get(id);
  if (!key) meter.keys.set(id, (key = { read: 0, write: 0 }));
  key[kind] += units;
}

/** The busiest second of these slots, in units a second. */
export function peakPerSecond(slots: readonly number[] | undefined): number {
  const width = 1_000 / SLOT_MS;
  let [sum, most] = [0, 0];
  for (let i = 0; i < (slots?.length ?? 0); i++) {
    sum += (slots![i] ?? 0) - (slots![i - width] ?? 0);
    most = Math.max(most, sum);
  }
  return most;
}

/** Several indexes' slots as one. */
export function together(all: readonly (readonly number[])[]): number[] {
  const sums: number[] = [];
  for (const slots of all) for (let i = 0; i < slots.length; i++) sums[i] = (sums[i] ?? 0) + (slots[i] ?? 0);
  return sums;
}

/** The keys with most units, as text: `table TYPE#tt_1 12,000`. */
export function hottest(meter: Meter, kind: "read" | "write", many: number): { key: string; units: number }[] {
  return [...meter.keys]
    .map(([key, units]) => ({ key, units: units[kind] }))
    .sort((a, b) => b.units - a.units || (a.key < b.key ? -1 : 1))
    .slice(0, many);
}
