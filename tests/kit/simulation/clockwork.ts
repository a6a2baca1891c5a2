/**
 * Modelled time. Everything that takes time is an entry in one heap; when nothing is left to do at a moment, that is when the
 * microtasks are drained, the next entry is popped and time jumps to it. Nothing ever waits for real, so a second of a busy
 * shop takes as long as its work, an idle hour takes no time, and the same seed is the same history.
 */
type Timer = { at: number; order: number; run: (() => void) | undefined };

export class Clockwork {
  /** Milliseconds since the beginning. */
  now = 0;
  /** Entries that were popped. */
  steps = 0;
  readonly #heap: Timer[] = [];
  #order = 0;
  #outside = 0;

  /** Runs something after `ms`; before what is asked later for the same moment. */
  after(ms: number, run: () => void): Timer {
    const timer = { at: this.now + Math.max(0, ms), order: this.#order++, run };
    this.#push(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    timer.run = undefined;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Time stands still until this is done: for work that really takes time, such as loading a file. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside += 1;
    try {
      return await work;
    } finally {
      this.#outside -= 1;
    }
  }

  /** Lets time pass until the story is over. @throws Error when it is not and nothing is left that could happen */
  async until(story: Promise<unknown>): Promise<void> {
    let over = false;
    const end = () => (over = true);
    story.then(end, end);
    for (;;) {
      await drained();
      if (over) return;
      if (this.#outside > 0) continue;
      const timer = this.#pop();
      if (!timer) throw new Error("nothing is left that could happen, and the story is not over: somebody waits for something outside of modelled time");
      this.now = timer.at;
      this.steps += 1;
      timer.run!();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let i = heap.push(timer) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = timer;
  }

  #pop(): Timer | undefined {
    for (;;) {
      const [first, last] = [this.#heap[0], this.#heap.pop()];
      if (!first || !last) return undefined;
      if (first !== last) this.#sink(last);
      if (first.run) return first;
    }
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, timer)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = timer;
  }
}

export type { Timer };

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

const realImmediate = setImmediate;

function drained(): Promise<void> {
  return new Promise((resolve) => realImmediate(resolve));
}
