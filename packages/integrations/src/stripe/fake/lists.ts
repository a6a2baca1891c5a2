import type { FakeStore } from "../../fake-store.ts";
import type Stripe from "stripe";
import { createdOf } from "../../fake-server.ts";
import { invalid, missing } from "./failure.ts";
import { paymentMethodJson } from "./methods.ts";
import { type ChargeRecord, COLLECTIONS, type IntentRecord, type RefundRecord } from "./objects.ts";

type Range = { gt?: number; gte?: number; lt?: number; lte?: number };
export type ListParams = {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
  created?: number | Range;
};

/** Ids of one collection by age: read from the store once, then kept up to date by whoever writes. */
export type Index = { ids(): Promise<readonly string[]>; added(id: string): void };

export function createIndex(store: FakeStore, collection: string): Index {
  let ids: string[] | undefined;
  let loading: Promise<string[]> | undefined;
  const meanwhile = new Set<string>();

  async function load(): Promise<string[]> {
    const stored = (await store.list(collection)).map(({ id }) => id);
    ids = [...new Set([...stored, ...meanwhile])].toSorted();
    meanwhile.clear();
    return ids;
  }

  return {
    async ids() {
      if (ids !== undefined) return ids;
      loading ??= load();
      return loading;
    },
    added(id) {
      if (ids === undefined) return void meanwhile.add(id);
      const at = position(ids, id);
      if (ids[at] !== id) ids.splice(at, 0, id);
    },
  };
}

function position(ids: readonly string[], id: string): number {
  let low = 0;
  for (let high = ids.length; low < high;) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as string) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Listed = { id: string };
export type Source<Item extends Listed> = {
  url: string;
  noun: string;
  rows: readonly string[];
  /** Items of a row, oldest first. */
  load(row: string): Promise<readonly Item[]>;
  /** The row that holds an item. */
  rowOf(item: string): string;
  keep?(item: Item): boolean;
};

/** One page, newest first. Only the rows of the page and those the filter drops are loaded. */
export async function listPage<Item extends Listed>(source: Source<Item>, params: ListParams): Promise<object> {
  const limit = params.limit ?? 10;
  if (limit < 1 || limit > 100) throw invalid("This value must be between 1 and 100 (inclusive).", "limit", "parameter_invalid_integer");
  const cursor = params.ending_before ?? params.starting_after;
  if (cursor !== undefined && (await source.load(source.rowOf(cursor))).every(({ id }) => id !== cursor)) {
    throw missing(source.noun, cursor, params.ending_before === undefined ? "starting_after" : "ending_before", 400);
  }
  const upward = params.ending_before !== undefined;
  const found: Item[] = [];
  for (const row of rowsInOrder(source, cursor, upward)) {
    const time = createdOf(row);
    if (!inRange(time, params.created)) continue;
    const items = await source.load(row);
    for (const item of upward ? items : items.toReversed()) {
      const beyond = cursor === undefined || (upward ? item.id > cursor : item.id < cursor);
      if (beyond && (source.keep?.(item) ?? true)) found.push(item);
    }
    if (found.length > limit) break;
  }
  const data = found.slice(0, limit);
  return {
    object: "list",
    data: upward ? data.toReversed() : data,
    has_more: found.length > limit,
    url: source.url,
  };
}

function* rowsInOrder(source: Source<Listed>, cursor: string | undefined, upward: boolean): Generator<string> {
  const { rows } = source;
  if (upward) {
    for (let at = position(rows, source.rowOf(cursor as string)); at < rows.length; at += 1) yield rows[at] as string;
    return;
  }
  const last = cursor === undefined ? rows.length - 1 : Math.min(rows.length - 1, position(rows, source.rowOf(cursor)));
  for (let at = last; at >= 0; at -= 1) yield rows[at] as string;
}

function inRange(time: number, range: number | Range | undefined): boolean {
  if (range === undefined) return true;
  if (typeof range === "number") return time === range;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return time > gt && time >= gte && time < lt && time <= lte;
}

