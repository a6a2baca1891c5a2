/** What every section of the bench says, and the little arithmetic they share. */

/** `budget` as people read it (`≤ 500`); `ok` whether the value keeps it. Figures without a budget inform only. */
export type Figure = { bench: string; name: string; value: number; unit: string; budget?: string; ok?: boolean };

/** `tiny` shows that everything works, its figures mean little. */
export type Size = "full" | "quick" | "tiny";

export type Budget = { text: string; keeps(value: number): boolean };
export const atMost = (limit: number): Budget => ({ text: `≤ ${limit}`, keeps: (value) => value <= limit });
export const atLeast = (limit: number): Budget => ({ text: `≥ ${limit}`, keeps: (value) => value >= limit });
export const exactly = (wanted: number): Budget => ({ text: `= ${wanted}`, keeps: (value) => value === wanted });

/** What a section is given. */
export type Bench = {
  size: Size;
  /** A directory that `synth` wrote; without it the section builds one. */
  assembly: string | undefined;
  /** Progress, for whoever waits. */
  say(text: string): void;
  figure(name: string, value: number, unit: string, budget?: Budget): void;
};

export type Section = (bench: Bench) => Promise<void>;

/** The setting of this size. */
export function sized<T>({ size }: Pick<Bench, "size">, full: T, quick: T, tiny: T): T {
  return { full, quick, tiny }[size];
}

/** Everything here is called from one address: an hour's worth of limits at once, each call still counted by one write. */
export const RAISED_LIMITS = "read=360000/3600, write=360000/3600, purchase=360000/3600";

/** The figures of a section as they come in, rounded to four digits. */
export function figuresInto(figures: Figure[], bench: string): Bench["figure"] {
  return (name, value, unit, budget) => {
    const rounded = Number(value.toPrecision(4));
    figures.push({ bench, name, value: rounded, unit, ...(budget ? { budget: budget.text, ok: budget.keeps(rounded) } : {}) });
  };
}

/** The value below which a share of them lies (0.5: the median); NaN when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Lines with aligned columns, a blank line between sections. */
export function tableOf(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const lines = figures.map(({ bench, name, value, unit, budget, ok }, i) => {
    const title = bench === figures[i - 1]?.bench ? [] : ["", bench];
    const verdict = budget === undefined ? "" : `  ${budget.padEnd(9)} ${ok ? "ok" : "MISSED"}`;
    return [...title, `  ${name.padEnd(width)}  ${String(value).padStart(9)} ${unit.padEnd(14)}${verdict}`.trimEnd()];
  });
  return lines.flat().join("\n");
}
