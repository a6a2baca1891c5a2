import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { consumers } from "@fashionistas/functions/consumers/manifest";
import { streamReaders } from "@fashionistas/functions/streams/manifest";
import { startBackground } from "@fashionistas/local/background-thread";
import { createBus } from "@fashionistas/local/bus";
import { setEnvironment } from "@fashionistas/local/environment";
import { createIssuer } from "@fashionistas/local/issuer";
import { localRoutes } from "@fashionistas/local/local-routes";
import { startServer } from "@fashionistas/local/server";
import { engineClient } from "@fashionistas/local/engine-client";
import { localStore } from "@fashionistas/local/store";
import { createStreamPump } from "@fashionistas/local/stream-pump";
import { createWebSockets } from "@fashionistas/local/websocket";
import { atMost, sized, type Bench, type Budget, type Section } from "./report.ts";
import { openShop, type Shop } from "./shop.ts";
import { freePort } from "./stack.ts";
import { ownTable } from "./table.ts";

/**
 * Capacity units and database calls per paid purchase, row by row as the budgets in the inventory's design are written. The
 * whole product runs in this process, so that each call of core's client can be asked which verb makes it; what the local
 * bus, pump and vendor fakes call goes through a tap that counts, and is no part of the product.
 */
export const calls: Section = async (bench) => {
  const world = await startWorld();
  try {
    const many = sized(bench, 50, 20, 3);
    for (const sharedRoom of [false, true]) {
      bench.say(`${many} purchases${sharedRoom ? " in a shared room" : ""}`);
      const { product, local } = await world.during(async (shop) => {
        // Far more seats than buyers: what is counted is the way while there is stock.
        const sale = await shop.onSale({ seats: many * SEATS_PER_PURCHASE, sharedRoom });
        await world.quiet();
        return async () => {
          for (let n = 0; n < many; n++) {
            const { status, body } = await shop.purchase(sale);
            if (status !== 201) throw new Error(`purchase: ${status} ${JSON.stringify(body)}`);
            await shop.pay(body);
          }
        };
      });
      report(bench, sharedRoom ? 2 : 1, many, product, local);
    }
  } finally {
    await world.stop();
  }
};

const SEATS_PER_PURCHASE = 32;

type Call = { row: Row; read: number; write: number };

/** Rows as the budgets name them; request and webhook are what somebody waits for. */
const ROWS = [
  "look-ups",
  "claim",
  "start payment",
  "confirm",
  "envelope",
  "payment recorded",
  "paid transaction",
  "inbox",
  "webhook look-ups",
  "relay",
  "other consumers",
  "availability ticks",
] as const;
type Row = (typeof ROWS)[number];
const REQUEST: readonly Row[] = ["look-ups", "claim", "start payment", "envelope", "payment recorded"];
const WEBHOOK: readonly Row[] = ["confirm", "paid transaction", "inbox", "webhook look-ups"];
const AFTER: readonly Row[] = ["inbox", "relay", "other consumers"];

function report({ figure }: Bench, pools: number, purchases: number, product: readonly Call[], local: Map<string, number>): void {
  const title = pools === 1 ? "one pool" : `${pools} pools`;
  const sum = (rows: readonly Row[], of: (call: Call) => number) =>
    product.filter(({ row }) => rows.includes(row)).reduce((total, call) => total + of(call), 0) / purchases;
  const line = (name: string, rows: readonly Row[], budgets: { calls?: Budget; write?: Budget } = {}) => {
    const each: { what: string; unit: string; value: number; budget?: Budget | undefined }[] = [
      { what: "calls", unit: "calls", value: sum(rows, () => 1), budget: budgets.calls },
      { what: "write units", unit: "units", value: sum(rows, ({ write }) => write), budget: budgets.write },
      { what: "read units", unit: "units", value: sum(rows, ({ read }) => read) },
    ];
    for (const { what, unit, value, budget } of each) if (value > 0 || budget) figure(`${title}, ${name}: ${what}`, value, unit, budget);
  };
  for (const row of ["claim", "start payment", "confirm"] as const) line(`stock, ${row}`, [row], { calls: atMost(pools), write: atMost(pools) });
  // Four of them are the buyer's: a sealed person and their key, and one more for each index they are found by.
  line("envelope", ["envelope"], { calls: atMost(4), write: atMost(14) });
  // With a second claim the order is larger than 1 KB: more units for itself, and one for each index it is in.
  line("paid transaction", ["paid transaction"], { calls: atMost(1), write: atMost(20 + 3 * (pools - 1)) });
  line("after (inbox, relay, consumers)", AFTER, { write: atMost(14) });
  for (const row of ["look-ups", "payment recorded", "inbox", "webhook look-ups", "relay", "other consumers", "availability ticks"] as const) line(row, [row]);
  line("reservation", ["look-ups", "claim", "envelope"]);
  line("request", REQUEST);
  line("webhook", WEBHOOK);
  line("request and webhook", [...REQUEST, ...WEBHOOK], { calls: atMost(13 + 3 * (pools - 1)) });
  line("everything", ROWS);
  for (const [name, count] of [...local].sort()) figure(`${title}, not the product: ${name}`, count / purchases, "calls");
}

