import { DynamoDBClient, type TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { ensureTable } from "@fashionistas/local/tables";
import fc from "fast-check";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { Model } from "../kit/dynamo/model.ts";
import { chanceFrom } from "../kit/simulation/chance.ts";
import { tune } from "../kit/tune.ts";

/**
 * The model of DynamoDB answers as the real engine does. Random requests in the shapes that the product sends (ElectroDB's and
 * its own) go to both, one after the other, on few keys so that they meet; every answer and every refusal must be the same.
 */
const RUNS = Number(process.env["RUNS"] ?? 60);
const TableName = `${process.env["TABLE_NAME"]}-twin`;

let engine: DynamoDBDocumentClient;
beforeAll(async () => {
  const client = new DynamoDBClient({ endpoint: inject("endpoint"), maxAttempts: 1 });
  await ensureTable(client, TableName);
  tune(inject("engineFile"));
  engine = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
});

function modelClient(): DynamoDBDocumentClient {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: "http://127.0.0.1:1" }), { marshallOptions: { removeUndefinedValues: true } });
  new Model({ chance: chanceFrom("twin") }).install(client);
  return client;
}

type Sendable = { input: object };

/** The last refusal in words, for whoever reads a failure. */
let said = "";

/** What became of a request, in a form that can be compared: sets sorted, marshalled items plain. */
async function answerOf(client: DynamoDBDocumentClient, command: Sendable): Promise<unknown> {
  try {
    const { $metadata: _, ConsumedCapacity: __, ...output } = (await client.send(command as never)) as unknown as Record<string, unknown>;
    return plain(output);
  } catch (error) {
    said = (error as Error).message;
    const { name, Item, CancellationReasons } = error as Error & { Item?: any } & Partial<TransactionCanceledException>;
    return plain({
      refused: name,
      ...(Item ? { item: unmarshall(Item) } : {}),
      ...(CancellationReasons
        ? { reasons: CancellationReasons.map(({ Code, Item: item }) => ({ code: Code, ...(item ? { item: unmarshall(item) } : {}) })) }
        : {}),
    });
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Set) return { set: [...value].map(String).sort() };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, plain(part)]),
  );
}

// Few keys and names, so that requests meet.
const text = fc.constantFrom("a", "b", "bb", "c", "öß", "");
const number = fc.integer({ min: -3, max: 9 });
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const claim = fc.record({ q: number, s: fc.constantFrom("h", "p", "s") });
// No null in a map nor in its place (`m` below): DynamoDB refuses an update's path that leads through one, the engine makes a map of it.
const map = fc.dictionary(fc.constantFrom("ord_1", "ord_2", "x"), fc.oneof(claim, text, number, fc.boolean()), { maxKeys: 3 });
const set = fc.uniqueArray(fc.constantFrom("u", "v", "w"), { minLength: 1, maxLength: 3 }).map((all) => new Set(all));
const anything = fc.oneof(scalar, map, fc.array(scalar, { maxLength: 3 }), set);
const solid = anything.filter((value) => value !== null);
const pk = fc.constantFrom("P#1", "P#2");
const sk = fc.constantFrom("A", "B#000001", "B#000002", "C");
const key = fc.record({ pk, sk });
const indexed = fc.record(
  {
    gsi1pk: fc.constantFrom("DUE#00", "DUE#01"),
    gsi1sk: fc.constantFrom("2026", "2027", "2028"),
    gsi4pk: fc.constant("PENDING#00"),
    gsi4sk: fc.constantFrom("1", "2"),
  },
  { requiredKeys: [] },
);
const attributes = fc.record(
  { a: fc.oneof(number, number, number, anything), m: fc.oneof(map, map, solid), t: anything, u: fc.oneof(set, anything) },
  { requiredKeys: [] },
);
const item = fc.tuple(key, indexed, attributes).map(([one, two, three]) => ({ ...one, ...two, ...three }));

const names = { "#a": "a", "#m": "m", "#t": "t", "#u": "u", "#o": "ord_1", "#q": "q", "#s": "s", "#pk": "pk" };
const path = fc.constantFrom("#a", "#m", "#t", "#u", "#m.#o", "#m.#o.#q", "#m.#o.#s", "#t[0]");
type Expression = { text: string; values: Record<string, unknown>; isJoined?: boolean };
let fresh = 0;
const valued = (value: unknown, made: (placeholder: string) => string): Expression => {
  const placeholder = `:v${fresh++}`;
  return { text: made(placeholder), values: { [placeholder]: value } };
};
const both = (a: Expression, b: Expression, made: (a: string, b: string) => string): Expression => ({
  text: made(a.text, b.text),
  values: { ...a.values, ...b.values },
});

