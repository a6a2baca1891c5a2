import { setHttpClient } from "@fashionistas/integrations/stripe/client";
import { openStripe, type OpenStripe } from "@fashionistas/integrations/stripe/fake";
import type { FakeStore } from "@fashionistas/integrations/fake-store";
import { SUBSCRIBED_EVENTS } from "@fashionistas/integrations/stripe/webhook";
import type Stripe from "stripe";
import type { Chance } from "./chance.ts";
import type { Clockwork } from "./clockwork.ts";
import type { Processes } from "./processes.ts";
import type { Trace } from "./trace.ts";

/** How often something goes wrong between us and Stripe, as shares of the requests and of the deliveries. */
export type StripeFaults = {
  /** The request is never answered; whether it was done, nobody knows. */
  ambiguous: number;
  /** 500 without anything done. */
  broken: number;
  /** The webhook is delivered once more, later. */
  twice: number;
  /** The webhook never comes, and Stripe believes that it did. */
  lost: number;
  /** How late a webhook comes, at most. */
  lateMs: number;
};

type HttpAnswer = Awaited<ReturnType<Stripe.HttpClient["makeRequest"]>>;

export type Deliver = (body: string, headers: Record<string, string>) => Promise<number>;

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Stripe in modelled time: the SDK of the product speaks to the stand-in without a socket, and the stand-in's webhooks are
 * delivered late, twice and out of order, as `faults` say.
 */
export async function modelledStripe({
  chance,
  time,
  processes,
  faults,
  deliver,
  trace,
  met,
}: {
  chance: Chance;
  time: Clockwork;
  processes: Processes;
  faults: StripeFaults;
  deliver: Deliver;
  trace: Trace;
  /** Told of every fault that is met. */
  met: (fault: keyof StripeFaults) => void;
}): Promise<{ stripe: OpenStripe; store: FakeStore; requests: Map<string, number>; lost: Set<string>; connect(): () => void }> {
  const store = storeInMemory();
  const draws = { requests: chance.of("requests"), webhooks: chance.of("webhooks") };
  const requests = new Map<string, number>();
  const lost = new Set<string>();
  const unlucky = (fault: Exclude<keyof StripeFaults, "lateMs">, draw: Chance) => {
    const isMet = draw.is(faults[fault]);
    if (isMet) met(fault);
    return isMet;
  };
  const stripe = await openStripe({
    store,
    secretKey: process.env["STRIPE_SECRET_KEY"]!,
    webhookSecret: process.env["STRIPE_WEBHOOK_SECRET"]!,
    webhookUrl: () => "",
    enabledEvents: SUBSCRIBED_EVENTS,
    async post(body, headers) {
      if (unlucky("lost", draws.webhooks)) {
        lost.add((JSON.parse(body) as { id: string }).id);
        return 200;
      }
      if (unlucky("twice", draws.webhooks)) time.after(draws.webhooks.next() * faults.lateMs * 2, () => void deliver(body, headers));
      await time.sleep(5 + draws.webhooks.next() * faults.lateMs);
      return deliver(body, headers);
    },
  });

  async function makeRequest(_: string, __: string, path: string, method: string, headers: object, body: string): Promise<HttpAnswer> {
    const [pathname = "/", search = ""] = path.split("?", 2);
    const operation = `${method} ${pathname.replace(/\/(pi|ch|re|du)_[^/]+/, "/:id")}`;
    requests.set(operation, (requests.get(operation) ?? 0) + 1);
    return processes.around(async () => {
      await time.sleep(40 + draws.requests.exponential(40));
      if (unlucky("broken", draws.requests)) return answer(500, {}, `{"error":{"type":"api_error","message":"broken by chance"}}`);
      const unheard = unlucky("ambiguous", draws.requests);
      if (unheard && draws.requests.is(0.5)) return timeout(time);
      const lowered = Object.fromEntries(Object.entries(headers as Record<string, string>).map(([name, value]) => [name.toLowerCase(), String(value)]));
      const reply = await stripe.handle({ method, path: pathname, query: new URLSearchParams(search), headers: lowered, body: body || "" });
      trace.add(time.now, `stripe ${operation} ${reply.status}${unheard ? " lost" : ""}`);
      if (unheard) return timeout(time);
      await time.sleep(40 + draws.requests.exponential(40));
      return answer(reply.status, reply.headers ?? {}, reply.body ?? "");
    });
  }

  return {
    stripe,
    store,
    requests,
    lost,
    connect() {
      setHttpClient({ getClientName: () => "model", makeRequest } as Stripe.HttpClient);
      return () => setHttpClient(undefined);
    },
  };
}

async function timeout(time: Clockwork): Promise<never> {
  await time.sleep(REQUEST_TIMEOUT_MS);
  throw Object.assign(new TypeError("Request timed out"), { code: "ETIMEDOUT" });
}

function answer(status: number, headers: Record<string, string>, body: string): HttpAnswer {
  return {
    getStatusCode: () => status,
    getHeaders: () => headers,
    getRawResponse: () => ({ body }),
    toStream: () => {
      throw new Error("the product reads no streams from Stripe");
    },
    toJSON: async () => JSON.parse(body) as unknown,
  };
}

/** A store as durable as the simulation itself: what it keeps shares nothing with what it was given. */
export function storeInMemory(): FakeStore {
  const collections = new Map<string, Map<string, string>>();
  const of = (collection: string) => collections.get(collection) ?? collections.set(collection, new Map()).get(collection)!;
  const read = <T>(text: string | undefined) => (text === undefined ? undefined : (JSON.parse(text) as T));
  const put = (collection: string, id: string, value: unknown) => void of(collection).set(id, JSON.stringify(value));
  return {
    get: async <T>(collection: string, id: string) => read<T>(of(collection).get(id)),
    put: async (collection, id, value) => put(collection, id, value),
    putAll: async (entries) => entries.forEach(({ collection, id, value }) => put(collection, id, value)),
    remove: async (collection, id) => void of(collection).delete(id),
    list: async <T>(collection: string) => [...of(collection)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, text]) => ({ id, value: read<T>(text)! })),
  };
}