const CLAUSE = /^\s*(-)?(?:metadata\[(["'])(?<key>.+?)\2\]|(?<field>status|currency))\s*:\s*(["'])(?<value>.*?)\5(?=\s|$)\s*/;

/** `metadata['k']:'v' AND status:'succeeded'`; other query forms are refused. */
export function searchFilter(query: string): (intent: Stripe.PaymentIntent) => boolean {
  const clauses: ((intent: Stripe.PaymentIntent) => boolean)[] = [];
  let rest = query;
  do {
    const match = CLAUSE.exec(rest);
    if (match?.groups === undefined) throw invalid(`We were unable to parse your search query: ${query}`, "query");
    const { key, field, value } = match.groups;
    const wanted = match[1] === undefined;
    clauses.push((intent) => ((key !== undefined ? intent.metadata[key] : intent[field as "status" | "currency"]) === value) === wanted);
    rest = rest.slice(match[0].length);
    const and = /^AND\s+/i.exec(rest);
    if (rest !== "" && and === null) throw invalid(`We were unable to parse your search query: ${query}`, "query");
    rest = rest.slice(and?.[0].length ?? 0);
  } while (rest !== "");
  return (intent) => clauses.every((clause) => clause(intent));
}

export type Lookup = <T>(collection: string, id: string) => Promise<T | undefined>;
type Json = Record<string, unknown>;

const NULL_FIELDS = new Set(["application", "customer", "on_behalf_of", "review", "transfer_data", "payment_record"]);
const OBJECT_FIELDS = new Set(["latest_charge", "charge", "payment_intent", "balance_transaction", "failure_balance_transaction", "source", "payment_method"]);

/** `expand[]`: at most four levels; unknown properties are refused as Stripe refuses them. */
export async function expand(body: object, paths: readonly string[], lookup: Lookup): Promise<object> {
  let expanded = body as Json;
  for (const path of paths) {
    const fields = path.split(".");
    if (fields.length > 4) throw invalid(`You cannot expand more than 4 levels of a property (property: ${path}).`, "expand");
    expanded = await expandOne(expanded, fields, lookup);
  }
  return expanded;
}

async function expandOne(object: Json, [field = "", ...deeper]: string[], lookup: Lookup): Promise<Json> {
  if (field === "data" && Array.isArray(object["data"])) {
    return {
      ...object,
      data: await Promise.all(object["data"].map((item: Json) => expandOne(item, deeper, lookup))),
    };
  }
  const known = NULL_FIELDS.has(field) || OBJECT_FIELDS.has(field) || (field === "refunds" && object["object"] === "charge");
  if (!known || (field !== "refunds" && !Object.hasOwn(object, field))) {
    throw invalid(`This property cannot be expanded (${field}).`, "expand");
  }
  const value = await resolve(object, field, lookup);
  if (value === null || value === undefined) return object;
  return {
    ...object,
    [field]: deeper.length === 0 ? value : await expandOne(value, deeper, lookup),
  };
}

async function resolve(object: Json, field: string, lookup: Lookup): Promise<Json | null | undefined> {
  if (field === "refunds") return refundsOf(object["id"] as string, lookup);
  const value = object[field];
  if (typeof value !== "string") return value as Json | null | undefined;
  if (field === "payment_method") return methodOf(object, value, lookup);
  const [prefix = ""] = value.split("_");
  if (prefix === "ch") return (await lookup<ChargeRecord>(COLLECTIONS.charges, value))?.charge as unknown as Json;
  if (prefix === "pi") return (await lookup<IntentRecord>(COLLECTIONS.intents, value))?.intent as unknown as Json;
  if (prefix === "re") return (await lookup<RefundRecord>(COLLECTIONS.refunds, value))?.refund as unknown as Json;
  if (prefix === "du") return lookup<Json>(COLLECTIONS.disputes, value);
  return lookup<Json>(COLLECTIONS.transactions, value);
}

async function refundsOf(charge: string, lookup: Lookup): Promise<Json> {
  const ids = (await lookup<ChargeRecord>(COLLECTIONS.charges, charge))?.refunds.toReversed() ?? [];
  const records = await Promise.all(ids.map((id) => lookup<RefundRecord>(COLLECTIONS.refunds, id)));
  return {
    object: "list",
    data: records.map((record) => record?.refund),
    has_more: false,
    url: `/v1/charges/${charge}/refunds`,
  };
}

async function methodOf(object: Json, id: string, lookup: Lookup): Promise<Json> {
  const intent = (object["object"] === "payment_intent" ? object["id"] : object["payment_intent"]) as string;
  const record = await lookup<IntentRecord>(COLLECTIONS.intents, intent);
  return paymentMethodJson(id, record?.method ?? "pm_card_visa", createdOf(id)) as unknown as Json;
}
