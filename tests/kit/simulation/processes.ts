import { AsyncLocalStorage } from "node:async_hooks";
import type { Chance } from "./chance.ts";
import type { Clockwork } from "./clockwork.ts";

/**
 * Modelled processes, each a Lambda of its own: with a clock that is off by up to so much, with a memory of its own, and mortal
 * at every call that it makes to the outside. A process that dies does nothing any more: what it was about to do never happens,
 * not even its error handling, and whoever called it gets a Crash. The next call finds a fresh process in its place.
 */
export class Crash extends Error {
  override readonly name = "Crash";
}

type Invocation = { process: Process; dead: boolean; crash: (error: Crash) => void };

export type Process = {
  readonly name: string;
  /** By how much its clock is wrong. */
  readonly skewMs: number;
  /** Calls that it is working on. */
  readonly running: number;
  /** Runs work in this process. @throws Crash when it dies meanwhile */
  call<T>(work: () => Promise<T>): Promise<T>;
  /** Kills it now, whatever it is doing. */
  die(): void;
};

/** Made anew for everybody who waits for it: a promise keeps all who do. */
const never = () => new Promise<never>(() => {});

// One for all simulations of this machine's process: Node makes every promise pay for every storage that there ever was.
const invocationOf = new AsyncLocalStorage<Invocation>();

export class Processes {
  /** How often a process dies before, and after, a call to the outside. */
  crash = 0;
  crashes = 0;
  readonly #chance: Chance;
  readonly #time: Clockwork;
  readonly #memories = new WeakMap<Process, Map<object, unknown>>();

  constructor(chance: Chance, time: Clockwork) {
    this.#chance = chance;
    this.#time = time;
  }

  start({ name, skewMs = 0 }: { name: string; skewMs?: number }): Process {
    const invocations = new Set<Invocation>();
    const process: Process = {
      name,
      skewMs,
      get running() {
        return invocations.size;
      },
      call: (work) =>
        new Promise((resolve, reject) => {
          const invocation: Invocation = { process, dead: false, crash: reject };
          invocations.add(invocation);
          const end = (settle: () => void) => {
            if (invocation.dead) return;
            invocations.delete(invocation);
            settle();
          };
          invocationOf.run(invocation, work).then(
            (value) => end(() => resolve(value)),
            (error: unknown) => end(() => reject(error as Error)),
          );
        }),
      die: () => {
        this.crashes += 1;
        this.#memories.delete(process);
        for (const invocation of invocations) {
          invocation.dead = true;
          invocation.crash(new Crash(`${name} died`));
        }
        invocations.clear();
      },
    };
    return process;
  }

  /** The process that is running, if any: the story itself runs in none. */
  current(): Process | undefined {
    return invocationOf.getStore()?.process;
  }

  /** A call to the outside, at which a process may die: before it is made, or after it was made and before its answer is read. */
  async around<T>(call: () => Promise<T>): Promise<T> {
    const invocation = invocationOf.getStore();
    if (!invocation) return call();
    if (this.#mayDie(invocation)) return never();
    try {
      return await call();
    } finally {
      if (this.#mayDie(invocation)) await never();
    }
  }

  async sleep(ms: number): Promise<void> {
    await this.#time.sleep(ms);
    if (invocationOf.getStore()?.dead) await never();
  }

  /** What the running process remembers under this key. */
  memory<T>(key: object, make: () => T): T {
    const process = this.current();
    if (!process) return make();
    let memories = this.#memories.get(process);
    if (!memories) this.#memories.set(process, (memories = new Map()));
    if (!memories.has(key)) memories.set(key, make());
    return memories.get(key) as T;
  }

  #mayDie(invocation: Invocation): boolean {
    if (!invocation.dead && this.#chance.is(this.crash)) invocation.process.die();
    return invocation.dead;
  }
}
