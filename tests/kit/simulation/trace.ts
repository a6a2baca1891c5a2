import { createHash } from "node:crypto";

/** The history of a run: all of it as one hash, so that two runs can be compared, and its end in words, for whoever reads a failure. */
export class Trace {
  events = 0;
  readonly #hash = createHash("sha256");
  readonly #last: string[] = [];
  readonly #kept: number;

  constructor(kept = 200) {
    this.#kept = kept;
  }

  add(atMs: number, what: string): void {
    const line = `${atMs.toFixed(3)} ${what}`;
    this.#hash.update(line);
    this.#last[this.events++ % this.#kept] = line;
  }

  /** Of everything so far. */
  hash(): string {
    return this.#hash.copy().digest("hex");
  }

  /** The last lines, oldest first. */
  last(): string[] {
    const from = this.events % this.#kept;
    return this.events < this.#kept ? [...this.#last] : [...this.#last.slice(from), ...this.#last.slice(0, from)];
  }
}
