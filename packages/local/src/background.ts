import { parentPort, workerData } from "node:worker_threads";
import { consumers } from "@fashionistas/functions/consumers/manifest";
import { schedules } from "@fashionistas/functions/schedules/manifest";
import { streamReaders } from "@fashionistas/functions/streams/manifest";
import { startStripeFake } from "@fashionistas/integrations/stripe/fake";
import { SUBSCRIBED_EVENTS } from "@fashionistas/integrations/stripe/webhook";
import { startWatiFake } from "@fashionistas/integrations/wati/fake";
import { createBus } from "./bus.ts";
import { engineClient } from "./engine-client.ts";
import { setEnvironment } from "./environment.ts";
import { createScheduler } from "./scheduler.ts";
import { localStore } from "./store.ts";
import { createStreamPump } from "./stream-pump.ts";

/**
 * Everything that happens behind the API: vendors, stream, bus, consumers, schedules. It runs in a thread of its own, so
 * that answering buyers never waits for it.
 */
export type BackgroundData = { endpoint: string; streamArn: string; localTable: string; baseUrl: string };
export type Question =
  | { id: number; ask: "pay"; paymentIntentId: string; outcome: "succeed" | "decline" | "processing"; paymentMethod?: string }
  | { id: number; ask: "messages" }
  | { id: number; ask: "start" }
  | { id: number; ask: "close" };

export type BackgroundEnvironment = Record<"AWS_ENDPOINT_URL_EVENTBRIDGE" | "STRIPE_API_BASE" | "WATI_API_BASE", string>;

if (parentPort) await serve(workerData as BackgroundData);

async function serve({ endpoint, streamArn, localTable, baseUrl }: BackgroundData): Promise<void> {
  const env = (name: string) => process.env[name] ?? "";
  const engine = engineClient(endpoint);
  const store = localStore(engine, localTable);
  const enforceRateLimits = env("FAKE_RATE_LIMITS") === "1";
  const stripe = await startStripeFake({
    store,
    secretKey: env("STRIPE_SECRET_KEY"),
    webhookSecret: env("STRIPE_WEBHOOK_SECRET").split(",")[0]!,
    webhookUrl: () => `${baseUrl}/webhooks/stripe`,
    enabledEvents: SUBSCRIBED_EVENTS,
    enforceRateLimits,
  });
  const wati = await startWatiFake({
    store,
    accessToken: env("WATI_ACCESS_TOKEN"),
    tenantId: env("WATI_TENANT_ID"),
    webhookUrl: () => `${baseUrl}/webhooks/wati/${env("WATI_WEBHOOK_TOKEN")}`,
    enforceRateLimits,
  });
  const bus = await createBus({ store, consumers });
  const environment: BackgroundEnvironment = { AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url, STRIPE_API_BASE: stripe.url, WATI_API_BASE: wati.url };
  setEnvironment(environment);
  const pump = await createStreamPump({ engine, streamArn, readers: streamReaders, store });
  const scheduler = createScheduler({ store, schedules, onError: (name, error) => process.stderr.write(`schedule ${name} failed: ${String(error)}\n`) });

  const answers: { [Q in Question as Q["ask"]]: (question: Q) => Promise<unknown> } = {
    async start() {
      await bus.start();
      pump.start();
      scheduler.start();
    },
    async pay({ paymentIntentId, outcome, paymentMethod }) {
      // What the customer's browser does, or their bank when it has been asked already.
      const standing = await store.get<{ intent: { status: string } }>("stripe_payment_intents", paymentIntentId);
      return standing?.intent.status === "processing" && outcome !== "processing"
        ? stripe.settle(paymentIntentId, outcome)
        : stripe.pay(paymentIntentId, outcome, paymentMethod ? { paymentMethod } : {});
    },
    messages: () => wati.messages(),
    async close() {
      scheduler.close();
      await Promise.all([pump.close(), bus.close(), stripe.close(), wati.close()]);
    },
  };
  parentPort?.on("message", (question: Question) => {
    (answers[question.ask] as (question: Question) => Promise<unknown>)(question).then(
      (result) => parentPort?.postMessage({ id: question.id, result }),
      (error: unknown) => parentPort?.postMessage({ id: question.id, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  parentPort?.postMessage({ ready: environment, passedSequence: pump.passed() });
}
