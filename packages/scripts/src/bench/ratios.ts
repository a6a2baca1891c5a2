import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { atLeast, percentile, sized, type Bench, type Section } from "./report.ts";
import { updateItem } from "./sdk.ts";
import { ownTable } from "./table.ts";

const AT_ONCE = 32;
const BUCKET_SEATS = 16;
const LAP_SEATS = AT_ONCE * BUCKET_SEATS;
/** Stock is laid out for a machine as fast as this. */
const FASTEST_PER_MS = 4;
const PRICE = { amount: 4_500, currency: "EUR" as const };

/** Does it once. What is done together is measured in turns, so that a busy neighbour or a growing table disturbs all alike. */
type Work = { name: string; run(): Promise<unknown>; done: number; calls: number; rates: number[] };

/**
 * How much of the engine's bare speed the product's own code leaves, in one process at one concurrency: conditional updates
 * without anything of ours, the same update as Pool.claim, reservations, and paid purchases. Reservation and purchase make
 * all database calls that the API, the webhook and its consumer make; HTTP, Stripe and the stream are left out.
 */
export const ratios: Section = async (bench) => {
  const table = await ownTable("http://127.0.0.1:1");
  try {
    await measure(bench, table.tableName);
  } finally {
    table.stop();
  }
};

async function measure({ say, figure, ...bench }: Bench, TableName: string): Promise<void> {
  const rounds = sized(bench, 8, 5, 1);
  const sliceMs = sized(bench, 1_500, 500, 100);
  const { client } = await import("@fashionistas/core/db/client");
  const Pool = await import("@fashionistas/core/pool");
  const { newId } = await import("@fashionistas/core/id");
  const shop = await openCore();
  let calls = 0;
  client.middlewareStack.add((next) => (args) => ((calls += 1), next(args)), { step: "initialize", name: "bench" });

  const seats = (Math.ceil(((rounds + 1) * sliceMs * FASTEST_PER_MS) / LAP_SEATS) + 1) * LAP_SEATS;
  say(`laying out ${seats} seats three times`);
  const eventId = newId("evt");
  for (const poolId of ["bare", "claimed"]) await Pool.fit({ poolId, eventId, groups: 1, seats }, seats, 0);
  const typeId = await shop.onSale(seats);
  const expiresAtS = Math.floor(Date.now() / 1_000) + 900;
  let bare = 0;
  let claimed = 0;

  const works: Work[] = [
    {
      name: "bare conditional updates",
      // The same change of the same item as Pool.claim makes.
      run: () =>
        client.send(
          updateItem({
            TableName,
            Key: { pk: "POOL#bare#G0", sk: `B#${String(bucketOf(bare++)).padStart(6, "0")}` },
            UpdateExpression: "SET a = a - :q, m.#order = :claim",
            ConditionExpression: "a >= :q AND attribute_not_exists(m.#order)",
            ExpressionAttributeNames: { "#order": newId("ord") },
            ExpressionAttributeValues: { ":q": 1, ":claim": { q: 1, s: "h", e: expiresAtS } },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        ),
    },
    { name: "claims", run: () => Pool.claim({ poolId: "claimed", group: 0, bucket: bucketOf(claimed++), q: 1 }, newId("ord"), expiresAtS) },
    { name: "reservations", run: () => shop.reserve(typeId) },
    { name: "paid purchases", run: () => shop.buy(typeId) },
  ].map((work) => ({ ...work, done: 0, calls: 0, rates: [] }));

  const slice = async (work: Work, ms: number) => {
    const before = { done: work.done, calls };
    const startedAt = performance.now();
    const worker = async () => {
      for (; performance.now() - startedAt < ms; work.done++) await work.run();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    work.calls += calls - before.calls;
    return ((work.done - before.done) * 1_000) / (performance.now() - startedAt);
  };
  // The first turn warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? "warming up" : `round ${round} of ${rounds}`);
    for (const work of works) {
      const rate = await slice(work, sliceMs);
      if (round > 0) work.rates.push(rate);
      else Object.assign(work, { done: 0, calls: 0 });
    }
  }
  report(figure, works);
}

/** Neighbours at the counter take neighbouring buckets, and each bucket once per seat. */
function bucketOf(n: number): number {
  return Math.floor(n / LAP_SEATS) * AT_ONCE + (n % AT_ONCE);
}

function report(figure: Bench["figure"], works: readonly Work[]): void {
  const budgets: Record<string, number> = { claims: 0.8, reservations: 0.5, "paid purchases": 0.4 };
  const [bare] = works;
  for (const { name, rates, calls, done } of works) {
    figure(`${name} per second`, percentile(rates, 0.5), "1/s");
    const budget = budgets[name];
    if (budget === undefined) continue;
    const each = calls / done;
    if (name !== "claims") figure(`${name}, database calls each`, each, "calls");
    // Turn by turn against the bare turn beside it.
    const ratio = percentile(
      rates.map((rate, i) => (rate * each) / bare!.rates[i]!),
      0.5,
    );
    figure(`${name}${name === "claims" ? "" : " × calls"} to bare`, ratio, "of bare", atLeast(budget));
  }
}

/** The verbs of a purchase as API, webhook and consumer call them, and the calls those make around them. */
async function openCore() {
  await import("@fashionistas/functions/personal-data");
  const { withContext } = await import("@fashionistas/core/context");
  const { personIn } = await import("@fashionistas/core/actor");
  const { newId } = await import("@fashionistas/core/id");
  const Event = await import("@fashionistas/core/event");
  const Idempotency = await import("@fashionistas/core/idempotency");
  const Order = await import("@fashionistas/core/order");
  const RateLimit = await import("@fashionistas/core/rate-limit");
  const TicketType = await import("@fashionistas/core/ticket-type");
  const Webhook = await import("@fashionistas/core/webhook");
  type Actor = Parameters<typeof withContext>[0]["actor"];

  const as = <T>(actor: Actor, work: () => Promise<T>) => withContext({ actor, requestId: newId("req"), correlationId: newId("req") }, work);
  const organizer: Actor = personIn("admin", "usr_bench");
  const input = (ticketTypeId: string, startsPayment: boolean) => {
    const buyer = { name: "Anna Rossi", email: `anna-${randomUUID()}@example.com` };
    return { lines: [{ ticketTypeId, quantity: 1 }], buyer, whatsappOptIn: false, mayStartPayment: () => Promise.resolve(startsPayment) };
  };
  const place = (ticketTypeId: string, startsPayment: boolean) => {
    const body = input(ticketTypeId, startsPayment);
    return Idempotency.once({
      scope: "bench",
      key: randomUUID(),
      body,
      newResourceId: newId("ord"),
      run: (orderId) => Order.place({ ...body, orderId }),
      repeat: (orderId) => Order.find(orderId),
    });
  };

  return {
    async onSale(seats: number): Promise<string> {
      const [startsAt, endsAt] = [30, 31].map((days) => new Date(Date.now() + days * 86_400_000).toISOString()) as [string, string];
      return as(organizer, async () => {
        const venue = { name: "Palazzo delle Stelline", city: "Milano", country: "IT" };
        const event = await Event.create({ title: "Bench", startsAt, endsAt, timeZone: "Europe/Rome", venue, capacity: seats, currency: "EUR" });
        const type = await TicketType.create({ eventId: event.id, name: "Standing", kind: "paid", basePrice: PRICE, quantityTotal: seats });
        await Event.changeStatus({ eventId: event.id, status: "review" });
        await Event.changeStatus({ eventId: event.id, status: "published" });
        return type.id;
      });
    },
    reserve: (ticketTypeId: string) => as({ kind: "public" }, () => place(ticketTypeId, false)),
    async buy(ticketTypeId: string) {
      const intentId = `pi_${randomUUID().replaceAll("-", "")}`;
      const order = await as({ kind: "public" }, async () => {
        await RateLimit.take("stripe", { limit: 2_000, seconds: 1, batch: 10 });
        return Order.recordIntent({ order: await place(ticketTypeId, true), attempt: 1, intentId });
      });
      const { orderId, amount, currency } = order;
      const received = { vendor: "stripe" as const, externalId: `evt_${randomUUID().replaceAll("-", "")}`, type: "payment_intent.succeeded" };
      await as({ kind: "webhook", vendor: "stripe" }, () => Webhook.receive({ ...received, facts: { objectId: intentId, objectType: "payment_intent" } }));
      await as({ kind: "system", name: "process-stripe" }, () => Order.markPaid({ orderId, attempt: 1, intentId, amount, currency }));
    },
  };
}
