/**
 * A deterministic simulation of the real product: its verbs, handlers, consumers and schedules, on a model of DynamoDB, with
 * Stripe's stand-in and the bus in this program, in modelled time and with seeded faults. The same seed is the same history, on
 * every machine; a failure names the seed that repeats it.
 *
 *   const simulation = await createSimulation({ seed: "7", faults: { crash: 0.01, ambiguous: 0.02 } });
 *   await simulation.run(async () => {
 *     const lambda = simulation.process({ name: "api", skewMs: 15_000 });
 *     const { status } = await simulation.request("POST", `/tickets/${id}/purchase`, { body, process: lambda });    // an HTTP request, by the deployed handler
 *     const event = await simulation.as(organizer, () => Event.create(document));                                   // a verb, by somebody
 *     await simulation.sleep(3_000);                                                                                // modelled time passes
 *     await simulation.stripe.pay(paymentIntentId, "succeed");                                                      // what a customer does
 *     await simulation.schedule("expire-orders");
 *     await simulation.settle();                                                                                    // everything that was caused has happened
 *     expect(await violations(simulation.world)).toEqual([]);
 *   });
 *
 * Time passes only inside `run`, and only by `sleep`, by calls to the table and to Stripe, and by deliveries. Everything that the
 * story draws must come from `simulation.chance`. What goes wrong is told by `simulation.faults`, which may be changed at any
 * moment, by `suffer` too; `quiet()` ends all of it. One simulation runs at a time in a process.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { client } from "@fashionistas/core/db/client";
import { withContext } from "@fashionistas/core/context";
import { tableName } from "@fashionistas/core/config";
import type { Actor } from "@fashionistas/core/actor";
import { newId } from "@fashionistas/core/id";
import { consumers as allConsumers } from "@fashionistas/functions/consumers/manifest";
import { schedules } from "@fashionistas/functions/schedules/manifest";
import type { streamReaders } from "@fashionistas/functions/streams/manifest";
import { lambdaContext, loadHandler } from "@fashionistas/local/lambda";
import { Model, type TableFaults } from "../dynamo/model.ts";
import { count } from "../dynamo/meter.ts";
import { LIMITS, type Limits } from "../dynamo/throughput.ts";
import { chanceFrom, type Chance } from "./chance.ts";
import { Clockwork } from "./clockwork.ts";
import { Deliveries, type DeliveryFaults } from "./deliveries.ts";
import { enterModelledTime } from "./globals.ts";
import { Crash, Processes, type Process } from "./processes.ts";
import { modelledStripe, type StripeFaults } from "./stripe.ts";
import { Trace } from "./trace.ts";

export { Crash, type Chance, type Process };

/** Everything that may go wrong: shares of calls, and milliseconds. Nothing does unless it is named. */
export type Faults = {
  table: TableFaults;
  stripe: StripeFaults;
  deliveries: DeliveryFaults;
  /** A process dies before, or after, a call to the outside. */
  crash: number;
  /** How wrong the clocks of the processes are that the simulation starts itself, at most. */
  skewMs: number;
};

type ReaderName = (typeof streamReaders)[number]["name"];
type ConsumerName = (typeof allConsumers)[number]["name"];
type ScheduleName = (typeof schedules)[number]["name"];

export type SimulationOptions = {
  seed: string;
  /** With partition limits, as they are or changed; without: none. */
  limits?: Partial<Limits> | true;
  faults?: { [K in keyof Faults]?: Faults[K] extends number ? number : Partial<Faults[K]> };
  /** How far eventually consistent reads and the indexes are behind at most. */
  lagMs?: { reads: number; indexes: number };
  /** Lines of the trace that are kept. */
  traced?: number;
  /** Spares the SDK's own work on the way to the table: for those who run thousands. */
  spareSdk?: boolean;
  /** Payments that may be started per second: the product's own default when left out. */
  paymentStartsPerSecond?: number;
  /** Shards of the table's stream. */
  shards?: number;
  latency?: ConstructorParameters<typeof Model>[0]["latency"];
  /** Which readers of the stream and which consumers run: by default the relay, and all consumers but those of WATI. */
  readers?: readonly ReaderName[];
  consumers?: readonly ConsumerName[];
};

export type Answer<T> = { status: number; headers: Record<string, string>; body: T };

