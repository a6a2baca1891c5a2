import { ENTITY_ATTRIBUTE } from "@fashionistas/core/db/table";
import { bus } from "@fashionistas/functions/streams/publish";
import { consumers as allConsumers } from "@fashionistas/functions/consumers/manifest";
import { streamReaders, type StreamReader } from "@fashionistas/functions/streams/manifest";
import { lambdaContext, loadHandler, sqsEvent } from "@fashionistas/local/lambda";
import { concerns } from "@fashionistas/local/stream-pump";
import type { DynamoDBRecord } from "aws-lambda";
import { recordOf, shardOf, type Change, type Changes } from "../dynamo/stream.ts";
import type { Chance } from "./chance.ts";
import type { Clockwork } from "./clockwork.ts";
import type { Process } from "./processes.ts";
import type { Trace } from "./trace.ts";

/** How often something goes wrong on the way from a commit to its effects. */
export type DeliveryFaults = {
  /** A stream batch, or a message of a queue, comes once more, after others that are younger. */
  twice: number;
  /** PutEvents takes some of its entries and refuses the others. */
  partial: number;
  /** How late anything comes, at most. */
  lateMs: number;
};

export type DeliveryOptions = {
  chance: Chance;
  time: Clockwork;
  changes: Changes;
  faults: DeliveryFaults;
  trace: Trace;
  /** Told of every fault that is met. */
  met: (fault: keyof DeliveryFaults) => void;
  /** A process for a call of this function. */
  processFor(functionName: string): Process;
  around<T>(call: () => Promise<T>): Promise<T>;
  /** Shards of the stream: each is read in its order, all at the same time. */
  shards: number;
  readers: readonly (typeof streamReaders)[number]["name"][];
  consumers: readonly (typeof allConsumers)[number]["name"][];
};

type PutEntry = { DetailType: string; Detail: string; Source: string };
type Message = { id: string; body: string; attempts: number };

const RETRY_MS = 1_000;
const MAX_ATTEMPTS = 30;
const LONGEST_RETRY_MS = 60_000;

