/**
 * DynamoDB, modelled for simulation alone: the same answers as the real engine (tests/simulate/dynamo.test.ts compares them),
 * and beyond it what no engine on one machine shows: limits of partitions, conflicts of overlapping transactions, latency,
 * answers that are lost, reads and indexes that lag behind. All of it in modelled time and from one seed. It answers below the
 * product's own document client, so everything above, ElectroDB and the SDK's own classes included, is what is deployed.
 * Ordinary tests run on the real engine, never on this.
 */
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Chance } from "../simulation/chance.ts";
import type { Clockwork } from "../simulation/clockwork.ts";
import * as errors from "./errors.ts";
import { Invalid, Unfit } from "./expression.ts";
import { count, newMeter, note } from "./meter.ts";
import {
  getItem,
  isNoChange,
  plan,
  query,
  queriedPartition,
  requireTransaction,
  returned,
  scan,
  writeUnits,
  type Input,
  type Plan,
  type Read,
  type WriteKind,
} from "./operations.ts";
import { keyOf, Storage, type Key } from "./storage.ts";
import { Changes } from "./stream.ts";
import { Throughput, type Limits, type Place } from "./throughput.ts";
import { copyItem, type Item } from "./values.ts";

/** How often something goes wrong, as shares of the calls. May be changed while the simulation runs. */
export type TableFaults = {
  /** The call is throttled, whatever the load. */
  throttle: number;
  /** A write meets a transaction that nobody made. */
  conflict: number;
  /** It happens, and the answer is lost. */
  ambiguous: number;
};

export type ModelOptions = {
  chance: Chance;
  /** Without it everything happens at once: no latency, no limits, no lag. */
  time?: Clockwork;
  limits?: Limits;
  faults?: TableFaults;
  /** How far eventually consistent reads, and the indexes, are behind at most. */
  lagMs?: { reads: number; indexes: number };
  /** Milliseconds of one call of this operation. */
  latency?: (operation: Operation, chance: Chance) => number;
  /** Told of every call when it is answered. */
  told?: (what: string) => void;
};

export type Operation = "Get" | "BatchGet" | "Query" | "Scan" | "Put" | "Update" | "Delete" | "BatchWrite" | "TransactWrite";

// The SDK's standard strategy as core's client is configured: a random share of base × 2^n, four attempts in all.
const ATTEMPTS = 4;
const RETRY_BASE_MS = { timeout: 50, throttle: 1_000 };
const REQUEST_TIMEOUT_MS = 5_000;
// Of a call's time, when it reaches the items; of a transaction's, when they are locked and when it commits.
const ARRIVES = 0.5;
const [LOCKS, COMMITS] = [0.3, 0.8];

/** About what AWS publishes: 2 to 4 ms for one item, 8 to 12 for a transaction, and one call in a hundred takes much longer. */
export function usualLatency(operation: Operation, chance: Chance): number {
  const [low, high] = operation === "TransactWrite" ? [8, 12] : operation === "Scan" ? [5, 10] : [2, 4];
  const usual = low + chance.next() * (high - low);
  return chance.is(0.01) ? usual + chance.exponential(usual * 2) : usual;
}

type Once = { committed: boolean };
type Outcome = { output: Record<string, unknown> } | { error: unknown };

class Passing extends Error {
  readonly of: "timeout" | "throttle";
  constructor(of: "timeout" | "throttle", cause: Error) {
    super(cause.message, { cause });
    this.of = of;
  }
}

export class Model {
  readonly storage: Storage;
  readonly changes = new Changes();
  readonly meter = newMeter();
  readonly faults: TableFaults;
  readonly #options: ModelOptions;
  readonly #throughput: Throughput | undefined;
  readonly #locked = new Set<string>();
  readonly #chance: Record<"latency" | "faults" | "lag" | "retry", Chance>;