/** When every simulation begins. */
const START_MS = Date.UTC(2027, 0, 15, 9);
// The keys of every simulation, so that a seed means the same history in every process.
const KEYS = {
  PERSON_HASH_KEY: "simulated-person-key",
  ORDER_TOKEN_KEY: "simulated-order-key",
  INVITATION_TOKEN_KEY: "simulated-invitation-key",
  STRIPE_SECRET_KEY: "sk_test_simulated",
  STRIPE_WEBHOOK_SECRET: "whsec_simulated",
  // An Ed25519 key of 32 times the same byte, in PKCS#8.
  TICKET_SIGNING_KEY: Buffer.from(`302e020100300506032b657004220420${"5a".repeat(32)}`, "hex").toString("base64"),
  EVENT_BUS_NAME: "simulated",
  PERSON_KEY_FILE: personKeyFile(),
};
/** A file of 32 times the same byte, the same for every simulation. */
function personKeyFile(): string {
  const path = join(tmpdir(), "fashionistas-simulated-person.key");
  writeFileSync(path, Buffer.alloc(32, 0x5a));
  return path;
}
const NONE = {
  table: { throttle: 0, conflict: 0, ambiguous: 0 },
  stripe: { ambiguous: 0, broken: 0, twice: 0, lost: 0 },
  deliveries: { twice: 0, partial: 0 },
};
const LOOK_AGAIN_MS = 100;
const LONGEST_SETTLE_MS = 48 * 3_600_000;

let running = false;

