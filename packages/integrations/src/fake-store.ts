/**
 * Where a vendor fake keeps its state: durable, so that `kill -9` loses no payment and no unsent webhook.
 * The local server keeps it in the engine, in a table of its own; tests do the same.
 */
export type FakeStore = {
  /** Strongly consistent. */
  get<T>(collection: string, id: string): Promise<T | undefined>;
  /** Resolves when the value is durable. The value is JSON. */
  put(collection: string, id: string, value: unknown): Promise<void>;
  /** All or nothing, at most 25 entries. */
  putAll(entries: readonly { collection: string; id: string; value: unknown }[]): Promise<void>;
  remove(collection: string, id: string): Promise<void>;
  /** In the order of their ids. */
  list<T>(collection: string): Promise<{ id: string; value: T }[]>;
};

/** A running fake: `url` is its base, without a trailing slash. `close` stops deliveries and frees the port. */
export type RunningFake = { url: string; close(): Promise<void> };
