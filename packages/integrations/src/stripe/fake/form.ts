import { invalid } from "./failure.ts";

export type Form = { [key: string]: string | Form };

/** Kinds of parameters: `text` may be emptied with "", `longText` too and holds 20,000 characters, `unsupported` exists at Stripe but not in this fake. */
export type Kind =
  | "string"
  | "text"
  | "longText"
  | "integer"
  | "boolean"
  | "metadata"
  | "list"
  | "any"
  | "email"
  | "range"
  | "unsupported"
  | { oneOf: readonly string[] }
  | { hash: Spec; required?: readonly string[] };
export type Spec = { readonly [name: string]: Kind };

const RANGE: Spec = { gt: "integer", gte: "integer", lt: "integer", lte: "integer" };
const NUMBERED = /^\d+$/;
const MAX_STRING = 5_000;
const MAX_LONG_TEXT = 20_000;

/** Bracket nesting as Stripe reads it: `a[b]=1&c[]=2&d[0]=3`. */
export function parseForm(pairs: URLSearchParams): Form {
  const form: Form = Object.create(null);
  for (const [key, value] of pairs) {
    const bracket = key.indexOf("[");
    const path = bracket < 0 ? [key] : [key.slice(0, bracket), ...innerKeys(key.slice(bracket))];
    let node = form;
    path.forEach((segment, depth) => {
      const name = segment === "" ? String(Object.keys(node).length) : segment;
      if (depth === path.length - 1) return (node[name] = value);
      const child = node[name];
      node = typeof child === "object" ? child : (node[name] = Object.create(null) as Form);
      return node;
    });
  }
  return form;
}

function innerKeys(brackets: string): string[] {
  const keys = [...brackets.matchAll(/\[([^[\]]*)\]/g)].map((match) => match[1] ?? "");
  if (keys.map((key) => `[${key}]`).join("") === brackets) return keys;
  return [brackets];
}

/** Parses every parameter or refuses with Stripe's error; unknown ones come first, then missing ones. */
export function readParams(form: Form, spec: Spec, required: readonly string[] = [], prefix = ""): Record<string, unknown> {
  const nameOf = (name: string) => (prefix === "" ? name : `${prefix}[${name}]`);
  for (const name of Object.keys(form)) {
    if (!Object.hasOwn(spec, name)) throw invalid(`Received unknown parameter: ${nameOf(name)}`, nameOf(name), "parameter_unknown");
  }
  for (const name of required) {
    if (form[name] === undefined) throw invalid(`Missing required param: ${nameOf(name)}.`, nameOf(name), "parameter_missing");
  }
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(form)) values[name] = readValue(nameOf(name), value, spec[name] as Kind);
  return values;
}

function readValue(name: string, value: string | Form, kind: Kind): unknown {
  if (kind === "any") return value;
  if (kind === "unsupported") {
    throw invalid(`The local Stripe fake does not implement the parameter ${name}.`, name, "fake_unsupported");
  }
  if (kind === "metadata") return readMetadata(name, value);
  if (kind === "list") return readList(name, value);
  if (kind === "range") return typeof value === "string" ? readValue(name, value, "integer") : readParams(value, RANGE, [], name);
  if (typeof kind === "object" && "hash" in kind) {
    if (value === "") return null;
    if (typeof value === "string") throw invalid("Invalid object", name);
    return readParams(value, kind.hash, kind.required, name);
  }
  if (typeof value !== "string") throw invalid(`Invalid string: ${JSON.stringify(value)}`, name);
  if (value === "" && (kind === "text" || kind === "longText" || kind === "email")) return null;
  if (value === "") {
    const message = `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`;
    throw invalid(message, name, "parameter_invalid_empty");
  }
  const most = kind === "longText" ? MAX_LONG_TEXT : MAX_STRING;
  if (value.length > most) throw invalid(`Invalid string: ${value.slice(0, 10)}...; must be at most ${most} characters`, name);
  if (kind === "integer") {
    if (!/^-?\d{1,15}$/.test(value)) throw invalid(`Invalid integer: ${value}`, name, "parameter_invalid_integer");
    return Number(value);
  }
  if (kind === "boolean") {
    if (value !== "true" && value !== "false") throw invalid(`Invalid boolean: ${value}`, name);
    return value === "true";
  }
  if (kind === "email" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
    throw invalid(`Invalid email address: ${value}`, name, "email_invalid");
  }
  if (typeof kind === "object" && !kind.oneOf.includes(value)) {
    const allowed = kind.oneOf.length === 1 ? kind.oneOf[0] : `one of ${kind.oneOf.slice(0, -1).join(", ")}, or ${kind.oneOf.at(-1)}`;
    throw invalid(`Invalid ${name}: must be ${allowed}`, name);
  }
  return value;
}

function readList(name: string, value: string | Form): string[] {
  if (value === "") return [];
  if (typeof value === "string" || !Object.keys(value).every((key) => NUMBERED.test(key))) throw invalid("Invalid array", name);
  return Object.values(value).map((item) => {
    if (typeof item !== "string") throw invalid("Invalid array", name);
    return item;
  });
}

/** At most 50 keys of 40 characters without brackets, values of 500; "" removes a key, or all of them. */
function readMetadata(name: string, value: string | Form): Record<string, string> {
  if (value === "") return {};
  if (typeof value === "string") throw invalid("Invalid object", name);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string" || /[[\]]/.test(key))
      throw invalid("Metadata keys cannot contain square brackets and values must be strings.", `${name}[${key}]`);
    if (key.length > 40)
      throw invalid(`Metadata keys can have up to 40 characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key}`, name);
    if (text.length > 500) {
      throw invalid(
        `Metadata values can have up to 500 characters, but you passed in a value that is ${text.length} characters. Invalid value: ${text.slice(0, 20)}...`,
        `${name}[${key}]`,
      );
    }
  }
  if (Object.keys(value).length > 50) throw invalid("You can only set up to 50 metadata keys on an object.", name);
  return { ...(value as Record<string, string>) };
}

/** `""` as a value removes its key; metadata sent as "" itself reads as `{}` and removes all. */
export function mergeMetadata(before: Record<string, string>, change: Record<string, string> | undefined): Record<string, string> {
  if (change === undefined) return before;
  if (Object.keys(change).length === 0) return {};
  const merged = { ...before, ...change };
  for (const [key, value] of Object.entries(change)) if (value === "") delete merged[key];
  if (Object.keys(merged).length > 50) throw invalid("You can only set up to 50 metadata keys on an object.", "metadata");
  return merged;
}
