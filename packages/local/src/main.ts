import { performance } from "node:perf_hooks";
import { ROLES } from "@fashionistas/core/actor";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startBackground } from "./background-thread.ts";
import { prepareDataDir } from "./data-dir.ts";
import { startEngine, tuneEngine } from "./engine.ts";
import { engineClient } from "./engine-client.ts";
import { baseEnvironment, LOCAL_RATE_LIMITS, setEnvironment } from "./environment.ts";
import { createIssuer, demoUser } from "./issuer.ts";
import { loadKeys, loadPersonKey } from "./keys.ts";
import { HELP, readOptions, type Options } from "./options.ts";
import { localRoutes } from "./local-routes.ts";
import { startServer } from "./server.ts";
import { localStore } from "./store.ts";
import { ensurePlainTable, ensureTable } from "./tables.ts";
import { createWebSockets } from "./websocket.ts";

/** `pnpm dev`: the whole product in one process group, ending by itself with whoever started it. */

const say = (text: string) => process.stdout.write(`${text}\n`);
const started = performance.now();
const step = (text: string) => say(`  ${String(Math.round(performance.now() - started)).padStart(5)} ms  ${text}`);

async function start({ port, dataDir, fresh, demo, endpoint }: Options): Promise<void> {
  const baseUrl = `http://127.0.0.1:${port}`;
  prepareDataDir(dataDir, fresh);
  const keys = loadKeys(dataDir);
  const engine = await startEngine({ dataDir, endpoint });
  process.on("exit", engine.stop);
  setEnvironment({ ...baseEnvironment(keys, { endpoint: engine.endpoint, baseUrl }), PERSON_KEY_FILE: loadPersonKey(dataDir) });
  const tableName = process.env["TABLE_NAME"]!;
  const client = new DynamoDBClient({ endpoint: engine.endpoint });
  const streamArn = await ensureTable(client, tableName);
  const localTable = `${tableName}-local`;
  await ensurePlainTable(client, localTable);
  await ensurePlainTable(client, process.env["KEYS_TABLE_NAME"]!);
  step(`engine     ${endpoint ?? `embedded, ${dataDir}`}`);

  const issuer = createIssuer(keys.issuerKey);
  const webSockets = createWebSockets();
  const background = await startBackground({ endpoint: engine.endpoint, streamArn, localTable, baseUrl });
  setEnvironment(background.environment);
  if (engine.dbPath) await tuneEngine(engine.dbPath, tableName, background.passedSequence);
  step(`vendors    Stripe ${process.env["STRIPE_API_BASE"]}, WATI ${process.env["WATI_API_BASE"]}`);

  const store = localStore(engineClient(engine.endpoint), localTable);
  const overview = {
    baseUrl,
    dataDir,
    engine: engine.endpoint,
    stripe: process.env["STRIPE_API_BASE"],
    wati: process.env["WATI_API_BASE"],
    firstTicketTypeId: "",
    firstEventId: "",
  };
  const local = localRoutes({ background, issuer, store, overview: () => ({ ...overview, connections: webSockets.count() }) });
  const server = await startServer({ port, local, webSockets });
  await import("@fashionistas/functions/api/handler");
  await background.ask({ ask: "start" });
  step("API, WebSockets, stream, bus and schedules");
  const limits = process.env["RATE_LIMITS"]!;
  step(`limits     ${limits} (${limits === LOCAL_RATE_LIMITS ? "ten times a stage's; RATE_LIMITS= changes them" : "by RATE_LIMITS"})`);

  if (demo) {
    const { loadDemo } = await import("./demo.ts");
    const first = await loadDemo(
      keys.PERSON_HASH_KEY,
      (done, of) => process.stdout.isTTY && process.stdout.write(`\r           demo data ${done}/${of}${done === of ? "\r\x1b[K" : ""}`),
    );
    Object.assign(overview, { firstEventId: first.eventId, firstTicketTypeId: first.ticketTypeId });
    step("demo data  a fashion week in Milano");
  }
  await announce(overview, issuer);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    say("\nStopping …");
    setTimeout(() => process.exit(0), 3_000).unref();
    webSockets.close();
    server.closeAllConnections();
    server.close();
    await background.stop().catch(() => undefined);
    process.exit(0);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
}

async function announce(
  { baseUrl, firstTicketTypeId, dataDir }: { baseUrl: string; firstTicketTypeId: string; dataDir: string },
  issuer: ReturnType<typeof createIssuer>,
): Promise<void> {
  const { personWithRole } = await import("./people.ts");
  for (const role of ROLES) await personWithRole(role, demoUser(role));
  const tokens = await Promise.all(ROLES.map(async (role) => `  ${role.padEnd(10)} ${await issuer.token(demoUser(role))}`));
  say(`
Fashionistas is running. Stop it with Ctrl-C; everything is kept in ${dataDir}.

  API         ${baseUrl}           docs ${baseUrl}/docs
  WebSocket   ${baseUrl.replace("http", "ws")}/ws/tickets      (POST /realtime/tickets gives the URL)
  What happens here   ${baseUrl}/_local/

Tokens of the demo users (12 hours; more with POST ${baseUrl}/_local/token {"role":"organizer"}):
${tokens.join("\n")}
`);
  if (!firstTicketTypeId) return;
  say(`Buy two tickets: copy and paste

  ORDER=$(curl -s ${baseUrl}/tickets/${firstTicketTypeId}/purchase -H 'content-type: application/json' -d '{"quantity":2,"buyer":{"name":"Anna Rossi","email":"anna@example.com","phone":"+39 333 1234567"},"whatsappOptIn":true}') && echo "$ORDER" && curl -s ${baseUrl}/_local/pay -H 'content-type: application/json' -d "{\\"paymentIntentId\\":\\"$(echo "$ORDER" | grep -o 'pi_[A-Za-z0-9]*' | head -1)\\"}" && sleep 1 && curl -s ${baseUrl}/orders/$(echo "$ORDER" | grep -o 'ord_[A-Z0-9]*' | head -1) -H "Order-Token: $(echo "$ORDER" | sed 's/.*"orderToken":"\\([^"]*\\)".*/\\1/')"
`);
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === "help") say(HELP);
  else await start(options);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
