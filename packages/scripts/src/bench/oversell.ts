import { performance } from "node:perf_hooks";
import { atMost, exactly, percentile, sized, type Bench, type Section } from "./report.ts";
import { openShop, watchFulfilled, type Checkout, type Sale, type Shop } from "./shop.ts";
import { withStack } from "./stack.ts";

const BUYERS = 256;
const EXPECTED = new Set(["ticket_type.sold_out", "ticket_type.all_held", "ticket_type.not_enough_left"]);

/**
 * Demand three times the stock, 256 buyers at once, through HTTP. Parties of one to three first, then single buyers for the
 * seats that no party fits into: what is sold must be the stock, exactly, and whoever paid must have tickets. Then the crowd
 * stays: how fast are those told who come too late?
 */
export const oversell: Section = async (bench) => {
  const stock = sized(bench, 600, 150, 30);
  await withStack({ demo: false }, async (stack) => {
    const shop = await openShop(stack.baseUrl);
    const sale = await shop.onSale({ seats: stock });
    const watch = watchFulfilled(shop, 100);
    const parties = partiesFor(stock);
    bench.say(`${parties.length} parties want ${parties.reduce((sum, one) => sum + one, 0)} of ${stock} seats`);
    const paid: { checkout: Checkout; quantity: number }[] = [];
    const refusals = new Map<string, number>();
    const buyer = async () => {
      for (let quantity = parties.shift(); quantity !== undefined; quantity = parties.shift()) {
        const { status, body } = await shop.purchase(sale, quantity);
        if (status !== 201) {
          refusals.set(body.code, (refusals.get(body.code) ?? 0) + 1);
          continue;
        }
        const fulfilled = watch.fulfilled(body.order.id);
        await Promise.all([shop.pay(body), fulfilled]);
        paid.push({ checkout: body, quantity });
      }
    };
    await Promise.all(Array.from({ length: BUYERS }, buyer));
    watch.close();

    const orders: { status: string; tickets: { id: string }[]; quantity: number }[] = [];
    for (const { checkout, quantity } of paid) {
      const { body } = await shop.send<Checkout["order"]>("GET", `/orders/${checkout.order.id}`, { headers: { "order-token": checkout.orderToken } });
      orders.push({ ...body, quantity });
    }
    const left = await shop.send<{ availableQuantity: number }>("GET", `/tickets/${sale.ticketTypeId}`);
    report(bench, { stock, left: left.body.availableQuantity, orders, refusals });
    await tooLate(bench, shop, sale);
    shop.close();
  });
};

function partiesFor(stock: number): number[] {
  const parties: number[] = [];
  for (let seats = 0, i = 0; seats < stock * 2; i++) {
    parties.push(1 + (i % 3));
    seats += 1 + (i % 3);
  }
  return [...parties, ...Array.from({ length: stock }, () => 1)];
}

type Result = { stock: number; left: number; orders: { status: string; tickets: { id: string }[]; quantity: number }[]; refusals: Map<string, number> };

function report({ figure }: Bench, { stock, left, orders, refusals }: Result): void {
  const tickets = new Set(orders.flatMap((order) => order.tickets.map(({ id }) => id)));
  const unserved = orders.filter(({ status, tickets, quantity }) => status !== "fulfilled" || tickets.length !== quantity);
  const other = [...refusals].filter(([code]) => !EXPECTED.has(code)).reduce((sum, [, count]) => sum + count, 0);
  figure("tickets sold of the stock, share", tickets.size / stock, "", exactly(1));
  figure("seats left", left, "seats", exactly(0));
  figure("buyers charged without their tickets", unserved.length, "orders", exactly(0));
  figure("refusals for another reason than stock", other, "answers", exactly(0));
  for (const code of EXPECTED) figure(`refused with ${code}`, refusals.get(code) ?? 0, "answers");
}

async function tooLate({ figure, ...bench }: Bench, shop: Shop, sale: Sale): Promise<void> {
  const seconds = sized(bench, 5, 2, 0.5);
  const from = performance.now();
  const times: number[] = [];
  const buyer = async () => {
    while (performance.now() - from < seconds * 1_000) {
      const startedAt = performance.now();
      await shop.purchase(sale);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: BUYERS }, buyer));
  figure("sold out: refusals per second", (times.length * 1_000) / (performance.now() - from), "1/s");
  figure("sold out: refusal p99", percentile(times, 0.99), "ms", atMost(500));
}
