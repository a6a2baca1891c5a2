/**
 * What a process knows without asking: it lives as long as the process, a Lambda of its own, and is shared by the calls that
 * the process serves. Nothing may depend on it: another process knows nothing of it, and a new one starts with none.
 */
type Find = <T>(key: object, make: () => T) => T;

let find: Find | undefined;

/** Declares a piece of this process's memory. @returns where it is */
export function memory<T>(make: () => T): () => T {
  const key = {};
  const own = make();
  return () => (find ? find(key, make) : own);
}

/** Gives each modelled process a memory of its own, for tests that run many in one; undefined brings the real one back. */
export function setMemory(replacement: Find | undefined): void {
  find = replacement;
}