  constructor(options: ModelOptions) {
    const { chance, limits, lagMs, faults } = options;
    this.#options = options;
    this.storage = new Storage(lagMs?.reads ?? 0);
    this.faults = faults ?? { throttle: 0, conflict: 0, ambiguous: 0 };
    this.#throughput = limits && new Throughput(limits, String(chance.of("placement").next()));
    this.#chance = { latency: chance.of("latency"), faults: chance.of("faults"), lag: chance.of("lag"), retry: chance.of("retry") };
  }

  /** Stands between the callers and the model, when somebody put it there: may change what is asked, or answer itself. */
  between: ((operation: Operation, input: Input, next: (input: Input) => Promise<Record<string, unknown>>) => Promise<Record<string, unknown>>) | undefined;

  /**
   * Answers in a document client's place: what the SDK would do on the way down to the model takes a third of a call's CPU, and
   * changes nothing. For those who count histories. @returns how to take it out
   */
  replace(client: DynamoDBDocumentClient, around: <T>(call: () => Promise<T>) => Promise<T>): () => void {
    const { send } = client;
    const answer = async (command: { constructor: { name: string }; input: Input }) => {
      const output = await around(() => this.call(operationOf(command.constructor.name), command.input));
      return { $metadata: {}, ...output };
    };
    client.send = answer as never;
    return () => {
      client.send = send;
    };
  }

  /** Puts the model below a document client. `around`: what happens before and after each call. @returns how to take it out */
  install(client: DynamoDBDocumentClient, around: <T>(call: () => Promise<T>) => Promise<T> = (call) => call()): () => void {
    client.middlewareStack.add(
      (_, context) => async (args) => {
        const operation = operationOf(String(context["commandName"]));
        const output = await around(() => this.call(operation, args.input as Input));
        return { output: { $metadata: {}, ...output } as never, response: {} };
      },
      { step: "initialize", priority: "low", name: "model", override: true },
    );
    return () => void client.middlewareStack.remove("model");
  }

