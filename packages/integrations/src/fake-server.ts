import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { chance } from "@fashionistas/core/chance";
import type { FakeStore, RunningFake } from "./fake-store.ts";

/** One value of a `FakeStore.putAll`. */
export type Entry = { collection: string; id: string; value: unknown };

/** A request as a fake sees it: `path` still percent-encoded, `body` whole. */
export type Call = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  body: string;
};

/** What a fake answers. */
export type Reply = { status: number; headers?: Record<string, string>; body?: string };

const MAX_BODY_BYTES = 16 * 1024 * 1024;

async function send(response: http.ServerResponse, reply: Promise<Reply>): Promise<void> {
  const { status, headers, body = "" } = await reply.catch((): Reply => ({ status: 500 }));
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Serves on 127.0.0.1 only (port 0 picks a free one). `close` waits for the requests that have begun. */
export async function serveLoopback(port: number, handle: (call: Call) => Promise<Reply>): Promise<RunningFake> {
  const running = new Set<Promise<Reply>>();
  let closing = false;

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("error", () => response.destroy());
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on("end", () => {
      if (closing) return request.socket.destroy();
      const [path = "/", search = ""] = (request.url ?? "/").split("?", 2);
      const reply = handle({
        method: request.method ?? "GET",
        path,
        query: new URLSearchParams(search),
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      });
      running.add(reply);
      void send(response, reply).finally(() => running.delete(reply));
    });
  });
  server.keepAliveTimeout = 75_000;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await Promise.allSettled(running);
      server.closeAllConnections();
      await closed;
    },
  };
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TIME_DIGITS = 7;
let latest = { ms: 0, count: 0 };

function base62(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / 62)) text = DIGITS[rest % 62] + text;
  return text;
}

/** `length` characters nobody can guess. */
export function randomTail(length: number): string {
  let text = "";
  while (text.length < length) text += DIGITS[Math.floor(chance() * 62)];
  return text;
}

function nextMoment(): { ms: number; count: number } {
  const now = Date.now();
  latest = now > latest.ms ? { ms: now, count: 0 } : { ms: latest.ms, count: latest.count + 1 };
  return latest;
}

/** Begins anew, for tests that go back in time. */
export function restartMoments(): void {
  latest = { ms: 0, count: 0 };
}

/** 24 characters that sort by age, so that a store's id order is the order of creation. */
export function orderedTail(): string {
  const { ms, count } = nextMoment();
  return base62(ms, TIME_DIGITS) + base62(count, 3) + randomTail(14);
}

function randomHex(length: number): string {
  let text = "";
  while (text.length < length) text += Math.floor(chance() * 16).toString(16);
  return text;
}

/** The same in 24 hexadecimal digits. */
export function orderedHex(): string {
  const { ms, count } = nextMoment();
  return ms.toString(16).padStart(12, "0") + count.toString(16).padStart(4, "0") + randomHex(8);
}

/** Unix seconds at which an id ending in an `orderedTail` was made. */
export function createdOf(id: string): number {
  let ms = 0;
  for (const digit of id.slice(id.lastIndexOf("_") + 1).slice(0, TIME_DIGITS)) ms = ms * 62 + DIGITS.indexOf(digit);
  return Math.floor(ms / 1000);
}

/** True as long as no more than `limit` calls came in `windowMs`; refills steadily. */
export function createRateLimit(limit: number, windowMs: number): () => boolean {
  let tokens = limit;
  let at = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(limit, tokens + ((now - at) * limit) / windowMs);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** Runs what has the same key one after the other. */
export function createLocks(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, run) => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(run, run);
    const tail = mine.catch(() => undefined);
    tails.set(key, tail);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === tail) tails.delete(key);
    }
  };
}

const keyOf = (collection: string, id: string) => `${collection}/${id}`;