const joined = (expression: Expression): Expression => ({ ...expression, isJoined: true });
// One pair of parentheses too many is refused.
const wrapped = ({ text: inner, isJoined }: Expression): string => (isJoined ? `(${inner})` : inner);

const comparison = fc.oneof(
  fc.tuple(path, fc.constantFrom("=", "<>", "<", "<=", ">", ">="), anything).map(([one, by, value]) => valued(value, (v) => `${one} ${by} ${v}`)),
  fc.tuple(path, fc.constantFrom("=", "<", ">="), fc.integer({ min: 0, max: 4 })).map(([one, by, many]) => valued(many, (v) => `size(${one}) ${by} ${v}`)),
  path.map((one): Expression => ({ text: `attribute_exists(${one})`, values: {} })),
  path.map((one): Expression => ({ text: `attribute_not_exists(${one})`, values: {} })),
  fc.tuple(path, fc.constantFrom("a", "b", "ö")).map(([one, start]) => valued(start, (v) => `begins_with(${one}, ${v})`)),
  fc.tuple(path, fc.constantFrom("a", "u", 1)).map(([one, part]) => valued(part, (v) => `contains(${one}, ${v})`)),
  fc.tuple(path, fc.constantFrom("S", "N", "M", "L", "SS", "NULL", "BOOL")).map(([one, type]) => valued(type, (v) => `attribute_type(${one}, ${v})`)),
  fc.tuple(path, number, number).map(([one, low, high]) =>
    both(
      valued(Math.min(low, high), (v) => v),
      valued(Math.max(low, high), (v) => v),
      (a, b) => `${one} BETWEEN ${a} AND ${b}`,
    ),
  ),
  fc.tuple(path, scalar, scalar).map(([one, a, b]) =>
    both(
      valued(a, (v) => v),
      valued(b, (v) => v),
      (x, y) => `${one} IN (${x}, ${y})`,
    ),
  ),
);
const { condition } = fc.letrec<{ condition: Expression }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    comparison,
    fc
      .tuple(tie("condition"), tie("condition"), fc.constantFrom("AND", "OR"))
      .map(([a, b, by]) => joined(both(a, b, () => `${wrapped(a)} ${by} ${wrapped(b)}`))),
    fc.tuple(comparison, comparison, comparison).map(([a, b, c]) =>
      joined(
        both(
          both(a, b, (x, y) => `${x} OR ${y}`),
          c,
          (x, y) => `${x} AND ${y}`,
        ),
      ),
    ),
    tie("condition").map((inner): Expression => ({ text: `NOT (${inner.text})`, values: inner.values })),
  ),
}));

// Each attribute in at most one clause: two overlapping paths are refused before anything is looked at.
const change = fc.record({
  a: fc.constantFrom("set", "plus", "minus", "add", "remove", "default", "none"),
  m: fc.constantFrom("set", "claim", "state", "drop", "remove", "none"),
  u: fc.constantFrom("set", "add", "delete", "remove", "none"),
  n: number,
  claim,
  map,
  set,
});
const update = change.map((drawn): Expression => {
  const clauses: Record<"SET" | "REMOVE" | "ADD" | "DELETE", string[]> = { SET: [], REMOVE: [], ADD: [], DELETE: [] };
  let values: Record<string, unknown> = {};
  const put = (clause: keyof typeof clauses, value: unknown, made: (placeholder: string) => string) => {
    const made_ = valued(value, made);
    clauses[clause].push(made_.text);
    values = { ...values, ...made_.values };
  };
  put("SET", drawn.n, (v) => `#t = ${v}`);
  if (drawn.a === "set") put("SET", drawn.n, (v) => `#a = ${v}`);
  if (drawn.a === "plus") put("SET", drawn.n, (v) => `#a = #a + ${v}`);
  if (drawn.a === "minus") {
    const zero = valued(0, (v) => v);
    values = { ...values, ...zero.values };
    put("SET", drawn.n, (v) => `#a = (if_not_exists(#a, ${zero.text}) - ${v})`);
  }
  if (drawn.a === "default") put("SET", drawn.n, (v) => `#a = if_not_exists(#a, ${v})`);
  if (drawn.a === "add") put("ADD", drawn.n, (v) => `#a ${v}`);
  if (drawn.a === "remove") clauses.REMOVE.push("#a");
  if (drawn.m === "set") put("SET", drawn.map, (v) => `#m = ${v}`);
  if (drawn.m === "claim") put("SET", drawn.claim, (v) => `#m.#o = ${v}`);
  if (drawn.m === "state") put("SET", "s", (v) => `#m.#o.#s = ${v}`);
  if (drawn.m === "drop") clauses.REMOVE.push("#m.#o");
  if (drawn.m === "remove") clauses.REMOVE.push("#m");
  if (drawn.u === "set") put("SET", drawn.set, (v) => `#u = ${v}`);
  if (drawn.u === "add") put("ADD", drawn.set, (v) => `#u ${v}`);
  if (drawn.u === "delete") put("DELETE", drawn.set, (v) => `#u ${v}`);
  if (drawn.u === "remove") clauses.REMOVE.push("#u");
  const text_ = Object.entries(clauses).flatMap(([clause, parts]) => (parts.length > 0 ? [`${clause} ${parts.join(", ")}`] : []));
  return { text: text_.join(" "), values };
});