export async function createSimulation(options: SimulationOptions) {
  const { seed, limits, lagMs, latency } = options;
  Object.assign(process.env, KEYS, { PAYMENT_STARTS_PER_SECOND: String(options.paymentStartsPerSecond ?? 40) });
  const chance = chanceFrom(seed);
  const time = new Clockwork();
  const trace = new Trace(options.traced);
  const faults: Faults = {
    table: { ...NONE.table, ...options.faults?.table },
    stripe: { ...NONE.stripe, lateMs: 200, ...options.faults?.stripe },
    deliveries: { ...NONE.deliveries, lateMs: 100, ...options.faults?.deliveries },
    crash: options.faults?.crash ?? 0,
    skewMs: options.faults?.skewMs ?? 0,
  };
  const processes = new Processes(chance.of("crashes"), time);
  const faultsMet = new Map<string, number>();
  const meets = (where: string) => (fault: string) => void count(faultsMet, `${where}: ${fault}`);
  const around = <T>(call: () => Promise<T>) => {
    processes.crash = faults.crash;
    return processes.around(call);
  };
  const table = new Model({
    chance: chance.of("table"),
    time,
    faults: faults.table,
    told: (what) => trace.add(time.now, `${processes.current()?.name ?? "story"} ${what}`),
    ...(limits ? { limits: limits === true ? LIMITS : { ...LIMITS, ...limits } } : {}),
    ...(lagMs ? { lagMs } : {}),
    ...(latency ? { latency } : {}),
  });
  const skews = chance.of("skews");
  const start = (name: string, skewMs?: number) => processes.start({ name, skewMs: skewMs ?? Math.round((skews.next() * 2 - 1) * faults.skewMs) });
  const standing = new Map<string, Process>();
  /** One process for each function; who died is replaced. */
  const processFor = (name: string): Process => standing.get(name) ?? standing.set(name, start(name)).get(name)!;

  const modelledTime = { time, ids: chance.of("ids"), processes, startMs: START_MS };
  const stopped = enterModelledTime(modelledTime);
  const { stripe, store, requests, lost, connect } = await modelledStripe({
    chance: chance.of("stripe"),
    time,
    processes,
    faults: faults.stripe,
    trace,
    met: meets("stripe"),
    deliver: (body, headers) => receiveWebhook(body, headers),
  }).finally(stopped);
  const deliveries = new Deliveries({
    chance: chance.of("deliveries"),
    time,
    changes: table.changes,
    faults: faults.deliveries,
    trace,
    met: meets("deliveries"),
    processFor,
    around,
    shards: options.shards ?? 4,
    readers: options.readers ?? ["outbox"],
    consumers: options.consumers ?? allConsumers.filter((consumer) => !isOfWati(consumer)).map(({ name }) => name),
  });
  const handlers = {
    api: await loadHandler("functions/api/handler.handler"),
    stripeWebhook: await loadHandler("functions/webhooks/stripe.handler"),
    schedules: new Map(await Promise.all(schedules.map(async ({ name, handler }) => [name, await loadHandler(handler)] as const))),
  };

  let asked = 0;
  async function request<T = Record<string, any>>(
    method: string,
    path: string,
    { body, headers = {}, process: lambda = processFor("api") }: { body?: unknown; headers?: Record<string, string>; process?: Process } = {},
  ): Promise<Answer<T>> {
    const event = httpEvent(
      method,
      path,
      { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body === undefined ? undefined : JSON.stringify(body),
      asked++,
    );
    const answer = (await lambda.call(() => handlers.api(event, lambdaContext("api")))) as {
      statusCode: number;
      headers?: Record<string, string>;
      body?: string;
    };
    const isJson = /json/.test(answer.headers?.["content-type"] ?? "");
    return { status: answer.statusCode, headers: answer.headers ?? {}, body: (isJson && answer.body ? JSON.parse(answer.body) : answer.body) as T };
  }

  async function receiveWebhook(body: string, headers: Record<string, string>): Promise<number> {
    const event = httpEvent("POST", "/webhooks/stripe", headers, body);
    try {
      const { statusCode } = (await processFor("webhook").call(() => handlers.stripeWebhook(event, lambdaContext("webhook")))) as { statusCode: number };
      return statusCode;
    } catch {
      return 502;
    }
  }

  /** Waits until nothing is on its way any more. @throws Error when that takes two days */
  async function settle(): Promise<void> {
    const givenUpAt = time.now + LONGEST_SETTLE_MS;
    for (let quietly = 0; quietly < 3; quietly++) {
      await stripe.idle();
      if (deliveries.busy()) quietly = -1;
      if (time.now > givenUpAt) throw new Error("things are still on their way after two days");
      await time.sleep(LOOK_AGAIN_MS);
    }
  }

  return {
    seed,
    /** Chance for the story; `chance.of("…")` for each of its actors. */
    chance: chance.of("story"),
    faults,
    table,
    stripe,
    /** Requests to Stripe by operation. */
    stripeRequests: requests,
    /** Ids of Stripe's events whose webhook never came. */
    lostWebhooks: lost,
    deliveries,
    trace,
    crashes: () => processes.crashes,
    /** The process that is running, if any: the story itself runs in none. */
    current: () => processes.current(),
    /** What went wrong by chance, and how often. */
    faultsMet: () => new Map([...faultsMet, ...[...table.meter.faults].map(([fault, times]) => [`table: ${fault}`, times] as const)]),
    /** What `violations` looks at. */
    world: { documents: client, tableName: tableName(), store },
    /** Epoch milliseconds by the true clock. */
    now: () => START_MS + time.now,
    sleep: (ms: number) => time.sleep(ms),
    /** A process of the story's own. */
    process: ({ name, skewMs }: { name: string; skewMs?: number }) => start(name, skewMs),
    request,
    /** Runs verbs as somebody, in a process (a function's own, when none is given). */
    as: <T>(actor: Actor, work: () => Promise<T>, inProcess: Process = processFor("verbs")): Promise<T> =>
      inProcess.call(() => {
        const requestId = newId("req");
        return withContext({ actor, requestId, correlationId: requestId }, work);
      }),
    /** Runs a schedule once. @throws Crash when it dies, and what it throws */
    schedule: (name: ScheduleName) => processFor(name).call(() => handlers.schedules.get(name)!({}, lambdaContext(name))),
    settle,
    /** From here on this goes wrong. */
    suffer({ crash, table: ofTable, stripe: ofStripe, deliveries: ofDeliveries }: NonNullable<SimulationOptions["faults"]>): void {
      Object.assign(faults.table, ofTable);
      Object.assign(faults.stripe, ofStripe);
      Object.assign(faults.deliveries, ofDeliveries);
      faults.crash = crash ?? faults.crash;
    },
    /** From here on nothing goes wrong any more. */
    quiet(): void {
      Object.assign(faults.table, NONE.table);
      Object.assign(faults.stripe, NONE.stripe);
      Object.assign(faults.deliveries, NONE.deliveries);
      faults.crash = 0;
    },
    /** Tells the story. @throws what it throws, with the seed that repeats it */
    async run<T>(story: () => Promise<T>): Promise<T> {
      if (running) throw new Error("a simulation is running in this process: await it first");
      running = true;
      const leave = [
        await deliveries.connect(),
        connect(),
        options.spareSdk ? table.replace(client, around) : table.install(client, around),
        enterModelledTime(modelledTime),
      ];
      try {
        const told = story();
        await time.until(told);
        return await told;
      } catch (error) {
        if (error instanceof Error)
          error.message = `${error.message}\nseed ${seed}, ${(time.now / 1_000).toFixed(3)} s after the beginning. The end of its history:\n${trace.last().slice(-15).join("\n")}`;
        throw error;
      } finally {
        for (const undo of leave.toReversed()) undo();
        running = false;
      }
    },
  };
}

export type Simulation = Awaited<ReturnType<typeof createSimulation>>;

function isOfWati({ name, secrets }: { name: string; secrets: readonly string[] }): boolean {
  return name.endsWith("-wati") || secrets.includes("WATI_ACCESS_TOKEN");
}

/** The n-th HTTP request as API Gateway hands it over, from an address of its own: a crowd is no single caller. */
function httpEvent(method: string, target: string, headers: Record<string, string>, body: string | undefined, n = 0) {
  const [path = "/", search = ""] = target.split("?", 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: search,
    headers: { host: "api.simulated", ...headers },
    ...(search ? { queryStringParameters: query } : {}),
    requestContext: {
      domainName: "api.simulated",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: `198.18.${(n >> 8) & 255}.${n & 255}`, userAgent: "simulation" },
      routeKey: "$default",
      stage: "$default",
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  };
}
