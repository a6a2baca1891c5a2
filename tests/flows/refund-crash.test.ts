import { randomUUID } from "node:crypto";
import type { Checkout } from "@fashionistas/core/order/schema";
import type { RefundList, RefundView } from "@fashionistas/core/refund/schema";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { MINUTES, present, SECONDS, travel } from "../kit/clock.ts";
import { crashAt, disarm, startBreakableWorld } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import type { World } from "../kit/world.ts";

let world: World;
closeBooks(() => world);
let shop: Shop;
beforeAll(async () => {
  world = await startBreakableWorld();
  shop = await openShop(world);
});
afterEach(present);

async function paid(typeId: string, change: Record<string, unknown> = {}): Promise<Checkout> {
  const checkout = await shop.buy(typeId, change);
  await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  await world.settle();
  return checkout;
}

const refund = <T = RefundView>(checkout: Checkout, body: object, { token = shop.admin, key = randomUUID() as string } = {}) =>
  world.request<T>("POST", `/orders/${checkout.order.id}/refunds`, { token, body, headers: { "idempotency-key": key } });
const refunds = async (checkout: Checkout) => (await world.request<RefundList>("GET", `/orders/${checkout.order.id}/refunds`, { token: shop.admin })).body;

describe.each(["before", "after"] as const)("a process that dies %s any one of its calls", (when) => {
  it("leaves a refund that is made once and tickets that are restocked once", { timeout: 120_000 }, async () => {
    const { type } = await shop.onSale({ quantityTotal: 300 });
    let sold = 0;
    for (const of of ["requests", "machines"] as const) {
      // Behind the request every third point, another third before than after: histories die at all of them.
      const step = of === "machines" ? 3 : 1;
      for (let at = when === "after" && step > 1 ? 2 : 1, crashed = true; crashed; at += step) {
        const checkout = await paid(type.id, { quantity: 2 });
        const [first] = (await shop.order(checkout)).tickets;
        sold += 1;
        const key = randomUUID();
        const ask = () => refund(checkout, { ticketIds: [first!.id], reason: "other" }, { key });
        if (of === "machines") await ask();
        crashAt({ at, when, of });
        await (of === "machines" ? world.settle() : ask());
        crashed = disarm();
        travel(31 * SECONDS);
        if (of === "requests") expect((await ask()).status, `${of} ${at}`).toBe(201);
        await world.settle();
        world.stripe.resumeWebhooks();
        await world.settle();
        expect(await refunds(checkout), `${of} ${at}`).toMatchObject({ refunded: { amount: 4_500 }, items: [{ status: "succeeded" }] });
      }
    }
    travel(11 * MINUTES);
    await world.runSchedule("retry-refunds");
    await world.settle();
    expect(await shop.available(type.id)).toBe(300 - sold);
    expect(await violations(world)).toEqual([]);
  });
});