/** The names that a request uses: one too many is refused. */
const namesIn = (...texts: (string | undefined)[]) => {
  const used = Object.entries(names).filter(([placeholder]) => texts.some((one) => one && new RegExp(`${placeholder}\\b`).test(one)));
  return used.length > 0 ? { ExpressionAttributeNames: Object.fromEntries(used) } : {};
};
const valuesOf = (...all: (Expression | undefined)[]) => {
  const values = Object.assign({}, ...all.map((one) => one?.values)) as Record<string, unknown>;
  return Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {};
};
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const conditioned = (one: Expression | undefined) => (one ? { ConditionExpression: one.text } : {});
const old = fc.constantFrom({}, { ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const });

// A claim is removed only where there is one. Of a map that is missing DynamoDB refuses to remove anything, the engine does not.
function whereClaimed(what: Expression, one: Expression | undefined): Expression | undefined {
  if (!/REMOVE.*#m\.#o/.test(what.text)) return one;
  return { text: one ? `attribute_exists(#m.#o) AND ${wrapped(one)}` : "attribute_exists(#m.#o)", values: one?.values ?? {} };
}

const putInput = fc
  .tuple(item, maybe(condition), old)
  .map(([Item, one, wants]) => ({ TableName, Item, ...conditioned(one), ...namesIn(one?.text), ...valuesOf(one), ...wants }));
const updateInput = fc
  .tuple(key, update, maybe(condition), old)
  .map(([Key, what, drawn, wants]): [typeof Key, Expression, Expression | undefined, typeof wants] => [Key, what, whereClaimed(what, drawn), wants])
  .map(([Key, what, one, wants]) => ({
    TableName,
    Key,
    UpdateExpression: what.text,
    ...conditioned(one),
    ...namesIn(what.text, one?.text),
    ...valuesOf(what, one),
    ...wants,
  }));
const deleteInput = fc
  .tuple(key, maybe(condition), old)
  .map(([Key, one, wants]) => ({ TableName, Key, ...conditioned(one), ...namesIn(one?.text), ...valuesOf(one), ...wants }));
const checkInput = fc
  .tuple(key, condition, old)
  .map(([Key, one, wants]) => ({ TableName, Key, ConditionExpression: one.text, ...namesIn(one.text), ...valuesOf(one), ...wants }));
const write = fc.oneof(
  putInput.map((Put) => ({ Put })),
  updateInput.map((Update) => ({ Update })),
  deleteInput.map((Delete) => ({ Delete })),
  checkInput.map((ConditionCheck) => ({ ConditionCheck })),
);
const range = fc.oneof(
  fc.constant(undefined),
  fc
    .tuple(fc.constantFrom("=", "<", "<=", ">", ">="), fc.constantFrom("A", "B#000001", "C", "2027"))
    .map(([by, value]) => valued(value, (v) => `#sk ${by} ${v}`)),
  fc.constantFrom("B#", "20", "A").map((start) => valued(start, (v) => `begins_with(#sk, ${v})`)),
  fc.constant(
    both(
      valued("A", (v) => v),
      valued("B#000002", (v) => v),
      (a, b) => `#sk BETWEEN ${a} AND ${b}`,
    ),
  ),
);
const queryInput = fc
  .tuple(
    fc.constantFrom(undefined, "gsi1", "gsi4"),
    pk,
    fc.constantFrom("DUE#00", "DUE#01"),
    range,
    maybe(condition),
    fc.boolean(),
    maybe(fc.integer({ min: 1, max: 3 })),
  )
  .map(([IndexName, partition, due, within, filter, forward, Limit]) => {
    const [pkName, skName] = IndexName === undefined ? ["pk", "sk"] : [`${IndexName}pk`, `${IndexName}sk`];
    const where = valued(IndexName === undefined ? partition : IndexName === "gsi1" ? due : "PENDING#00", (v) => `#pk = ${v}`);
    return {
      TableName,
      ...(IndexName ? { IndexName } : { ConsistentRead: true }),
      KeyConditionExpression: within ? `${where.text} AND ${within.text}` : where.text,
      ...(filter ? { FilterExpression: filter.text } : {}),
      ExpressionAttributeNames: { ...namesIn(filter?.text).ExpressionAttributeNames, "#pk": pkName, ...(within ? { "#sk": skName } : {}) },
      ...valuesOf(where, within, filter),
      ScanIndexForward: forward,
      ...(Limit ? { Limit } : {}),
    };
  });

const request = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(putInput, fc.constantFrom({}, { ReturnValues: "ALL_OLD" as const })).map(
      ([input, wants]) =>
        () =>
          new PutCommand({ ...input, ...wants } as never),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(updateInput, fc.constantFrom({}, { ReturnValues: "ALL_NEW" as const })).map(
      ([input, wants]) =>
        () =>
          new UpdateCommand({ ...input, ...wants } as never),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(deleteInput, fc.constantFrom({}, { ReturnValues: "ALL_OLD" as const })).map(
      ([input, wants]) =>
        () =>
          new DeleteCommand({ ...input, ...wants } as never),
    ),
  },
  { weight: 3, arbitrary: fc.array(write, { minLength: 1, maxLength: 4 }).map((TransactItems) => () => new TransactWriteCommand({ TransactItems } as never)) },
  { weight: 1, arbitrary: key.map((Key) => () => new GetCommand({ TableName, Key, ConsistentRead: true })) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(key, { minLength: 1, maxLength: 3, selector: ({ pk: p, sk: s }) => p + s })
      .map((Keys) => () => new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } })),
  },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(item, { minLength: 1, maxLength: 3, selector: ({ pk: p, sk: s }) => p + s }).map(
      (items) => () =>
        new BatchWriteCommand({
          RequestItems: {
            [TableName]: items.map((Item, i) => (i === 1 ? { DeleteRequest: { Key: { pk: Item.pk, sk: Item.sk } } } : { PutRequest: { Item } })),
          },
        } as never),
    ),
  },
  { weight: 4, arbitrary: queryInput.map((input) => () => new QueryCommand(input as never)) },
);

/** Every item of the table, whatever the order of its partitions. */
async function everything(client: DynamoDBDocumentClient): Promise<unknown> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return plain([...Items].sort((a, b) => (`${a["pk"]}|${a["sk"]}` < `${b["pk"]}|${b["sk"]}` ? -1 : 1)));
}

async function emptied(): Promise<void> {
  const { Items = [] } = await engine.send(new ScanCommand({ TableName, ConsistentRead: true }));
  for (const { pk: p, sk: s } of Items) await engine.send(new DeleteCommand({ TableName, Key: { pk: p, sk: s } }));
}

describe("the model of DynamoDB", () => {
  it(
    "answers random requests as the real engine does, refusals included, and holds the same items afterwards",
    { timeout: 120_000 + RUNS * 1_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(request, { minLength: 5, maxLength: 25 }), async (requests) => {
          await emptied();
          const model = modelClient();
          for (const make of requests) {
            const [modelled, real] = [await answerOf(model, make()), await answerOf(engine, make())];
            expect(modelled, `${said}: ${JSON.stringify(make().input)}`).toEqual(real);
          }
          expect(await everything(model)).toEqual(await everything(engine));
        }),
        { numRuns: RUNS },
      );
    },
  );
});