/** The table's stream, the bus and the queues behind it, in modelled time: at least once, late and out of order, as `faults` say. */
export class Deliveries {
  /** Messages that were tried too often. */
  readonly dead: { consumer: string; id: string; body: string }[] = [];
  readonly #options: DeliveryOptions;
  readonly #chance: Chance;
  readonly #handlers = new Map<string, Awaited<ReturnType<typeof loadHandler>>>();
  readonly #readers: Reader[];
  #open = 0;
  #messages = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#chance = options.chance;
    const readers: readonly StreamReader[] = streamReaders.filter(({ name }) => options.readers.includes(name));
    this.#readers = readers.flatMap((reader) => Array.from({ length: options.shards }, (_, shard): Reader => ({ reader, shard, queue: [], working: false })));
  }

  /** Loads the functions, which takes real time; then listens to the table and to the bus. @returns how to stop */
  async connect(): Promise<() => void> {
    const paths = [...this.#readers.map(({ reader }) => reader.handler), ...this.#consumers().map(({ handler }) => handler)];
    for (const path of new Set(paths)) this.#handlers.set(path, await loadHandler(path));
    bus.middlewareStack.add(() => (args) => this.#options.around(() => this.#putEvents(args.input as { Entries?: PutEntry[] })) as never, {
      step: "initialize",
      name: "model",
      override: true,
    });
    this.#options.changes.heard = (change) => this.#hear(change);
    return () => {
      bus.middlewareStack.remove("model");
      this.#options.changes.heard = undefined;
    };
  }

  /** Is anything on its way, or waiting to be tried again? */
  busy(): boolean {
    return this.#open > 0;
  }

  #unlucky(fault: "twice" | "partial"): boolean {
    const isMet = this.#chance.is(this.#options.faults[fault]);
    if (isMet) this.#options.met(fault);
    return isMet;
  }

  /** What operators do when the fault is over: tries the dead letters again. */
  redrive(): void {
    for (const { consumer: name, id, body } of this.dead.splice(0)) {
      const consumer = allConsumers.find((one) => one.name === name)!;
      this.#later(() => this.#consume(consumer, { id, body, attempts: 0 }));
    }
  }

  #consumers() {
    return allConsumers.filter(({ name }) => this.#options.consumers.includes(name));
  }

  #later(run: () => Promise<void>, ms = 0): void {
    this.#open += 1;
    this.#options.time.after(5 + ms + this.#chance.next() * this.#options.faults.lateMs, () => void run().finally(() => (this.#open -= 1)));
  }

  #hear(change: Change): void {
    const shard = shardOf(change.key, this.#options.shards);
    const entity = String((change.after ?? change.before)?.[ENTITY_ATTRIBUTE]);
    const wanted = this.#readers.filter((one) => one.shard === shard && one.reader.entities.includes(entity));
    if (wanted.length === 0) return;
    const record = recordOf(change);
    for (const one of wanted) {
      if (!concerns(one.reader, record as never)) continue;
      one.queue.push(record);
      this.#read(one);
    }
  }

  #read(one: Reader, ms = 0): void {
    if (one.working || one.queue.length === 0) return;
    one.working = true;
    this.#later(async () => {
      const batch = one.queue.slice(0, one.reader.batchSize);
      const done = await this.#hand(one.reader, batch);
      one.queue.splice(0, done);
      if (this.#unlucky("twice")) this.#later(async () => void (await this.#hand(one.reader, batch)), this.#options.faults.lateMs);
      one.working = false;
      this.#read(one, done < batch.length ? RETRY_MS : 0);
    }, ms);
  }

  /** @returns how many records were done */
  async #hand(reader: StreamReader, batch: readonly DynamoDBRecord[]): Promise<number> {
    const answer = await this.#invoke(reader.name, reader.handler, { Records: batch });
    if (!answer) return 0;
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    if (failed.size === 0) return batch.length;
    return Math.max(
      0,
      batch.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? "")),
    );
  }

  async #invoke(name: string, path: string, event: unknown): Promise<{ batchItemFailures: { itemIdentifier: string }[] } | undefined> {
    try {
      const answer = await this.#options.processFor(name).call(() => this.#handlers.get(path)!(event, lambdaContext(name)));
      return { batchItemFailures: [], ...(answer as object) };
    } catch (error) {
      this.#options.trace.add(this.#options.time.now, `${name} failed: ${(error as Error).name}`);
      return undefined;
    }
  }

  async #putEvents({ Entries = [] }: { Entries?: PutEntry[] }): Promise<object> {
    await this.#options.time.sleep(10 + this.#chance.next() * 10);
    const partial = this.#unlucky("partial");
    const answers = Entries.map((entry) => {
      if (partial && this.#chance.is(0.5)) return { ErrorCode: "InternalFailure", ErrorMessage: "refused by chance" };
      const id = `bus-${this.#messages++}`;
      for (const consumer of this.#consumers()) if ((consumer.on as readonly string[]).includes(entry.DetailType)) this.#queue(consumer, id, entry);
      return { EventId: id };
    });
    return { output: { $metadata: {}, FailedEntryCount: answers.filter((one) => "ErrorCode" in one).length, Entries: answers }, response: {} };
  }

  #queue(consumer: (typeof allConsumers)[number], id: string, entry: PutEntry): void {
    const body = JSON.stringify({ id, "detail-type": entry.DetailType, source: entry.Source, detail: JSON.parse(entry.Detail) as unknown });
    const message = { id, body, attempts: 0 };
    this.#later(() => this.#consume(consumer, message));
    if (this.#unlucky("twice")) this.#later(() => this.#consume(consumer, { ...message }), this.#options.faults.lateMs);
  }

  async #consume(consumer: (typeof allConsumers)[number], message: Message): Promise<void> {
    const answer = await this.#invoke(consumer.name, consumer.handler, sqsEvent(consumer.name, [message]));
    this.#options.trace.add(this.#options.time.now, `${consumer.name} ${message.id} ${answer?.batchItemFailures.length === 0 ? "done" : "again"}`);
    if (answer?.batchItemFailures.length === 0) return;
    message.attempts += 1;
    if (message.attempts === MAX_ATTEMPTS) return void this.dead.push({ consumer: consumer.name, id: message.id, body: message.body });
    this.#later(() => this.#consume(consumer, message), Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** message.attempts));
  }
}

type Reader = { reader: StreamReader; shard: number; queue: DynamoDBRecord[]; working: boolean };
