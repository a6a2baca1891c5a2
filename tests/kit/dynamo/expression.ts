import type { Value } from "./values.ts";

/**
 * DynamoDB's expression language: conditions, updates, key conditions, filters and projections, as text with placeholders.
 * Refuses what DynamoDB refuses, by a ValidationException; knows all of the language but the functions named nowhere here.
 */
export type Path = readonly (string | number)[];
export type Operand =
  | { is: "path"; path: Path }
  | { is: "value"; value: Value }
  | { is: "size"; path: Path }
  | { is: "if_not_exists"; path: Path; otherwise: Operand }
  | { is: "list_append"; first: Operand; second: Operand }
  | { is: "plus" | "minus"; left: Operand; right: Operand };
export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";
export type Condition =
  | { is: "and" | "or"; left: Condition; right: Condition }
  | { is: "not"; condition: Condition }
  | { is: "compare"; by: Comparator; left: Operand; right: Operand }
  | { is: "between"; what: Operand; from: Operand; to: Operand }
  | { is: "in"; what: Operand; among: Operand[] }
  | { is: "exists" | "absent"; path: Path }
  | { is: "attribute_type" | "begins_with" | "contains"; what: Operand; argument: Operand };
export type Update = {
  set: { path: Path; to: Operand }[];
  remove: Path[];
  add: { path: Path; value: Value }[];
  delete: { path: Path; value: Value }[];
};

/** What the placeholders of an expression stand for; notes which of them were used. */
export class Placeholders {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: Readonly<Record<string, Value>>;
  readonly #used = new Set<string>();

  constructor(names: Readonly<Record<string, string>> | undefined, values: Readonly<Record<string, Value>> | undefined) {
    this.#names = names ?? {};
    this.#values = values ?? {};
  }

  name(placeholder: string): string {
    this.#used.add(placeholder);
    const name = this.#names[placeholder];
    if (name === undefined) throw new Invalid(`An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`);
    return name;
  }

  value(placeholder: string): Value {
    this.#used.add(placeholder);
    const value = this.#values[placeholder];
    if (value === undefined) throw new Invalid(`An expression attribute value used in expression is not defined; attribute value: ${placeholder}`);
    return value;
  }

