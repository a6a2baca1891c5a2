import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Role } from "@fashionistas/core/actor";
import { consumers } from "@fashionistas/functions/consumers/manifest";
import { schedules } from "@fashionistas/functions/schedules/manifest";
import { streamReaders } from "@fashionistas/functions/streams/manifest";
import { startStripeFake } from "@fashionistas/integrations/stripe/fake";
import type { FakeStore } from "@fashionistas/integrations/fake-store";
import { SUBSCRIBED_EVENTS } from "@fashionistas/integrations/stripe/webhook";
import { startWatiFake } from "@fashionistas/integrations/wati/fake";
import { createBus } from "@fashionistas/local/bus";
import { engineClient } from "@fashionistas/local/engine-client";
import { createIssuer, demoUser, LOCAL_ISSUER, type Claims } from "@fashionistas/local/issuer";
import { personWithRole } from "@fashionistas/local/people";
import { createScheduler } from "@fashionistas/local/scheduler";
import { startServer } from "@fashionistas/local/server";
import { localStore } from "@fashionistas/local/store";
import { createStreamPump } from "@fashionistas/local/stream-pump";
import { ensurePlainTable, ensureTable } from "@fashionistas/local/tables";
import { createWebSockets } from "@fashionistas/local/websocket";
import { afterAll, inject } from "vitest";
import { tune } from "./tune.ts";

export type Answer<T> = { status: number; headers: Headers; body: T };
type Ask = { token?: string; body?: unknown; headers?: Record<string, string> };

/**
 * The whole product in this process, on a table of its own: the deployed handlers behind HTTP, the vendors' stand-ins, and a
 * stream and a bus that move only when told to. `settle()` lets everything that was caused happen. `vendors`: where the stand-ins keep
 * what is theirs, when it must not be in the engine.
 */
export async function startWorld({ vendors }: { vendors?: FakeStore } = {}) {
  const endpoint = inject("endpoint");
  const client = new DynamoDBClient({ endpoint });
  const documents = DynamoDBDocumentClient.from(client);
  const tableName = process.env["TABLE_NAME"]!;
  const streamArn = await ensureTable(client, tableName);
  await ensurePlainTable(client, `${tableName}-local`);
  await ensurePlainTable(client, process.env["KEYS_TABLE_NAME"]!);
  tune(inject("engineFile"));
  const engine = engineClient(endpoint);
  const store = localStore(engine, `${tableName}-local`);

  const webSockets = createWebSockets();
  const issuer = createIssuer(process.env["TEST_ISSUER_KEY"]!);
  const server = await startServer({
    port: 0,
    webSockets,
    local: async (request, response) => {
      if (request.url !== "/_local/jwks.json") return false;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(await issuer.jwks()));
      return true;
    },
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stripe = await startStripeFake({
    store: vendors ?? store,
    secretKey: process.env["STRIPE_SECRET_KEY"]!,
    webhookSecret: process.env["STRIPE_WEBHOOK_SECRET"]!,
    webhookUrl: () => `${baseUrl}/webhooks/stripe`,
    enabledEvents: SUBSCRIBED_EVENTS,
  });
  const wati = await startWatiFake({
    store: vendors ?? store,
    accessToken: process.env["WATI_ACCESS_TOKEN"]!,
    tenantId: "1000",
    webhookUrl: () => `${baseUrl}/webhooks/wati/${process.env["WATI_WEBHOOK_TOKEN"]}`,
  });
  const bus = await createBus({ store, consumers });
  Object.assign(process.env, {
    AUTH_ISSUER: LOCAL_ISSUER,
    AUTH_JWKS_URL: `${baseUrl}/_local/jwks.json`,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    STRIPE_API_BASE: stripe.url,
    WATI_API_BASE: wati.url,
    WEBSOCKET_URL: `${baseUrl.replace("http", "ws")}/ws/{channel}?ticket={ticket}`,
    WEBSOCKET_API_ENDPOINT: `${baseUrl}/_local/websocket`,
  });
  const pump = await createStreamPump({ engine, streamArn, readers: streamReaders, store });
  const scheduler = createScheduler({ store, schedules, onError: () => {} });

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      const before = pump.passed();
      await Promise.all([stripe.idle(), wati.idle()]);
      await pump.drain();
      await bus.drain();
      await Promise.all([stripe.idle(), wati.idle()]);
      if (pump.passed() !== before) quiet = -1;
    }
  }

  async function request<T = Record<string, never>>(method: string, path: string, { token, body, headers = {} }: Ask = {}): Promise<Answer<T>> {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, body: (isJson && text ? JSON.parse(text) : text) as T };
  }

  const roles = new Map<string, Role>();
  const world = {
    baseUrl,
    documents,
    tableName,
    store,
    stripe,
    wati,
    bus,
    pump,
    webSockets,
    settle,
    request,
    runSchedule: (name: (typeof schedules)[number]["name"]) => scheduler.run(name),
    /** A token of somebody with this role: of the role's demo user, or of whoever the issuer calls `subject`. */
    async tokenOf(role: Role, subject = demoUser(role)): Promise<string> {
      // Once: a test may have taken the table away meanwhile.
      if (roles.get(subject) !== role) await personWithRole(role, subject);
      roles.set(subject, role);
      return issuer.token(subject);
    },
    /** A token of whoever the issuer calls so, with these claims. */
    issuerToken: (subject: string, claims: Claims) => issuer.token(subject, claims),
    async stop() {
      await Promise.all([stripe.close(), wati.close(), pump.close(), bus.close()]);
      webSockets.close();
      server.closeAllConnections();
      server.close();
    },
  };
  afterAll(() => world.stop());
  return world;
}

export type World = Awaited<ReturnType<typeof startWorld>>;
