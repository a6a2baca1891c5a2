import { setTimeout as sleep } from "node:timers/promises";
import { ENTITY_ATTRIBUTE } from "@fashionistas/core/db/table";
import type { StreamReader } from "@fashionistas/functions/streams/manifest";
import { EngineError, type EngineClient } from "./engine-client.ts";
import { lambdaContext, loadHandler, type Handler } from "./lambda.ts";
import type { LocalStore } from "./store.ts";

/**
 * Lambda's stream readers on this machine: each reads every shard in order, from where it had come to when it was last
 * stopped or killed; a batch that fails is repeated from the first failed record.
 */
export type StreamPump = { start(): void; drain(): Promise<void>; passed(): string; close(): Promise<void> };

type Reader = { reader: StreamReader; handler: Handler | undefined; queue: StreamRecord[]; passed: bigint; working: Promise<void> | undefined };

/** As the engine tells it, which is as Lambda hands it over. */
export type StreamRecord = { eventName?: string; dynamodb?: { SequenceNumber?: string; NewImage?: Image; OldImage?: Image } };
type Image = Record<string, { S?: string }>;

const CHECKPOINT_COLLECTION = "stream-checkpoints";
const IDLE_MS = 40;
const CHECKPOINT_MS = 500;
const QUEUE_MAX = 2_000;

export async function createStreamPump({
  engine,
  streamArn,
  readers: manifest,
  store,
}: {
  engine: EngineClient;
  streamArn: string;
  readers: readonly StreamReader[];
  store: LocalStore;
}): Promise<StreamPump> {
  const readers = manifest.map((reader): Reader => ({ reader, handler: undefined, queue: [], passed: 0n, working: undefined }));
  const checkpoints = await Promise.all(readers.map(({ reader }) => store.get<string>(CHECKPOINT_COLLECTION, reader.name)));
  readers.forEach((reader, i) => (reader.passed = BigInt(checkpoints[i] ?? "0")));
  let fetched = readers.reduce((least, { passed }) => (passed < least ? passed : least), readers[0]?.passed ?? 0n);
  let iterator: string | undefined;
  let closed = false;
  let loop: Promise<void> | undefined;

  async function fetchMore(): Promise<number> {
    iterator ??= await iteratorAfter(engine, streamArn, fetched);
    if (!iterator) return 0;
    const { Records = [], NextShardIterator } = await engine.call<{ Records?: StreamRecord[]; NextShardIterator?: string }>("GetRecords", {
      ShardIterator: iterator,
      Limit: 500,
    });
    iterator = NextShardIterator;
    for (const record of Records) {
      const sequence = BigInt(record.dynamodb?.SequenceNumber ?? "0");
      if (sequence <= fetched) continue;
      fetched = sequence;
      for (const reader of readers) if (sequence > reader.passed && concerns(reader.reader, record)) reader.queue.push(record);
    }
    for (const reader of readers) work(reader);
    return Records.length;
  }

  function work(reader: Reader): void {
    reader.working ??= workOff(reader).finally(() => {
      reader.working = undefined;
      if (reader.queue.length > 0 && !closed) work(reader);
    });
  }

  async function workOff(reader: Reader): Promise<void> {
    reader.handler ??= await loadHandler(reader.reader.handler);
    for (let wait = 20; reader.queue.length > 0 && !closed;) {
      const batch = reader.queue.slice(0, reader.reader.batchSize);
      const done = await handled(reader, batch);
      for (const record of reader.queue.splice(0, done)) reader.passed = BigInt(record.dynamodb?.SequenceNumber ?? "0");
      if (done === batch.length) wait = 20;
      else await sleep((wait = Math.min(5_000, wait * 2)));
    }
    if (reader.queue.length === 0 && fetched > reader.passed) reader.passed = fetched;
  }

  async function handled(reader: Reader, batch: StreamRecord[]): Promise<number> {
    try {
      const answer = (await reader.handler!({ Records: batch }, lambdaContext(reader.reader.name))) as
        | { batchItemFailures?: { itemIdentifier: string }[] }
        | undefined;
      const failed = new Set((answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
      const first = batch.findIndex((record) => failed.has(record.dynamodb?.SequenceNumber ?? ""));
      return failed.size === 0 ? batch.length : Math.max(0, first);
    } catch {
      return 0;
    }
  }

  async function checkpoint(): Promise<void> {
    await store.putMany(
      readers.map(({ reader, passed, queue, working }) => ({
        collection: CHECKPOINT_COLLECTION,
        id: reader.name,
        value: String(queue.length === 0 && !working ? fetched : passed),
      })),
    );
  }

  async function run(): Promise<void> {
    let savedAt = Date.now();
    let saved = fetched;
    while (!closed) {
      try {
        const full = readers.some(({ queue }) => queue.length > QUEUE_MAX);
        const found = full ? 0 : await fetchMore();
        if (fetched !== saved && Date.now() - savedAt > CHECKPOINT_MS) {
          await checkpoint();
          [saved, savedAt] = [fetched, Date.now()];
        }
        await sleep(found > 0 ? 5 : IDLE_MS);
      } catch {
        iterator = undefined;
        if (!closed) await sleep(200);
      }
    }
  }

  return {
    start() {
      loop ??= run();
    },
    async drain() {
      while ((await fetchMore()) > 0 || readers.some(({ queue, working }) => queue.length > 0 || working))
        await Promise.all(readers.map(({ working }) => working));
    },
    passed: () => String(readers.reduce((least, { passed }) => (passed < least ? passed : least), fetched)),
    async close() {
      closed = true;
      await loop;
      await checkpoint().catch(() => undefined);
    },
  };
}

/** The event source mapping's filter, as the stacks write it from the same manifest. */
export function concerns(reader: StreamReader, record: StreamRecord): boolean {
  const image = record.dynamodb?.NewImage ?? record.dynamodb?.OldImage;
  if (!reader.entities.includes(image?.[ENTITY_ATTRIBUTE]?.S ?? "")) return false;
  return !reader.onlyPending || (record.eventName === "INSERT" && record.dynamodb?.NewImage?.["gsi4pk"] !== undefined);
}

async function iteratorAfter(engine: EngineClient, StreamArn: string, sequence: bigint): Promise<string | undefined> {
  const { StreamDescription } = await engine.call<{ StreamDescription?: { Shards?: { ShardId: string }[] } }>("DescribeStream", { StreamArn });
  const ShardId = StreamDescription?.Shards?.at(-1)?.ShardId;
  if (!ShardId) return undefined;
  const from = async (place: object) => (await engine.call<{ ShardIterator?: string }>("GetShardIterator", { StreamArn, ShardId, ...place })).ShardIterator;
  if (sequence === 0n) return from({ ShardIteratorType: "TRIM_HORIZON" });
  try {
    return await from({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: String(sequence) });
  } catch (error) {
    if (!(error instanceof EngineError) || error.name !== "TrimmedDataAccessException") throw error;
    return from({ ShardIteratorType: "TRIM_HORIZON" });
  }
}
