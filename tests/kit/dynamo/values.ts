/**
 * Attribute values as the document client hands them over: strings, numbers, booleans, null, bytes, lists, maps and sets. Items
 * are never changed in place: whoever changes one makes another, so that every version that was ever read stays what it was.
 */
export type Value = string | number | boolean | null | Uint8Array | Set<string | number> | readonly Value[] | { readonly [name: string]: Value };
export type Item = { readonly [name: string]: Value };

/** DynamoDB's name of a value's type. */
export function typeOf(value: Value): "S" | "N" | "BOOL" | "NULL" | "B" | "SS" | "NS" | "L" | "M" {
  switch (typeof value) {
    case "string":
      return "S";
    case "number":
      return "N";
    case "boolean":
      return "BOOL";
  }
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return "B";
  if (value instanceof Set) return typeof value.values().next().value === "number" ? "NS" : "SS";
  return Array.isArray(value) ? "L" : "M";
}

/** A copy that shares nothing; what is undefined is left out, as the document client is told to. */
export function copy(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Set) return new Set(value);
  if (value instanceof Uint8Array) return value.slice();
  const copied: Record<string, Value> = {};
  for (const name in value) {
    const part = (value as Record<string, Value | undefined>)[name];
    if (part !== undefined) copied[name] = copy(part);
  }
  return copied;
}

export const copyItem = (item: Item): Item => copy(item) as Item;

/** Are these the same value? Numbers by value, sets and maps in any order. */
export function equal(a: Value, b: Value): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array) === 0;
  if (a instanceof Set) return a.size === (b as Set<string | number>).size && [...a].every((member) => (b as Set<string | number>).has(member));
  if (Array.isArray(a)) return a.length === (b as Value[]).length && a.every((member, i) => equal(member as Value, (b as Value[])[i]!));
  const [left, right] = [a as Item, b as Item];
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => right[name] !== undefined && equal(left[name]!, right[name]));
}

const SURROGATE = /[\ud800-\udfff]/;

/** The order of sort keys: by their bytes in UTF-8. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** Less, equal or more; undefined when the two are of types that have no order between them. */
export function compare(a: Value, b: Value): number | undefined {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return undefined;
}

/** Bytes of text in UTF-8. */
export const bytesOf = (text: string): number => Buffer.byteLength(text);

/** Bytes of a value as DynamoDB counts them. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return bytesOf(value);
  if (typeof value === "number") return sizeOfNumber(value);
  if (typeof value === "boolean" || value === null) return 1;
  if (value instanceof Uint8Array) return value.length;
  let size = 0;
  if (value instanceof Set) {
    for (const member of value) size += sizeOf(member);
    return size;
  }
  size = 3;
  if (Array.isArray(value)) {
    for (const member of value) size += sizeOf(member as Value) + 1;
    return size;
  }
  for (const name in value) size += bytesOf(name) + sizeOf((value as Item)[name]!) + 1;
  return size;
}

// About two digits a byte, without the zeroes at both ends, and one for the rest.
function sizeOfNumber(value: number): number {
  const digits = String(Math.abs(value))
    .replace(/e.*$/, "")
    .replace(".", "")
    .replace(/^0+|0+$/g, "");
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);
}

/** Bytes of a whole item: its names count too. */
export function sizeOfItem(item: Item): number {
  let size = 0;
  for (const name in item) size += bytesOf(name) + sizeOf(item[name]!);
  return size;
}
