/** Chance that repeats: the same seed draws the same numbers, in every process and on every machine. */
export type Chance = {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from `low` to `high`, both possible. */
  between(low: number, high: number): number;
  /** True in this share of the cases. */
  is(probability: number): boolean;
  /** Exponentially distributed with this mean: the time between arrivals that know nothing of each other. */
  exponential(mean: number): number;
  pick<T>(among: readonly T[]): T;
  shuffled<T>(list: readonly T[]): T[];
  /** Chance of its own for a purpose: what one draws does not move the others. */
  of(purpose: string): Chance;
};

/** A number from text, by 32-bit FNV-1a with a final mix. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Chance from a seed (sfc32). */
export function chanceFrom(seed: string): Chance {
  let [a, b, c, counter] = [hash32(`a${seed}`), hash32(`b${seed}`), hash32(`c${seed}`), 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 12; i++) next();
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    is: (probability) => probability > 0 && next() < probability,
    exponential: (mean) => -Math.log(1 - next()) * mean,
    pick: (among) => among[between(0, among.length - 1)]!,
    shuffled(list) {
      const mixed = [...list];
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = between(0, i);
        [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
      }
      return mixed;
    },
    of: (purpose) => chanceFrom(`${seed}/${purpose}`),
  };
}
