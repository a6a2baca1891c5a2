import { ProvisionedThroughputExceededException, TransactionCanceledException, TransactionConflictException } from "@aws-sdk/client-dynamodb";
import { context, setClock } from "@fashionistas/core/context";
import { client } from "@fashionistas/core/db/client";
import { bus } from "@fashionistas/functions/streams/publish";
import { hash32, type Chance } from "./simulation/chance.ts";

/**
 * Trouble on the real engine: what goes wrong between the product and its table, its bus and its clocks, one kind at a time and
 * for as long as the test says. `tests/kit/faults.ts` lets processes die, `tests/kit/simulation` does all of it at once.
 */
type Call = { operation: string; isWrite: boolean; input: Record<string, any>; n: number };
type Trouble = (call: Call, next: () => Promise<unknown>) => Promise<unknown>;

let trouble: Trouble | undefined;
let calls = 0;
let met = 0;

const READS = new Set(["GetItemCommand", "BatchGetItemCommand", "QueryCommand", "ScanCommand"]);

client.middlewareStack.add(
  (next, { commandName }) =>
    (args) => {
      if (!trouble) return next(args);
      const operation = String(commandName);
      const call = { operation, isWrite: !READS.has(operation), input: args.input as Record<string, any>, n: ++calls };
      return trouble(call, () => next(args)) as never;
    },
  { step: "initialize", name: "trouble" },
);

/** Ends whatever goes on. */
export function calm(): void {
  trouble = undefined;
  bus.middlewareStack.remove("refuseEntries");
  setClock(undefined);
}

/** From here on, calls to the table meet this. @returns how to end it, and then how often it was met */
function begin(what: Trouble): () => number {
  [trouble, calls, met] = [what, 0, 0];
  return () => {
    trouble = undefined;
    return met;
  };
}

/** The n-th write happens, and its answer is lost. */
export function loseAnswerOfWrite(at: number): () => number {
  let writes = 0;
  return begin(async ({ isWrite }, next) => {
    if (!isWrite || ++writes !== at) return next();
    met += 1;
    // A refusal is an answer too: it is not read either.
    await next().catch(() => undefined);
    throw Object.assign(new Error("Request timed out"), { name: "TimeoutError" });
  });
}

/** Every transaction meets another one on its first `times` tries. */
export function conflictEveryTransaction(times: number): () => number {
  const tries = new Map<string, number>();
  return begin(({ operation, input }, next) => {
    if (operation !== "TransactWriteItemsCommand") return next();
    const id = JSON.stringify(input["TransactItems"]);
    tries.set(id, (tries.get(id) ?? 0) + 1);
    if (tries.get(id)! > times) return next();
    met += 1;
    const CancellationReasons = (input["TransactItems"] as unknown[]).map((_, i) => ({ Code: i === 0 ? "TransactionConflict" : "None" }));
    return Promise.reject(new TransactionCanceledException({ message: "conflict", CancellationReasons, $metadata: {} }));
  });
}

const writesTo = (prefix: string, { isWrite, input }: Call) => isWrite && String(input["Key"]?.pk ?? input["Item"]?.pk).startsWith(prefix);

/** The first single write below such a partition key meets a transaction, and is not made. */
export function conflictOnWriteTo(prefix: string): () => number {
  return begin((call, next) => {
    if (met > 0 || !writesTo(prefix, call)) return next();
    met += 1;
    return Promise.reject(new TransactionConflictException({ message: "conflict", $metadata: {} }));
  });
}

/** Whoever is first about to write below such a partition key stops there, as a process may, while all this happens; then it goes on. */
export function stopAtWriteTo(prefix: string, happens: () => Promise<unknown>): () => number {
  let stopped: { id: string; until: Promise<unknown> } | undefined;
  return begin(async (call, next) => {
    if (!stopped && writesTo(prefix, call)) {
      met += 1;
      stopped = { id: context().requestId, until: Promise.resolve() };
      stopped.until = happens();
    }
    if (stopped?.id === context().requestId) await stopped.until;
    return next();
  });
}

/** A partition key takes this many writes a second, and after that the SDK has given up on it. */
export function throttle(writesPerSecond = 1_000): () => number {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const pays = (pk: string) => {
    const now = performance.now();
    const bucket = buckets.get(pk) ?? { tokens: writesPerSecond, at: now };
    bucket.tokens = Math.min(writesPerSecond, bucket.tokens + ((now - bucket.at) * writesPerSecond) / 1_000);
    buckets.set(pk, { tokens: bucket.tokens - 1, at: now });
    return bucket.tokens >= 1;
  };
  return begin(({ isWrite, input }, next) => {
    const pk = input["Key"]?.pk ?? input["Item"]?.pk;
    if (!isWrite || pk === undefined || pays(String(pk))) return next();
    met += 1;
    return Promise.reject(new ProvisionedThroughputExceededException({ message: "throttled", $metadata: {} }));
  });
}

/** PutEvents refuses each entry with this probability, and takes the others. @returns how to end it, and then how many it refused */
export function refuseEntries(chance: Chance, probability: number): () => number {
  let refusals = 0;
  bus.middlewareStack.add(
    (next) => async (args) => {
      const { Entries: entries = [] } = args.input as { Entries?: object[] };
      const fates = entries.map(() => chance.is(probability));
      const taken = entries.filter((_, i) => !fates[i]);
      const answers = taken.length > 0 ? ((await next({ ...args, input: { Entries: taken } as never })).output as { Entries?: object[] }).Entries! : [];
      refusals += fates.filter(Boolean).length;
      const queue = [...answers];
      const output = {
        $metadata: {},
        FailedEntryCount: entries.length - taken.length,
        Entries: fates.map((refused) => (refused ? { ErrorCode: "InternalFailure" } : queue.shift()!)),
      };
      return { output: output as never, response: {} };
    },
    { step: "initialize", name: "refuseEntries", override: true },
  );
  return () => {
    bus.middlewareStack.remove("refuseEntries");
    return refusals;
  };
}

/** Every invocation has a clock of its own, wrong by up to `ms` either way. `ahead` is added to all. */
export function skewClocks(ms: number, ahead = 0): void {
  setClock(() => Date.now() + ahead + skewOf(ms));
}

function skewOf(ms: number): number {
  try {
    return Math.round((hash32(context().requestId) / 2 ** 31 - 1) * ms);
  } catch {
    return 0;
  }
}
