import { streamReaders } from "@fashionistas/functions/streams/manifest";
import { engineClient } from "@fashionistas/local/engine-client";
import { lambdaContext, loadHandler } from "@fashionistas/local/lambda";
import { concerns, type StreamRecord } from "@fashionistas/local/stream-pump";
import { afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { secretKey } from "../kit/documents.ts";
import { violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, purchaseBody, type Shop } from "../kit/shop.ts";
import { chanceFrom } from "../kit/simulation/chance.ts";
import { calm, conflictEveryTransaction, loseAnswerOfWrite, refuseEntries, skewClocks, throttle } from "../kit/trouble.ts";
import { startWorld, type World } from "../kit/world.ts";

/** Each kind of trouble by itself, on the real engine: answers that are lost, conflicts, throttling, a bus and a stream that repeat themselves, wrong clocks. */
const SEED = process.env["FAULT_SEED"] ?? String(Date.now());
const STOCK = 200;

let world: World;
closeBooks(() => world);
let shop: Shop;
let typeId: string;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  const { type } = await shop.onSale({ quantityTotal: STOCK, maxPerBuyer: 4 });
  typeId = type.id;
  await world.settle();
});
afterEach(() => {
  calm();
  present();
});

type Paid = Awaited<ReturnType<Shop["buy"]>>;

async function settleEverything(): Promise<void> {
  await world.settle();
  world.stripe.resumeWebhooks();
  world.wati.resumeWebhooks();
  await world.settle();
}

const bodyOf = (name: string) => purchaseBody({ buyer: { name: "Anna Rossi", email: `${name}@example.com` }, whatsappOptIn: false });
const buyOnce = (name: string) =>
  world.request<Paid>("POST", `/tickets/${typeId}/purchase`, { body: bodyOf(name), headers: { "idempotency-key": secretKey(name) } });

/** What is left is what was not sold, once every hold has ended. */
async function expectWhole(sold: number): Promise<void> {
  travel(60 * MINUTES);
  await world.runSchedule("expire-orders");
  await world.runSchedule("sweep-pools");
  await world.runSchedule("republish-pending");
  await settleEverything();
  expect(await violations(world), `seed ${SEED}`).toEqual([]);
  expect(await shop.available(typeId)).toBe(STOCK - sold);
}

let sold = 0;

describe("a purchase", () => {
  it("is made once although the answer of any one of its writes is lost and the buyer repeats it", { timeout: 120_000 }, async () => {
    let lost = 0;
    for (let write = 1; ; write++) {
      const name = `lost-${write}`;
      const end = loseAnswerOfWrite(write);
      await buyOnce(name);
      if (end() === 0) break;
      lost += 1;
      travel(31 * SECONDS);
      const { status, body } = await buyOnce(name);
      expect(status, `${name}: ${JSON.stringify(body)}`).toBe(201);
      await world.stripe.pay(body.payment!.paymentIntentId, "succeed");
      await settleEverything();
      expect((await shop.order(body)).status, name).toBe("fulfilled");
      sold += 1;
    }
    expect(lost).toBeGreaterThanOrEqual(5);
    await expectWhole(sold);
  });

  it("is paid once although the answer of any one write behind it is lost and its deliveries are repeated", { timeout: 120_000 }, async () => {
    let lost = 0;
    for (let write = 1; ; write++) {
      const checkout = await shop.buy(typeId);
      const end = loseAnswerOfWrite(write);
      await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
      await world.settle();
      await settleEverything();
      const happened = end() > 0;
      await settleEverything();
      expect((await shop.order(checkout)).status, `write ${write}`).toBe("fulfilled");
      sold += 1;
      if (!happened) break;
      lost += 1;
    }
    expect(lost).toBeGreaterThanOrEqual(4);
    await expectWhole(sold);
  });

  it("comes through although every transaction is cancelled by a conflict, three times over", async () => {
    const end = conflictEveryTransaction(3);
    const checkouts = await Promise.all(Array.from({ length: 5 }, () => shop.buy(typeId)));
    for (const { payment } of checkouts) await world.stripe.pay(payment!.paymentIntentId, "succeed");
    await settleEverything();
    expect(end()).toBeGreaterThanOrEqual(3 * 10);
    for (const checkout of checkouts) expect((await shop.order(checkout)).status).toBe("fulfilled");
    sold += 5;
    await expectWhole(sold);
  });

  it("that meets conflicts without end is refused for the moment, and leaves no seat behind", async () => {
    const end = conflictEveryTransaction(Infinity);
    const { status, body } = await buyOnce("endless");
    expect([status, (body as { code?: string }).code]).toEqual([503, "request.busy"]);
    end();
    await expectWhole(sold);
  });

  it("of a crowd that one partition can not take sells no seat twice and loses none", { timeout: 60_000 }, async () => {
    const end = throttle(5);
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => buyOnce(`crowd-${n}`)));
    expect(end()).toBeGreaterThan(0);
    travel(31 * SECONDS);
    for (const [n, first] of answers.entries()) {
      const { status, body } = first.status === 201 ? first : await buyOnce(`crowd-${n}`);
      expect(status, JSON.stringify(body)).toBe(201);
      const payment = body.payment ?? (await shop.onOrder<Paid>(body, "pay")).body.payment;
      await world.stripe.pay(payment!.paymentIntentId, "succeed");
    }
    await settleEverything();
    sold += 60;
    await expectWhole(sold);
  });
});