type Wire = {
  TableName?: string;
  Key?: Item;
  Item?: Item;
  UpdateExpression?: string;
  ExpressionAttributeValues?: Record<string, Value>;
  TransactItems?: Record<string, Wire>[];
};
type Value = string | { S?: string };
type Item = Record<string, Value>;
const textOf = (value: Value | undefined) => (typeof value === "string" ? value : value?.S) ?? "";

/** Which row a call belongs to: by who runs, then by the first key it touches. */
function rowOf(input: Wire, command: string, who: { actor: string; verb: string }): Row {
  if (who.actor === "system:projections") return "availability ticks";
  if (who.actor === "system:relay") return "relay";
  if (who.verb.startsWith("webhook.")) return "inbox";
  if (who.actor.startsWith("system:") && who.actor !== "system:process-stripe") return "other consumers";
  if (command === "TransactWriteItemsCommand")
    return who.verb === "order.mark_paid" ? "paid transaction" : who.verb === "order.record_intent" ? "payment recorded" : "envelope";
  const writes = !/^(Get|Query|BatchGet)/.test(command);
  if (!writes) return who.actor === "system:process-stripe" ? "webhook look-ups" : "look-ups";
  if (!textOf((input.Key ?? input.Item)?.["pk"]).startsWith("POOL#")) return "envelope";
  if (/\ba\b/.test(input.UpdateExpression ?? "")) return "claim";
  return Object.values(input.ExpressionAttributeValues ?? {}).some((value) => textOf(value) === "s") ? "confirm" : "start payment";
}

async function startWorld() {
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const table = await ownTable(baseUrl);
  const tap = await startTap(table.endpoint);
  const engine = engineClient(tap.url);
  const store = localStore(engine, table.localTable);
  const bus = await createBus({ store, consumers });
  process.env["AWS_ENDPOINT_URL_EVENTBRIDGE"] = bus.url;
  const issuer = createIssuer(table.keys.issuerKey);
  const webSockets = createWebSockets();
  // It is never told to start: of the background only the vendors run in their thread, stream and bus run here.
  const background = await startBackground({ endpoint: tap.url, streamArn: table.streamArn, localTable: table.localTable, baseUrl });
  setEnvironment(background.environment);
  const server = await startServer({ port, webSockets, local: localRoutes({ background, issuer, store, overview: () => ({}) }) });
  const pump = await createStreamPump({ engine, streamArn: table.streamArn, readers: streamReaders, store });
  await bus.start();
  const product: Call[] = [];
  await observe((call) => product.push(call));
  const shop = await openShop(baseUrl);

  async function quiet(): Promise<void> {
    for (let rounds = 0, before = -1; rounds < 8; rounds++) {
      await pump.drain();
      await bus.drain();
      await sleep(40);
      const now = product.length + tap.writes();
      if (now !== before) rounds = 0;
      before = now;
    }
  }

  return {
    quiet,
    /** The calls that the prepared work causes, down to its last consequence. */
    async during(prepare: (shop: Shop) => Promise<() => Promise<void>>) {
      const work = await prepare(shop);
      product.length = 0;
      tap.counts.clear();
      await work();
      await quiet();
      return { product: [...product], local: new Map(tap.counts) };
    },
    async stop() {
      shop.close();
      webSockets.close();
      server.closeAllConnections();
      server.close();
      await Promise.all([pump.close(), bus.close()]);
      await background.stop();
      tap.close();
      table.stop();
    },
  };
}

/** Asks the engine what each call of core's client consumes, and the running context who makes it. */
async function observe(note: (call: Call) => void): Promise<void> {
  const { client } = await import("@fashionistas/core/db/client");
  const { context } = await import("@fashionistas/core/context");
  const { actorRef } = await import("@fashionistas/core/actor");
  const who = () => {
    const { actor, audit } = context();
    const { kind, id } = actorRef(actor);
    return { actor: `${kind}:${id ?? ""}`, verb: audit?.action ?? "" };
  };
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const input = args.input as Wire & { ReturnConsumedCapacity?: string };
        input.ReturnConsumedCapacity = "TOTAL";
        const row = rowOf(input, commandName, who());
        const reads = /^(Get|Query|BatchGet)/.test(commandName);
        try {
          const result = await next(args);
          const consumed = [(result.output as { ConsumedCapacity?: Capacity | Capacity[] }).ConsumedCapacity ?? []].flat();
          const units = consumed.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
          note({ row, read: reads ? units : 0, write: reads ? 0 : units });
          return result;
        } catch (error) {
          // A refused condition costs a unit all the same.
          note({ row, read: 0, write: reads ? 0 : 1 });
          throw error;
        }
      },
    { step: "initialize", priority: "low", name: "bench" },
  );
}

type Capacity = { CapacityUnits?: number };

/** Passes the local machinery's calls on to the engine and counts them. */
async function startTap(endpoint: string): Promise<{ url: string; counts: Map<string, number>; writes(): number; close(): void }> {
  const counts = new Map<string, number>();
  const { hostname, port } = new URL(endpoint);
  const server: Server = createServer((incoming, outgoing) => {
    const target = String(incoming.headers["x-amz-target"] ?? "");
    const [api = "", operation = ""] = target.split(".");
    const name = api.startsWith("DynamoDBStreams") ? "stream reads" : operation;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const passed = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    writes: () => [...counts].reduce((sum, [name, count]) => sum + (name === "stream reads" ? 0 : count), 0),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
