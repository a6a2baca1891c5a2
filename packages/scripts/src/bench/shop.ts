import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { keepAlive, type Answer, type Http } from "./http.ts";

/** What a shop's people do on a running stack, through its HTTP API only. */
export type Sale = { ticketTypeId: string; eventId: string };
export type Checkout = { order: { id: string; status: string; tickets: { id: string }[] }; payment: { paymentIntentId: string } | null; orderToken: string };
export type Refusal = { code: string };
export type Shop = Http & {
  /** A published event and the first of its types. In a shared room two types compete for the same seats: it is a pool too. */
  onSale(options: { seats: number; sharedRoom?: boolean }): Promise<Sale>;
  /** One purchase call by somebody who was never here before. */
  purchase(sale: Sale, quantity?: number): Promise<Answer<Checkout & Refusal>>;
  /** What the customer does at Stripe. @throws Error when the payment cannot be paid */
  pay(checkout: Checkout): Promise<void>;
};

const DAY_MS = 86_400_000;

export async function openShop(baseUrl: string): Promise<Shop> {
  const http = keepAlive(baseUrl);

  async function ok<T>(answer: Promise<Answer<T>>): Promise<T> {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  }
  const bearer = async (role: string) => ({
    authorization: `Bearer ${(await ok(http.send<{ token: string }>("POST", "/_local/token", { body: { role } }))).token}`,
  });
  const [organizer, admin] = await Promise.all([bearer("organizer"), bearer("admin")]);

  return {
    ...http,
    async onSale({ seats, sharedRoom = false }) {
      const [startsAt, endsAt] = [30, 31].map((days) => new Date(Date.now() + days * DAY_MS).toISOString());
      const venue = { name: "Palazzo delle Stelline", city: "Milano", country: "IT" };
      const show = { title: "Bench", startsAt, endsAt, timeZone: "Europe/Rome", venue, capacity: seats, currency: "EUR" };
      const event = await ok(http.send<{ id: string }>("POST", "/events", { headers: organizer, body: show }));
      const type = { eventId: event.id, name: "Standing", kind: "paid", basePrice: { amount: 4_500, currency: "EUR" }, quantityTotal: seats };
      const { id: ticketTypeId } = await ok(http.send<{ id: string }>("POST", "/tickets", { headers: organizer, body: type }));
      if (sharedRoom) await ok(http.send("POST", "/tickets", { headers: organizer, body: { ...type, name: "Seat" } }));
      await ok(http.send("POST", `/events/${event.id}/status`, { headers: organizer, body: { status: "review" } }));
      await ok(http.send("POST", `/events/${event.id}/status`, { headers: admin, body: { status: "published" } }));
      return { eventId: event.id, ticketTypeId };
    },
    purchase({ ticketTypeId }, quantity = 1) {
      const buyer = { name: "Anna Rossi", email: `anna-${randomUUID()}@example.com` };
      return http.send<Checkout & Refusal>("POST", `/tickets/${ticketTypeId}/purchase`, {
        headers: { "idempotency-key": randomUUID() },
        body: { quantity, buyer },
      });
    },
    async pay({ payment }) {
      await ok(http.send("POST", "/_local/pay", { body: { paymentIntentId: payment?.paymentIntentId, outcome: "succeed" } }));
    },
  };
}

type Envelope = { id: string; type: string; occurredAt: string; aggregate: { id: string } };

/** Tells when orders were fulfilled. */
export type Watch = {
  /** The instant (epoch ms) at which the order became fulfilled. @throws Error after two minutes without it */
  fulfilled(orderId: string): Promise<number>;
  close(): void;
};

const PATIENCE_MS = 120_000;
/** Events of one millisecond can be stored out of order: for whoever waits longer than this, we look as deep as we can. */
const LOOK_DEEPER_MS = 2_000;
const DEEPEST = 1_000;

/**
 * Reads the newest domain events every now and then, one cheap query for all buyers together: nobody polls an order. The
 * instant is the event's own, so how seldom we look changes no latency, only when a buyer comes back for the next purchase.
 */
export function watchFulfilled({ send }: Http, everyMs: number): Watch {
  const waiting = new Map<string, { resolve(at: number): void; reject(error: Error): void; since: number }>();
  let closed = false;
  let newest = "";
  let limit = 20;

  async function look(deep = false): Promise<void> {
    if (deep) limit = DEEPEST;
    const { body } = await send<{ items: Envelope[] }>("GET", `/_local/domain-events?limit=${limit}`);
    // The page may have missed some: look deeper now, and as deep from now on.
    const gap = newest !== "" && limit < DEEPEST && !body.items.some(({ id }) => id === newest);
    for (const { type, aggregate, occurredAt } of body.items) {
      if (type !== "order.fulfilled") continue;
      waiting.get(aggregate.id)?.resolve(Date.parse(occurredAt));
      waiting.delete(aggregate.id);
    }
    if (!gap) newest = body.items[0]?.id ?? "";
    limit = gap ? Math.min(DEEPEST, limit * 2) : limit;
    if (gap) await look();
  }

  async function run(): Promise<void> {
    while (!closed) {
      const longest = Math.max(0, ...[...waiting.values()].map(({ since }) => Date.now() - since));
      if (waiting.size > 0) await look(longest > LOOK_DEEPER_MS);
      for (const [orderId, { reject, since }] of waiting)
        if (Date.now() - since > PATIENCE_MS) reject(new Error(`${orderId} is not fulfilled after ${PATIENCE_MS} ms`));
      await sleep(everyMs);
    }
  }

  void run().catch((error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  return {
    fulfilled: (orderId) => new Promise((resolve, reject) => waiting.set(orderId, { resolve, reject, since: Date.now() })),
    close: () => void (closed = true),
  };
}