  /** @throws Invalid when one of them was not used */
  requireAllUsed(): void {
    for (const placeholder of [...Object.keys(this.#names), ...Object.keys(this.#values)]) {
      if (!this.#used.has(placeholder)) throw new Invalid(`Value provided in ExpressionAttributeNames or ExpressionAttributeValues unused: ${placeholder}`);
    }
  }
}

/** The request is not one that DynamoDB takes. */
export class Invalid extends Error {
  override readonly name = "ValidationException";
}

/** The request is well formed, and the item it meets is not one it fits. */
export class Unfit extends Invalid {}

const TOKEN = /\s*(?:([#:]?[A-Za-z_0-9][\w-]*|[#:][\w-]+)|(<>|<=|>=|[=<>()[\],.+-]))/y;
const COMPARATORS = new Set<string>(["=", "<>", "<", "<=", ">", ">="]);

class Parser {
  readonly #tokens: string[] = [];
  readonly #placeholders: Placeholders;
  #at = 0;

  constructor(text: string, placeholders: Placeholders) {
    this.#placeholders = placeholders;
    const end = text.trimEnd().length;
    TOKEN.lastIndex = 0;
    for (let at = 0; at < end; at = TOKEN.lastIndex) {
      const match = TOKEN.exec(text);
      if (!match) throw new Invalid(`Syntax error near: ${text.slice(at, at + 20)}`);
      this.#tokens.push((match[1] ?? match[2])!);
    }
    if (this.#tokens.length === 0) throw new Invalid("The expression can not be empty");
  }

  peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  isWord(word: string): boolean {
    return this.peek()?.toUpperCase() === word;
  }

  take(expected?: string): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || (expected !== undefined && token.toUpperCase() !== expected))
      throw new Invalid(`Syntax error: expected ${expected ?? "more"}, found ${token}`);
    this.#at += 1;
    return token;
  }

  takeIf(expected: string): boolean {
    if (!this.isWord(expected)) return false;
    this.#at += 1;
    return true;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new Invalid(`Syntax error near: ${this.peek()}`);
  }

  condition(): Condition {
    let left = this.#conjunction();
    while (this.takeIf("OR")) left = { is: "or", left, right: this.#conjunction() };
    return left;
  }

  #conjunction(): Condition {
    let left = this.#negation();
    while (this.takeIf("AND")) left = { is: "and", left, right: this.#negation() };
    return left;
  }

  #negation(): Condition {
    return this.takeIf("NOT") ? { is: "not", condition: this.#negation() } : this.#primary();
  }

  #primary(): Condition {
    if (this.takeIf("(")) {
      const first = this.#at;
      const condition = this.condition();
      if (this.peek() === ")" && this.#closes(first) === this.#at - 1) throw new Invalid("The expression has redundant parentheses");
      this.take(")");
      return condition;
    }
    const next = this.#tokens[this.#at + 1];
    if (next === "(" && this.peek() !== "size") return this.#function();
    const what = this.operand();
    if (this.takeIf("BETWEEN")) {
      const from = this.operand();
      this.take("AND");
      return { is: "between", what, from, to: this.operand() };
    }
    if (this.takeIf("IN")) {
      this.take("(");
      const among = this.#list(() => this.operand());
      this.take(")");
      return { is: "in", what, among };
    }
    const by = this.take();
    if (!COMPARATORS.has(by)) throw new Invalid(`Syntax error near: ${by}`);
    return { is: "compare", by: by as Comparator, left: what, right: this.operand() };
  }

  /** Where the parenthesis at this place closes; undefined when there is none. */
  #closes(first: number): number | undefined {
    if (this.#tokens[first] !== "(") return undefined;
    let open = 0;
    for (let i = first; i < this.#tokens.length; i++) {
      if (this.#tokens[i] === "(") open += 1;
      if (this.#tokens[i] === ")" && --open === 0) return i;
    }
    return undefined;
  }

  #function(): Condition {
    const name = this.take();
    this.take("(");
    const made = this.#functionBody(name);
    this.take(")");
    return made;
  }

  #functionBody(name: string): Condition {
    if (name === "attribute_exists") return { is: "exists", path: this.path() };
    if (name === "attribute_not_exists") return { is: "absent", path: this.path() };
    if (name !== "attribute_type" && name !== "begins_with" && name !== "contains") throw new Invalid(`Invalid function name; function: ${name}`);
    const what = this.operand();
    this.take(",");
    return { is: name, what, argument: this.operand() };
  }

  operand(): Operand {
    if (this.peek()?.startsWith(":")) return { is: "value", value: this.#placeholders.value(this.take()) };
    if (this.peek() !== "size" || this.#tokens[this.#at + 1] !== "(") return { is: "path", path: this.path() };
    this.take();
    this.take("(");
    const path = this.path();
    this.take(")");
    return { is: "size", path };
  }

  path(): Path {
    const path: (string | number)[] = [this.#element()];
    for (;;) {
      if (this.takeIf(".")) path.push(this.#element());
      else if (this.takeIf("[")) {
        path.push(Number(this.take()));
        this.take("]");
      } else return path;
    }
  }

  #element(): string {
    const token = this.take();
    if (token.startsWith("#")) return this.#placeholders.name(token);
    if (!/^[A-Za-z_]\w*$/.test(token)) throw new Invalid(`Syntax error near: ${token}`);
    return token;
  }

  #list<T>(one: () => T): T[] {
    const all = [one()];
    while (this.takeIf(",")) all.push(one());
    return all;
  }

  update(): Update {
    const update: Update = { set: [], remove: [], add: [], delete: [] };
    const seen = new Set<string>();
    while (this.peek() !== undefined) {
      const clause = this.take().toUpperCase();
      if (seen.has(clause)) throw new Invalid(`The "${clause}" section can only be used once in an update expression`);
      seen.add(clause);
      if (clause === "SET") update.set.push(...this.#list(() => this.#assignment()));
      else if (clause === "REMOVE") update.remove.push(...this.#list(() => this.path()));
      else if (clause === "ADD") update.add.push(...this.#list(() => this.#pair()));
      else if (clause === "DELETE") update.delete.push(...this.#list(() => this.#pair()));
      else throw new Invalid(`Syntax error near: ${clause}`);
    }
    return update;
  }

  #assignment(): Update["set"][number] {
    const path = this.path();
    this.take("=");
    return { path, to: this.#arithmetic() };
  }

  #arithmetic(): Operand {
    const left = this.#setOperand();
    const sign = this.peek();
    if (sign !== "+" && sign !== "-") return left;
    this.take();
    return { is: sign === "+" ? "plus" : "minus", left, right: this.#setOperand() };
  }

  #setOperand(): Operand {
    if (this.takeIf("(")) {
      const inner = this.#arithmetic();
      this.take(")");
      return inner;
    }
    const name = this.peek();
    if (this.#tokens[this.#at + 1] !== "(") return this.operand();
    this.take();
    this.take("(");
    const made = this.#setFunction(name!);
    this.take(")");
    return made;
  }

  #setFunction(name: string): Operand {
    if (name === "if_not_exists") {
      const path = this.path();
      this.take(",");
      return { is: "if_not_exists", path, otherwise: this.#setOperand() };
    }
    if (name !== "list_append") throw new Invalid(`Invalid function name; function: ${name}`);
    const first = this.#setOperand();
    this.take(",");
    return { is: "list_append", first, second: this.#setOperand() };
  }

  #pair(): Update["add"][number] {
    const path = this.path();
    return { path, value: this.#placeholders.value(this.take()) };
  }

  paths(): Path[] {
    return this.#list(() => this.path());
  }
}

function parsed<T>(text: string, placeholders: Placeholders, read: (parser: Parser) => T): T {
  const parser = new Parser(text, placeholders);
  const result = read(parser);
  parser.end();
  return result;
}

export const parseCondition = (text: string, placeholders: Placeholders): Condition => parsed(text, placeholders, (parser) => parser.condition());
export const parseProjection = (text: string, placeholders: Placeholders): Path[] => parsed(text, placeholders, (parser) => parser.paths());

/** @throws Invalid when two of the paths are one, or one leads through the other */
export function parseUpdate(text: string, placeholders: Placeholders): Update {
  const update = parsed(text, placeholders, (parser) => parser.update());
  const paths = [...update.set.map(({ path }) => path), ...update.remove, ...update.add.map(({ path }) => path), ...update.delete.map(({ path }) => path)];
  const seen = new Set(paths.map((path) => JSON.stringify(path)));
  const overlap = seen.size < paths.length || paths.some((path) => path.slice(1).some((_, i) => seen.has(JSON.stringify(path.slice(0, i + 1)))));
  if (overlap) throw new Invalid("Two document paths overlap with each other; must remove or rewrite one of these paths");
  return update;
}