describe("what follows a purchase", () => {
  it("follows once although the bus refuses a part of what it is handed", { timeout: 60_000 }, async () => {
    const end = refuseEntries(chanceFrom(`${SEED}/bus`), 0.15);
    const checkouts = await Promise.all(Array.from({ length: 6 }, () => shop.buy(typeId)));
    for (const { payment } of checkouts) await world.stripe.pay(payment!.paymentIntentId, "succeed");
    await settleEverything();
    expect(end()).toBeGreaterThan(0);
    travel(2 * MINUTES);
    await world.runSchedule("republish-pending");
    await settleEverything();
    for (const checkout of checkouts) expect((await shop.order(checkout)).status, `seed ${SEED}`).toBe("fulfilled");
    sold += 6;
    await expectWhole(sold);
  });

  it("follows once although every batch of the stream comes twice and out of order", { timeout: 60_000 }, async () => {
    const chance = chanceFrom(`${SEED}/stream`);
    const checkouts = await Promise.all(
      Array.from({ length: 6 }, () =>
        shop.buy(typeId, {
          whatsappOptIn: true,
          buyer: { name: "Anna Rossi", email: `twice-${chance.next()}@example.com`, phone: `+39 333 ${chance.between(1_000_000, 9_999_999)}` },
        }),
      ),
    );
    for (const { payment } of checkouts) await world.stripe.pay(payment!.paymentIntentId, "succeed");
    await world.stripe.idle();
    const messagesBefore = (await world.wati.messages()).length;
    const records = await streamRecords();
    for (let round = 1; round <= 2; round++) {
      for (const reader of streamReaders) {
        const mine = records.filter((record) => concerns(reader, record)).slice(-200);
        const batches = Array.from({ length: Math.ceil(mine.length / reader.batchSize) }, (_, i) =>
          mine.slice(i * reader.batchSize, (i + 1) * reader.batchSize),
        );
        const handler = await loadHandler(reader.handler);
        for (const Records of chance.shuffled([...batches, ...batches])) await handler({ Records }, lambdaContext(reader.name));
      }
      await world.bus.drain();
    }
    await settleEverything();
    for (const checkout of checkouts) expect((await shop.order(checkout)).status, `seed ${SEED}`).toBe("fulfilled");
    expect((await world.wati.messages()).length - messagesBefore).toBe(checkouts.length);
    sold += 6;
    await expectWhole(sold);
  });

  it("is right although every process has a clock of its own that is wrong by up to fifteen seconds", async () => {
    skewClocks(15 * SECONDS);
    const checkouts = await Promise.all(Array.from({ length: 20 }, () => shop.buy(typeId)));
    for (const { payment } of checkouts.slice(0, 10)) await world.stripe.pay(payment!.paymentIntentId, "succeed");
    await settleEverything();
    // The holds of the others end at about this moment, by some of the clocks; those buyers pay at the same time.
    skewClocks(15 * SECONDS, 15 * MINUTES);
    const late = checkouts.slice(10).map(async ({ payment }) => world.stripe.pay(payment!.paymentIntentId, "succeed").catch(() => undefined));
    await Promise.all([...late, world.runSchedule("expire-orders"), world.runSchedule("sweep-pools")]);
    await settleEverything();
    const statuses = await Promise.all(checkouts.map(async (checkout) => (await shop.order(checkout)).status));
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => "fulfilled"));
    sold += statuses.filter((status) => status === "fulfilled").length;
    await expectWhole(sold);
  });
});

/** Everything that the table's stream still holds, oldest first. */
async function streamRecords(): Promise<StreamRecord[]> {
  const engine = engineClient(inject("endpoint"));
  const { Streams = [] } = await engine.call<{ Streams?: { StreamArn: string }[] }>("ListStreams", { TableName: world.tableName });
  const { StreamArn } = Streams[0]!;
  const { StreamDescription } = await engine.call<{ StreamDescription: { Shards: { ShardId: string }[] } }>("DescribeStream", { StreamArn });
  const all: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription.Shards) {
    let { ShardIterator } = await engine.call<{ ShardIterator?: string }>("GetShardIterator", { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
    for (let page = 0; ShardIterator && page < 100; page++) {
      const { Records = [], NextShardIterator } = await engine.call<{ Records?: StreamRecord[]; NextShardIterator?: string }>("GetRecords", {
        ShardIterator,
        Limit: 1_000,
      });
      if (Records.length === 0) break;
      all.push(...Records);
      ShardIterator = NextShardIterator;
    }
  }
  return all;
}
