import { type Condition, type Operand, type Path, Unfit, type Update } from "./expression.ts";
import { compare, equal, typeOf, type Item, type Value } from "./values.ts";

/** What an expression says of an item, and what an update makes of it. */

/** The value at a path, or undefined. */
export function at(item: Item | undefined, path: Path): Value | undefined {
  let value: Value | undefined = item;
  for (const step of path) {
    if (typeof value !== "object" || value === null || value instanceof Set || value instanceof Uint8Array) return undefined;
    if (typeof step === "number" ? !Array.isArray(value) : Array.isArray(value)) return undefined;
    value = (value as Record<string | number, Value | undefined>)[step];
  }
  return value;
}

/** Does the condition hold? What is missing fails every comparison but `<>`. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.is) {
    case "and":
      return holds(condition.left, item) && holds(condition.right, item);
    case "or":
      return holds(condition.left, item) || holds(condition.right, item);
    case "not":
      return !holds(condition.condition, item);
    case "exists":
      return at(item, condition.path) !== undefined;
    case "absent":
      return at(item, condition.path) === undefined;
    case "compare":
      return compares(condition.by, operand(condition.left, item), operand(condition.right, item));
    case "between": {
      const what = operand(condition.what, item);
      return compares(">=", what, operand(condition.from, item)) && compares("<=", what, operand(condition.to, item));
    }
    case "in": {
      const what = operand(condition.what, item);
      return condition.among.some((one) => compares("=", what, operand(one, item)));
    }
    case "attribute_type": {
      const what = operand(condition.what, item);
      return what !== undefined && typeOf(what) === operand(condition.argument, item);
    }
    case "begins_with": {
      const [what, start] = [operand(condition.what, item), operand(condition.argument, item)];
      return typeof what === "string" && typeof start === "string" && what.startsWith(start);
    }
    case "contains":
      return contains(operand(condition.what, item), operand(condition.argument, item));
  }
}

function compares(by: string, left: Value | undefined, right: Value | undefined): boolean {
  if (by === "<>") return left === undefined || right === undefined || !equal(left, right);
  if (left === undefined || right === undefined) return false;
  if (by === "=") return equal(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  if (by === "<") return order < 0;
  if (by === "<=") return order <= 0;
  return by === ">" ? order > 0 : order >= 0;
}

function contains(whole: Value | undefined, part: Value | undefined): boolean {
  if (whole === undefined || part === undefined) return false;
  if (typeof whole === "string") return typeof part === "string" && whole.includes(part);
  if (whole instanceof Set) return whole.has(part as string | number);
  return Array.isArray(whole) && whole.some((member) => equal(member as Value, part));
}

/** The operand's value on this item; undefined when its path leads nowhere. */
export function operand(what: Operand, item: Item | undefined): Value | undefined {
  switch (what.is) {
    case "value":
      return what.value;
    case "path":
      return at(item, what.path);
    case "size":
      return lengthOf(at(item, what.path));
    case "if_not_exists": {
      // Null is a value that exists.
      const standing = at(item, what.path);
      return standing === undefined ? operand(what.otherwise, item) : standing;
    }
    case "list_append": {
      const [first, second] = [needed(what.first, item), needed(what.second, item)];
      if (!Array.isArray(first) || !Array.isArray(second)) throw new Unfit("An operand in the update expression has an incorrect data type");
      return [...first, ...second] as Value;
    }
    default: {
      const [left, right] = [needed(what.left, item), needed(what.right, item)];
      if (typeof left !== "number" || typeof right !== "number") throw new Unfit("An operand in the update expression has an incorrect data type");
      return what.is === "plus" ? left + right : left - right;
    }
  }
}

/** What `size()` says of a value; nothing of numbers, booleans and null. */
function lengthOf(value: Value | undefined): number | undefined {
  if (typeof value === "string" || value instanceof Uint8Array || Array.isArray(value)) return value.length;
  if (value instanceof Set) return value.size;
  return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
}

function needed(what: Operand, item: Item | undefined): Value {
  const value = operand(what, item);
  if (value === undefined) throw new Unfit("The provided expression refers to an attribute that does not exist in the item");
  return value;
}

/** The item after the update; every part of it is computed from the item before. */
export function updated(item: Item, { set, remove, add, delete: take }: Update): Item {
  let next = item;
  for (const { path, to } of set) next = changed(next, path, needed(to, item));
  for (const { path, value } of add) next = changed(next, path, sum(at(item, path), value));
  for (const { path, value } of take) {
    const left = difference(at(item, path), value);
    if (left === undefined) continue;
    next = left.size > 0 ? changed(next, path, left) : changed(next, path, undefined);
  }
  // Of a list the last places first, so that the ones before stay where they are.
  for (const path of [...remove].sort((a, b) => Number(b.at(-1)) - Number(a.at(-1)) || 0))
    if (at(next, path) !== undefined || path.length > 1) next = removed(next, path);
  return next;
}

function sum(before: Value | undefined, value: Value): Value {
  if (typeof value === "number" && (before === undefined || typeof before === "number")) return (before ?? 0) + value;
  if (value instanceof Set && (before === undefined || typeOf(before) === typeOf(value)))
    return new Set([...((before ?? []) as Iterable<string>), ...(value as Set<string>)]);
  throw new Unfit("An operand in the update expression has an incorrect data type");
}

function difference(before: Value | undefined, value: Value): Set<string | number> | undefined {
  if (!(value instanceof Set)) throw new Unfit("Incorrect operand type for operator or function; operator: DELETE");
  if (before === undefined) return undefined;
  if (!(before instanceof Set) || typeOf(before) !== typeOf(value)) throw new Unfit("An operand in the update expression has an incorrect data type");
  return new Set([...before].filter((member) => !value.has(member)));
}

function removed(item: Item, path: Path): Item {
  return at(item, path.slice(0, -1)) === undefined ? invalidPath() : changed(item, path, undefined);
}

function invalidPath(): never {
  throw new Unfit("The document path provided in the update expression is invalid for update");
}

// Copies what lies along the path and shares the rest. undefined removes.
function changed(item: Item, path: Path, value: Value | undefined): Item {
  return along(item, path, 0, value) as Item;
}

function along(whole: Value | undefined, path: Path, depth: number, value: Value | undefined): Value | undefined {
  if (depth === path.length) return value;
  const step = path[depth]!;
  if (typeof step === "number") {
    if (!Array.isArray(whole)) return invalidPath();
    const list = [...(whole as Value[])];
    const part = along(list[step], path, depth + 1, value);
    if (part === undefined) list.splice(step, 1);
    else list[Math.min(step, list.length)] = part;
    return list;
  }
  if (whole === undefined || typeOf(whole) !== "M") return invalidPath();
  const part = along((whole as Item)[step], path, depth + 1, value);
  const map = { ...(whole as Record<string, Value>) };
  if (part === undefined) delete map[step];
  else map[step] = part;
  return map;
}

/** The item cut down to these paths. */
export function projected(item: Item, paths: readonly Path[]): Item {
  const cut: Record<string, Value> = {};
  for (const path of paths) {
    const value = at(item, path);
    if (value === undefined) continue;
    if (path.some((step) => typeof step === "number")) throw new Error("the model projects no places of lists");
    let place = cut;
    for (const step of path.slice(0, -1)) place = (place[step as string] ??= {}) as Record<string, Value>;
    place[path.at(-1) as string] = value;
  }
  return cut;
}