/** A read cache over the store for these collections. Values are shared: never change one in place. */
export function writeThrough(store: FakeStore, collections: readonly string[], capacity = 10_000): FakeStore {
  const cached = new Set(collections);
  const values = new Map<string, unknown>();
  let writes = 0;

  function remember(collection: string, id: string, value: unknown) {
    if (!cached.has(collection)) return;
    const key = keyOf(collection, id);
    values.delete(key);
    values.set(key, value);
    if (values.size > capacity) values.delete(values.keys().next().value as string);
  }

  /** A read that overlapped a write may be older than the write: it is answered but not remembered. */
  async function write(entries: readonly Entry[], run: () => Promise<void>) {
    writes += 1;
    for (const { collection, id } of entries) values.delete(keyOf(collection, id));
    try {
      await run();
    } finally {
      writes += 1;
    }
    for (const { collection, id, value } of entries) remember(collection, id, value);
  }

  return {
    async get<T>(collection: string, id: string): Promise<T | undefined> {
      const key = keyOf(collection, id);
      if (values.has(key)) return values.get(key) as T;
      const seen = writes;
      const value = await store.get<T>(collection, id);
      if (value !== undefined && seen === writes) remember(collection, id, value);
      return value;
    },
    put: (collection, id, value) => write([{ collection, id, value }], () => store.put(collection, id, value)),
    putAll: (entries) => write(entries, () => store.putAll(entries)),
    async remove(collection, id) {
      writes += 1;
      values.delete(keyOf(collection, id));
      await store.remove(collection, id);
      writes += 1;
    },
    list: (collection) => store.list(collection),
  };
}

/** Webhooks of one change, not yet durable; `indexes` are those that are to be sent. */
export type WebhookBatch = { id: string; ids: string[]; bodies: unknown[]; indexes: number[] };

export type Webhooks = {
  /** Each maker gets the id its webhook will have. At most 100 a batch. */
  draft(makers: readonly ((id: string) => unknown)[]): WebhookBatch;
  /** One `putAll` of the change and its webhooks, then queues them. */
  commit(batch: WebhookBatch, change: readonly Entry[]): Promise<void>;
  /** Sends a webhook once more, durably. False if there is none with this id. */
  again(id: string): Promise<boolean>;
  find(id: string): Promise<unknown>;
  /** Not yet accepted by the receiver. */
  pending(id: string): boolean;
  /** Resolves when none is due now; those waiting for a later retry, and all while paused, are not due. */
  idle(): Promise<void>;
  pause(): void;
  /** Also makes those that wait for a retry due now. */
  resume(): void;
  close(): Promise<void>;
};

export type WebhookOptions = {
  store: FakeStore;
  /** `sent` keeps every batch, `outbox` one small mark per batch until all of it was accepted. */
  collections: { sent: string; outbox: string };
  url: () => string;
  headers: (body: string) => Record<string, string>;
  accepts: (status: number) => boolean;
  /** Those it refuses are kept but not sent. */
  wants?: (body: unknown) => boolean;
  firstRetryMs: number;
  maxRetryMs: number;
  /** Then the webhook is given up, if the vendor does so. */
  maxAttempts?: number;
  /** How a webhook gets there: by HTTP, unless somebody takes it in person. @returns the receiver's status */
  post?: (body: string, headers: Record<string, string>) => Promise<number>;
  /** Runs after a webhook was accepted and before it is forgotten: after a crash it may run again. */
  accepted?: (body: unknown) => Promise<void>;
};

type Mark = { batch: string; indexes: number[] };
type Job = { mark: string; id: string; body?: string; attempts: number };

const CONCURRENCY = 32;
const DELIVERY_TIMEOUT_MS = 30_000;
const indexOf = (id: string) => Number(id.slice(-2));
const batchOf = (id: string) => id.slice(0, -2);
const webhookId = (batch: string, index: number) => batch + String(index).padStart(2, "0");

