import type { FakeStore } from "@fashionistas/integrations/fake-store";

/** Where a stand-in keeps its state when no engine is needed: JSON, in the order of ids. */
export function memoryStore(): FakeStore {
  const rows = new Map<string, Map<string, string>>();
  const of = (collection: string) => rows.get(collection) ?? rows.set(collection, new Map()).get(collection)!;
  const put = async (collection: string, id: string, value: unknown) => void of(collection).set(id, JSON.stringify(value));
  return {
    async get<T>(collection: string, id: string) {
      const text = of(collection).get(id);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    put,
    async putAll(entries) {
      for (const { collection, id, value } of entries) await put(collection, id, value);
    },
    remove: async (collection, id) => void of(collection).delete(id),
    async list<T>(collection: string) {
      return [...of(collection)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => ({ id, value: JSON.parse(text) as T }));
    },
  };
}
