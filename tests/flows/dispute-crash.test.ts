import * as Dispute from "@fashionistas/core/dispute";
import * as Ledger from "@fashionistas/core/ledger";
import * as Ticket from "@fashionistas/core/ticket";
import { Envelope } from "@fashionistas/core/domain-event";
import { beforeAll, describe, expect, it } from "vitest";
import { crashAt, disarm, startBreakableWorld, type CrashPoint } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { closeBooks } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import type { World } from "../kit/world.ts";

/**
 * Whoever brings a dispute in may die between any two calls: the webhook, the relay, the consumer, on the line to Stripe or
 * to the table. The repeated delivery finishes the work, once.
 */
const MOST_POINTS = 60;

let world: World;
closeBooks(() => world);
let shop: Shop;
let typeId: string;
beforeAll(async () => {
  world = await startBreakableWorld();
  shop = await openShop(world);
  typeId = (await shop.onSale({ quantityTotal: 400 })).type.id;
  await world.settle();
});

/** Everything that was caused happens, also what waits for its next try. */
async function settleEverything(): Promise<void> {
  await world.settle();
  world.stripe.resumeWebhooks();
  await world.settle();
}

async function crashed(point: CrashPoint): Promise<boolean> {
  crashAt(point);
  await world.settle();
  const died = disarm();
  await settleEverything();
  return died;
}

async function told(disputeId: string): Promise<string[]> {
  const published = (await world.store.list<unknown>("domain-events")).map(({ value }) => Envelope.parse(value));
  return published.filter(({ aggregate }) => aggregate.id === disputeId).map(({ type }) => type);
}

describe.each(["before", "after"] as const)("a process that dies %s any one of its calls", (when) => {
  it("leaves a dispute that the repeated delivery opens, and a verdict that it carries out, once", { timeout: 180_000 }, async () => {
    let points = 0;
    for (let at = 1; at <= MOST_POINTS; at++) {
      const point = { at, when, of: "machines" } as const;
      const verdict = at % 4 < 2 ? "won" : "lost";
      const name = `${when}-${at}-${verdict}`;
      const checkout = await shop.buy(typeId, { quantity: 2 });
      const orderId = checkout.order.id;
      await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
      // Odd points: the dispute is brought in together with its payment.
      if (at % 2 === 0) await world.settle();
      const { id } = await world.stripe.dispute(checkout.payment!.paymentIntentId, { kind: "chargeback" });
      const died = [await crashed(point)];
      expect(
        (await Ticket.listByOrder(orderId)).map(({ status }) => status),
        name,
      ).toEqual(["suspended", "suspended"]);
      await world.stripe.closeDispute(id, verdict);
      died.push(await crashed(point));
      const status = verdict === "won" ? "valid" : "revoked";
      expect(
        (await Ticket.listByOrder(orderId)).map((ticket) => ticket.status),
        name,
      ).toEqual([status, status]);
      const rows = (await Ledger.listByOrder(orderId)).map(({ kind }) => kind);
      expect(rows, name).toEqual(verdict === "won" ? ["charge", "dispute", "dispute_reversal"] : ["charge", "dispute"]);
      // Published at least once each: what a relay published before it died is published again.
      expect([...new Set(await told(Dispute.idOf(id)))], name).toEqual(["dispute.opened", `dispute.${verdict}`]);
      if (!died.includes(true)) break;
      points = at;
    }
    expect(points).toBeGreaterThanOrEqual(15);
    expect(points).toBeLessThan(MOST_POINTS);
    expect(await violations(world)).toEqual([]);
  });
});