/** Durable deliveries at least once. What was unsent when the process died is read back and sent now. */
export async function startWebhooks(options: WebhookOptions): Promise<Webhooks> {
  const { store, collections } = options;
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const requests = new Set<http.ClientRequest>();
  const open = new Map<string, number>();
  const unsent = new Map<string, number>();
  const waiting = new Map<Job, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let ready: Job[] = [];
  let head = 0;
  let paused = false;
  let closed = false;
  const idlers: (() => void)[] = [];

  function post(body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = http.request(options.url(), {
        method: "POST",
        agent,
        timeout: DELIVERY_TIMEOUT_MS,
        headers: { ...options.headers(body), "content-length": Buffer.byteLength(body) },
      });
      requests.add(request);
      request.on("close", () => requests.delete(request));
      request.on("timeout", () => request.destroy(new Error("webhook timed out")));
      request.on("error", reject);
      request.on("response", (response) => {
        response.on("error", reject);
        response.on("end", () => resolve(response.statusCode ?? 0));
        response.resume();
      });
      request.end(body);
    });
  }

  async function find(id: string): Promise<unknown> {
    return (await store.get<unknown[]>(collections.sent, batchOf(id)))?.[indexOf(id)];
  }

  /** A job without a stored webhook comes from a write that failed: there is nothing to send. */
  async function attempt(job: Job): Promise<boolean> {
    const body = job.body ?? (await find(job.id));
    if (body === undefined) return true;
    job.body = typeof body === "string" ? body : JSON.stringify(body);
    const status = options.post ? options.post(job.body, options.headers(job.body)) : post(job.body);
    if (!options.accepts(await status)) return false;
    await options.accepted?.(JSON.parse(job.body));
    return true;
  }

  async function deliver(job: Job): Promise<void> {
    const done = await attempt(job).catch(() => false);
    if (!done && closed) return;
    job.attempts += 1;
    if (!done && job.attempts < (options.maxAttempts ?? Infinity)) return later(job);
    bump(unsent, job.id, -1);
    if (bump(open, job.mark, -1) === 0) await store.remove(collections.outbox, job.mark).catch(() => undefined);
  }

  function later(job: Job) {
    const delay = Math.min(options.maxRetryMs, options.firstRetryMs * 2 ** (job.attempts - 1));
    const timer = setTimeout(() => makeReady(job), delay);
    waiting.set(job, timer);
  }

  function makeReady(job: Job) {
    clearTimeout(waiting.get(job));
    waiting.delete(job);
    ready.push(job);
    pump();
  }

  const mayStart = () => !paused && !closed && running.size < CONCURRENCY && head < ready.length;

  function pump() {
    while (mayStart()) {
      const run = deliver(ready[head++] as Job).finally(() => {
        running.delete(run);
        pump();
      });
      running.add(run);
    }
    if (head > 1_000 || head === ready.length) {
      ready = ready.slice(head);
      head = 0;
    }
    if (running.size > 0 || (ready.length > 0 && !paused && !closed)) return;
    for (const resolve of idlers.splice(0)) resolve();
  }

  function jobsOf(mark: string, { batch, indexes }: Mark, bodies?: readonly unknown[]): Job[] {
    if (indexes.length > 0) open.set(mark, indexes.length);
    return indexes.map((index) => {
      const id = webhookId(batch, index);
      bump(unsent, id, 1);
      return { mark, id, attempts: 0, ...(bodies && { body: JSON.stringify(bodies[index]) }) };
    });
  }

  function enqueue(jobs: readonly Job[]) {
    for (const job of jobs) ready.push(job);
    pump();
  }

  for (const { id, value } of await store.list<Mark>(collections.outbox)) ready.push(...jobsOf(id, value));
  setImmediate(pump);

  return {
    draft(makers) {
      const id = orderedTail();
      const ids = makers.map((_, index) => webhookId(id, index));
      const bodies = makers.map((make, index) => make(ids[index] as string));
      const indexes = [...bodies.keys()].filter((index) => options.wants?.(bodies[index]) ?? true);
      return { id, ids, bodies, indexes };
    },
    async commit({ id, bodies, indexes }, change) {
      const mark: Mark = { batch: id, indexes };
      const entries = [...change];
      if (bodies.length > 0) entries.push({ collection: collections.sent, id, value: bodies });
      if (indexes.length > 0) entries.push({ collection: collections.outbox, id, value: mark });
      if (entries.length === 0) return;
      try {
        await store.putAll(entries);
      } catch (error) {
        // A write that failed may have landed all the same: look for its webhooks a little later.
        for (const job of jobsOf(id, mark)) later({ ...job, attempts: 1 });
        throw error;
      }
      enqueue(jobsOf(id, mark, bodies));
    },
    async again(id) {
      if ((await find(id)) === undefined) return false;
      const mark = orderedTail();
      const value: Mark = { batch: batchOf(id), indexes: [indexOf(id)] };
      await store.put(collections.outbox, mark, value);
      enqueue(jobsOf(mark, value));
      return true;
    },
    find,
    pending: (id) => unsent.has(id),
    idle: () =>
      new Promise((resolve) => {
        idlers.push(resolve);
        pump();
      }),
    pause() {
      paused = true;
      pump();
    },
    resume() {
      paused = false;
      for (const job of waiting.keys()) makeReady(job);
      pump();
    },
    async close() {
      closed = true;
      for (const request of requests) request.destroy(new Error("the fake was closed"));
      await Promise.allSettled(running);
      for (const timer of waiting.values()) clearTimeout(timer);
      agent.destroy();
      pump();
    },
  };
}

function bump(counts: Map<string, number>, key: string, by: number): number {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
  return next;
}