  /** One command, with the SDK's own repetitions. @throws what the SDK throws */
  async call(operation: Operation, input: Input): Promise<Record<string, unknown>> {
    return this.between ? this.between(operation, input, (changed) => this.#call(operation, changed)) : this.#call(operation, input);
  }

  async #call(operation: Operation, input: Input): Promise<Record<string, unknown>> {
    count(this.meter.calls, operation);
    const once: Once = { committed: false };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(operation, input, once);
      } catch (error) {
        if (error instanceof Invalid) throw errors.invalid(error.message);
        if (!(error instanceof Passing)) throw error;
        if (attempt === ATTEMPTS) throw error.cause;
        await this.#sleep(this.#chance.retry.next() * RETRY_BASE_MS[error.of] * 2 ** (attempt - 1));
      }
    }
  }

  async #attempt(operation: Operation, input: Input, once: Once): Promise<Record<string, unknown>> {
    const took = (this.#options.latency ?? usualLatency)(operation, this.#chance.latency);
    const isTransaction = operation === "TransactWrite";
    await this.#sleep(took * (isTransaction ? LOCKS : ARRIVES));
    const isRead = operation === "Get" || operation === "BatchGet" || operation === "Query" || operation === "Scan";
    if (this.#unlucky("throttle")) throw this.#throttled("by chance", isTransaction ? input : undefined);
    const outcome = isTransaction ? await this.#transact(input, took, once) : await this.#now(() => this.#single(operation, input));
    this.#tell(operation, input, outcome);
    if (!isRead && this.#unlucky("ambiguous")) {
      await this.#sleep(REQUEST_TIMEOUT_MS - took * ARRIVES);
      throw new Passing("timeout", errors.timedOut());
    }
    await this.#sleep(took * (isTransaction ? 1 - COMMITS : 1 - ARRIVES));
    if ("error" in outcome) throw outcome.error;
    return outcome.output;
  }

  async #now(work: () => Record<string, unknown>): Promise<Outcome> {
    try {
      return { output: work() };
    } catch (error) {
      return { error };
    }
  }

  #single(operation: Operation, input: Input): Record<string, unknown> {
    switch (operation) {
      case "Get":
        return this.#read({ index: "table", pk: input["Key"].pk }, getItem(this.storage, input, this.#moment(input)));
      case "BatchGet":
        return {
          Responses: Object.fromEntries(Object.entries<Input>(input["RequestItems"]).map(([table, asked]) => [table, this.#getMany(asked)])),
          UnprocessedKeys: {},
        };
      case "Query": {
        const { index = "table", pk } = queriedPartition(input);
        return this.#read({ index, pk }, query(this.storage, input, this.#moment(input)));
      }
      case "Scan":
        return scan(this.storage, input).output;
      case "BatchWrite":
        for (const requests of Object.values<Input[]>(input["RequestItems"])) {
          for (const { PutRequest, DeleteRequest } of requests) this.#write(PutRequest ? "Put" : "Delete", PutRequest ?? DeleteRequest);
        }
        return { UnprocessedItems: {} };
      default:
        return this.#write(operation as WriteKind, input);
    }
  }

  #getMany(asked: Input): Item[] {
    return (asked["Keys"] as Key[]).flatMap((Key) => {
      const one = { ...asked, Key };
      const { Item: item } = this.#read({ index: "table", pk: Key.pk }, getItem(this.storage, one, this.#moment(asked)));
      return item ? [item as Item] : [];
    });
  }

  #read(place: Place, { output, units }: Read): Record<string, unknown> {
    this.#pay([{ ...place, units }], "read");
    return output;
  }

  #write(kind: WriteKind, input: Input): Record<string, unknown> {
    const planned = plan(this.storage, kind, input);
    if (this.#locked.has(idOf(planned.key)) || this.#unlucky("conflict")) {
      count(this.meter.conflicts, planned.key.pk);
      throw errors.conflict();
    }
    this.#pay(placesOf(planned, 1), "write");
    if (planned.refused) throw errors.conditionFailed(wantsOld(input) ? planned.before : undefined);
    this.#commit(planned);
    const attributes = returned(input["ReturnValues"], { before: planned.before, after: planned.after });
    return attributes ? { Attributes: copyItem(attributes) } : {};
  }

  async #transact(input: Input, took: number, once: Once): Promise<Outcome> {
    // The SDK repeats a transaction under the same token: it happened already.
    if (once.committed) return { output: {} };
    const prepared = await this.#now(() => ({ plans: this.#prepare(input) }));
    if ("error" in prepared) return prepared;
    const plans = prepared.output["plans"] as Plan[];
    for (const { key } of plans) this.#locked.add(idOf(key));
    await this.#sleep(took * (COMMITS - LOCKS));
    for (const { key } of plans) this.#locked.delete(idOf(key));
    for (const planned of plans) if (!planned.refused) this.#commit(planned);
    once.committed = true;
    return { output: {} };
  }

  #prepare(input: Input): Plan[] {
    const operations = (input["TransactItems"] as Record<string, Input>[]).map((item) => Object.entries(item)[0] as [WriteKind, Input]);
    requireTransaction(operations.map(([, one]) => keyOf((one["Key"] ?? one["Item"]) as Item)));
    const byChance = this.#unlucky("conflict");
    const plans = operations.map(([kind, one]) => this.#planOf(kind, one));
    const fitting = plans.flatMap((one) => (one instanceof Unfit ? [] : [one]));
    const places = fitting.flatMap((one) => placesOf(one, 2));
    const throttled = this.#debt(places, "write");
    if (throttled) throw errors.cancelled(operations.map((_, i) => errors.reason(i === 0 ? "ThrottlingError" : "None")));
    this.#spend(places, "write");
    const reasons = plans.map((one, i) => {
      if (one instanceof Unfit) return errors.reason("ValidationError");
      if (this.#locked.has(idOf(one.key)) || (byChance && i === 0)) {
        count(this.meter.conflicts, one.key.pk);
        return errors.reason("TransactionConflict");
      }
      return one.refused ? errors.reason("ConditionalCheckFailed", wantsOld(operations[i]![1]) ? one.before : undefined) : errors.reason("None");
    });
    if (reasons.some(({ Code }) => Code !== "None")) throw errors.cancelled(reasons);
    return fitting;
  }

  #planOf(kind: WriteKind, input: Input): Plan | Unfit {
    try {
      return plan(this.storage, kind, input);
    } catch (error) {
      if (error instanceof Unfit) return error;
      throw error;
    }
  }

  #commit({ key, before, ...planned }: Plan & { refused: false }): void {
    const { after } = planned;
    const now = this.#options.time?.now ?? 0;
    if (isNoChange(before, after)) return;
    const change = this.storage.set(key, after, now);
    this.changes.add(key, before, after, now);
    const lag = this.#options.lagMs?.indexes ?? 0;
    if (this.#options.time && lag > 0) this.#options.time.after(this.#chance.lag.next() * lag, () => this.storage.index(key, after, change));
    else this.storage.index(key, after, change);
  }

  #pay(places: readonly (Place & { units: number })[], kind: "read" | "write"): void {
    if (this.#debt(places, kind)) throw new Passing("throttle", errors.throughputExceeded());
    this.#spend(places, kind);
  }

  #debt(places: readonly Place[], kind: "read" | "write"): Place | undefined {
    const throttled = this.#throughput?.throttled(places, kind, this.#options.time?.now ?? 0);
    if (throttled) count(this.meter.throttled, throttled.of === "table" ? "the whole table" : `${throttled.kind} ${throttled.index} ${throttled.pk}`);
    return throttled;
  }

  #spend(places: readonly (Place & { units: number })[], kind: "read" | "write"): void {
    const now = this.#options.time?.now ?? 0;
    if (!this.#throughput) return;
    for (const place of places) {
      note(this.meter, place, kind, place.units, now);
      this.#throughput.spend(place, kind, place.units, now);
    }
  }

  #throttled(why: string, transaction: Input | undefined): Error {
    count(this.meter.throttled, why);
    if (!transaction) return new Passing("throttle", errors.throughputExceeded());
    return errors.cancelled((transaction["TransactItems"] as unknown[]).map((_, i) => errors.reason(i === 0 ? "ThrottlingError" : "None")));
  }

  #unlucky(fault: keyof TableFaults): boolean {
    const met = this.#chance.faults.is(this.faults[fault]);
    if (met) count(this.meter.faults, fault);
    return met;
  }

  #moment(input: Input): number | undefined {
    const { time, lagMs } = this.#options;
    if (input["ConsistentRead"] || !time || !lagMs) return undefined;
    return time.now - this.#chance.lag.next() * lagMs.reads;
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#options.time) await this.#options.time.sleep(ms);
  }

  #tell(operation: Operation, input: Input, outcome: Outcome): void {
    if (!this.#options.told) return;
    const key = input["Key"] ?? input["Item"];
    const where = key ? `${key.pk}/${key.sk}` : JSON.stringify(input["ExpressionAttributeValues"] ?? input["TransactItems"]?.length ?? "");
    this.#options.told(`${operation} ${where} ${"error" in outcome ? (outcome.error as Error).name : "done"}`);
  }
}

function operationOf(commandName: string): Operation {
  return commandName.replace(/(Item|Items)?Command$/, "") as Operation;
}

const idOf = ({ pk, sk }: Key) => `${pk}\n${sk}`;
const wantsOld = (input: Input) => input["ReturnValuesOnConditionCheckFailure"] === "ALL_OLD";

/** What a write pays for: its own partition, and each entry it changes in an index. */
function placesOf(planned: Plan, times: number): (Place & { units: number })[] {
  const own = { index: "table", pk: planned.key.pk, units: planned.units * times };
  if (planned.refused) return [own];
  return [own, ...planned.indexWrites.map(({ index, pk, item }) => ({ index, pk, units: writeUnits(item) }))];
}
