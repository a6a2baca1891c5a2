import { beforeAll, describe, expect, it } from "vitest";
import { MINUTES, SECONDS, present, travel } from "../kit/clock.ts";
import { secretKey } from "../kit/documents.ts";
import { crashAt, disarm, startBreakableWorld, type CrashPoint } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, purchaseBody, type Shop } from "../kit/shop.ts";
import type { World } from "../kit/world.ts";

/**
 * A process may die between any two awaits. For every point of a purchase, before and after each call, both endings are
 * tried: the buyer repeats the call, or is never seen again. For every point behind it, the delivery is repeated.
 */
const STOCK = 400;

let world: World;
closeBooks(() => world);
let shop: Shop;
let typeId: string;
beforeAll(async () => {
  world = await startBreakableWorld();
  shop = await openShop(world);
  const { type } = await shop.onSale({ quantityTotal: STOCK, maxPerBuyer: 4 });
  typeId = type.id;
  await world.settle();
});

const bodyOf = (name: string) =>
  purchaseBody({
    buyer: { name: "Anna Rossi", email: `${name}@example.com`, phone: `+39 333 ${1_000_000 + Math.floor(Math.random() * 8_999_999)}` },
    whatsappOptIn: true,
  });

/** Everything that was caused happens, also what waits for its next try. */
async function settleEverything(): Promise<void> {
  await world.settle();
  world.stripe.resumeWebhooks();
  world.wati.resumeWebhooks();
  await world.settle();
}

/** Tells `story` with a crash at every point, one after the other, until it has no further call to die at. */
async function atEveryPoint({ when, of }: Omit<CrashPoint, "at">, story: (point: CrashPoint, name: string) => Promise<{ crashed: boolean }>): Promise<number> {
  for (let at = 1; ; at++) {
    if (!(await story({ at, when, of }, `${when}-${at}`)).crashed) return at - 1;
  }
}

describe.each(["before", "after"] as const)("a process that dies %s any one of its calls", (when) => {
  it("leaves a purchase that the repeated call finishes, once", { timeout: 120_000 }, async () => {
    const points = await atEveryPoint({ when, of: "requests" }, async (point, name) => {
      const body = bodyOf(`repeats-${name}`);
      const purchase = () =>
        world.request<Awaited<ReturnType<Shop["buy"]>>>("POST", `/tickets/${typeId}/purchase`, { body, headers: { "idempotency-key": secretKey(name) } });
      crashAt(point);
      await purchase();
      const crashed = disarm();
      travel(31 * SECONDS);
      const { status, body: checkout } = await purchase();
      expect(status, `${name}: ${JSON.stringify(checkout)}`).toBe(201);
      expect(checkout.payment, name).not.toBeNull();
      await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
      await settleEverything();
      expect((await shop.order(checkout)).status, name).toBe("fulfilled");
      return { crashed };
    });
    expect(points).toBeGreaterThanOrEqual(8);
    travel(20 * MINUTES);
    await world.runSchedule("sweep-pools");
    expect(await violations(world)).toEqual([]);
    expect(await shop.available(typeId)).toBe(STOCK - (await world.wati.messages()).length);
  });

  it("leaves a purchase whose seats come back when the buyer is never seen again", { timeout: 120_000 }, async () => {
    const before = await shop.available(typeId);
    const points = await atEveryPoint({ when, of: "requests" }, async (point, name) => {
      crashAt(point);
      const { status, body } = await world.request("POST", `/tickets/${typeId}/purchase`, { body: bodyOf(`leaves-${name}`) });
      const crashed = disarm();
      if (!crashed) expect(status, `${name}: ${JSON.stringify(body)}`).toBe(201);
      return { crashed };
    });
    expect(points).toBeGreaterThanOrEqual(7);
    travel(20 * MINUTES);
    await world.runSchedule("expire-orders");
    await world.runSchedule("sweep-pools");
    await settleEverything();
    expect(await shop.available(typeId)).toBe(before);
    expect(await violations(world)).toEqual([]);
  });

  it("leaves a payment that the repeated delivery turns into tickets and one message", { timeout: 180_000 }, async () => {
    const points = await atEveryPoint({ when, of: "machines" }, async (point, name) => {
      const checkout = await shop.buy(typeId, bodyOf(`paid-${name}`));
      await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
      crashAt(point);
      await world.settle();
      const crashed = disarm();
      await settleEverything();
      travel(16 * SECONDS);
      await settleEverything();
      expect((await shop.order(checkout)).status, name).toBe("fulfilled");
      const messages = (await world.wati.messages()).filter(({ localMessageId }) => localMessageId.includes(checkout.order.id));
      expect(messages.length, name).toBe(1);
      return { crashed };
    });
    expect(points).toBeGreaterThanOrEqual(10);
    expect(await violations(world)).toEqual([]);
    present();
  });
});
