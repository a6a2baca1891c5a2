import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ulid } from "ulid";
import type { Consumer } from "@fashionistas/functions/consumers/manifest";
import { lambdaContext, loadHandler, sqsEvent, type Handler } from "./lambda.ts";
import type { LocalStore } from "./store.ts";

/**
 * EventBridge and the queues behind its rules, on this machine: PutEvents answers when the event lies in every queue that
 * wants it; a queue delivers at least once, waits longer after each failure, and in the end lays a message with the dead.
 */
export type Bus = {
  url: string;
  /** Starts delivering, first what an earlier run left. */
  start(): Promise<void>;
  /** Delivers everything that waits, failed messages once more, and returns when the queues are empty or only failures remain. */
  drain(): Promise<void>;
  close(): Promise<void>;
};

type Queued = { id: string; body: string; attempts: number; notBefore: number };
type Queue = { consumer: Consumer; handler: Handler | undefined; waiting: Queued[]; running: number };

const BATCH = 10;
const BATCHES_AT_ONCE = 4;
const MAX_ATTEMPTS = 30;
const EVENTS_KEPT_COLLECTION = "domain-events";

export async function createBus({ store, consumers }: { store: LocalStore; consumers: readonly Consumer[] }): Promise<Bus> {
  const queues = consumers.map((consumer): Queue => ({ consumer, handler: undefined, waiting: [], running: 0 }));
  let delivering = false;
  let closed = false;

  async function putEvents(entries: readonly PutEntry[]) {
    const results = entries.map((entry) => ({ entry, id: ulid() }));
    const queued = results.flatMap(({ entry, id }) =>
      queues
        .filter(({ consumer }) => consumer.on.includes(entry.DetailType))
        .map((queue) => ({ queue, message: { id: `${id}-${queue.consumer.name}`, body: busEvent(id, entry), attempts: 0, notBefore: 0 } })),
    );
    await store.putMany([
      ...results.map(({ entry, id }) => ({ collection: EVENTS_KEPT_COLLECTION, id, value: JSON.parse(entry.Detail) as unknown })),
      ...queued.map(({ queue, message }) => ({ collection: `queue:${queue.consumer.name}`, id: message.id, value: message })),
    ]);
    for (const { queue, message } of queued) queue.waiting.push(message);
    if (delivering) for (const queue of queues) void pump(queue);
    return results.map(({ id }) => ({ EventId: id }));
  }

  async function deliver(queue: Queue, batch: Queued[]): Promise<void> {
    queue.handler ??= await loadHandler(queue.consumer.handler);
    const failed = await failuresOf(queue, batch);
    const done = batch.filter(({ id }) => !failed.has(id));
    if (done.length > 0) await store.removeMany(done.map(({ id }) => ({ collection: `queue:${queue.consumer.name}`, id })));
    for (const message of batch)
      if (failed.has(message.id)) await retryLater(queue, { ...message, attempts: message.attempts + 1, notBefore: Date.now() + waitMs(message.attempts) });
  }

  async function failuresOf(queue: Queue, batch: Queued[]): Promise<Set<string>> {
    try {
      const answer = (await queue.handler!(sqsEvent(queue.consumer.name, batch), lambdaContext(queue.consumer.name))) as {
        batchItemFailures?: { itemIdentifier: string }[];
      };
      return new Set((answer.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
    } catch {
      return new Set(batch.map(({ id }) => id));
    }
  }

  async function retryLater(queue: Queue, message: Queued): Promise<void> {
    const collection = `queue:${queue.consumer.name}`;
    if (message.attempts < MAX_ATTEMPTS) {
      await store.put(collection, message.id, message);
      queue.waiting.push(message);
      return;
    }
    await store.put(`dead:${queue.consumer.name}`, message.id, message);
    await store.remove(collection, message.id);
  }

  async function pump(queue: Queue): Promise<void> {
    while (!closed && queue.running < BATCHES_AT_ONCE) {
      const now = Date.now();
      const batch = queue.waiting.filter(({ notBefore }) => notBefore <= now).slice(0, BATCH);
      if (batch.length === 0) return;
      queue.waiting = queue.waiting.filter((message) => !batch.includes(message));
      queue.running += 1;
      void deliver(queue, batch)
        // The engine is gone or going: the messages are still in their queue and come back at the next start.
        .catch(() => undefined)
        .finally(() => {
          queue.running -= 1;
          void pump(queue);
        });
    }
  }

  async function load(): Promise<void> {
    for (const queue of queues) {
      const known = new Set(queue.waiting.map(({ id }) => id));
      for (const { value } of await store.list<Queued>(`queue:${queue.consumer.name}`))
        if (!known.has(value.id)) queue.waiting.push({ ...value, notBefore: 0 });
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const answer = (status: number, body: unknown) => response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
      if (request.headers["x-amz-target"] !== "AWSEvents.PutEvents") return void answer(400, { __type: "UnknownOperationException" });
      const { Entries } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { Entries: PutEntry[] };
      if (Entries.length === 0 || Entries.length > 10) return void answer(400, { __type: "ValidationException", message: "1 to 10 entries" });
      putEvents(Entries).then(
        (results) => answer(200, { FailedEntryCount: 0, Entries: results }),
        () => answer(500, { __type: "InternalException" }),
      );
    });
  });
  const url = await listen(server);

  return {
    url,
    async start() {
      await load();
      delivering = true;
      for (const queue of queues) void pump(queue);
      const timer = setInterval(() => {
        if (closed) return clearInterval(timer);
        for (const queue of queues) void pump(queue);
      }, 100);
      timer.unref();
    },
    async drain() {
      for (const queue of queues) {
        for (const message of queue.waiting) message.notBefore = 0;
        void pump(queue);
      }
      while (queues.some(({ running, waiting }) => running > 0 || waiting.some(({ notBefore }) => notBefore <= Date.now()))) {
        for (const queue of queues) void pump(queue);
        await sleep(1);
      }
    },
    async close() {
      closed = true;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type PutEntry = { Source: string; DetailType: string; Detail: string; Time?: number; EventBusName?: string };

function busEvent(id: string, entry: PutEntry): string {
  return JSON.stringify({
    version: "0",
    id,
    "detail-type": entry.DetailType,
    source: entry.Source,
    account: "000000000000",
    time: new Date().toISOString(),
    region: "local",
    resources: [],
    detail: JSON.parse(entry.Detail) as unknown,
  });
}

function waitMs(attempts: number): number {
  return Math.min(10_000, 200 * 2 ** attempts);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
