import type { Process, Simulation } from "../../kit/simulation/index.ts";

/**
 * Lambda's fleet for one function: one request at a time in each process, a free one when there is one, the one that rested
 * least; a new one otherwise. Starting one takes no time here: a sale that everybody waits for has its concurrency provisioned.
 */
export class Fleet {
  started = 0;
  readonly #free: Process[] = [];
  readonly #simulation: Pick<Simulation, "process">;
  readonly #name: string;

  constructor(simulation: Pick<Simulation, "process">, name: string) {
    this.#simulation = simulation;
    this.#name = name;
  }

  async use<T>(work: (process: Process) => Promise<T>): Promise<T> {
    const process = this.#free.pop() ?? this.#simulation.process({ name: `${this.#name}-${this.started++}` });
    try {
      return await work(process);
    } finally {
      this.#free.push(process);
    }
  }
}
