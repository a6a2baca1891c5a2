import { randomBytes } from "node:crypto";

// One question to the system serves 4,096 answers: asked for each character of each id, it would cost more than the rest.
let drawn = 0;
let pool = randomBytes(4_096);
let source: () => number = draw;

function draw(): number {
  if (drawn === pool.length) [pool, drawn] = [randomBytes(4_096), 0];
  return pool[drawn++]! / 256;
}

/** One of 256 steps from 0 to below 1, from the system's secure source. */
export function chance(): number {
  return source();
}

/** As many bytes from the same source: keys and nonces. */
export function chanceBytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(chance() * 256)));
}

/** Replaces chance, for tests whose history must repeat; undefined brings the real one back. */
export function setChance(replacement: (() => number) | undefined): void {
  source = replacement ?? draw;
}
