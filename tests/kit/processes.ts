import { setMemory } from "@fashionistas/core/memory";

/** Does this in another process of the product: it knows nothing of what this one remembers, and leaves nothing here. */
export async function elsewhere<T>(work: () => Promise<T>): Promise<T> {
  const memories = new Map<object, unknown>();
  setMemory(<M>(key: object, make: () => M) => {
    if (!memories.has(key)) memories.set(key, make());
    return memories.get(key) as M;
  });
  return work().finally(() => setMemory(undefined));
}
