import { beforeAll, expect, it } from "vitest";
import { everything, violations } from "../kit/invariants.ts";
import { reconcile } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let shop: Shop;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});

const PAYOUTS = 230;

it("a long reconciliation counts every page once, in slices that each tell how far it is", async () => {
  const { type } = await shop.onSale();
  for (let i = 0; i < 3; i++) await world.stripe.pay((await shop.buy(type.id)).payment!.paymentIntentId, "succeed");
  await world.settle();
  // Payouts are of the account and no order's: they fill pages, and nothing is to be compared with them.
  const [first] = await world.store.list<Record<string, unknown>>("stripe_balance_transactions");
  for (let i = 0; i < PAYOUTS; i++) {
    const id = first!.id.slice(0, -6) + String(i).padStart(6, "0");
    await world.store.put("stripe_balance_transactions", id, { ...first!.value, id, type: "payout", amount: -1, source: null });
  }

  const job = await reconcile(world);
  expect(job).toMatchObject({ state: "done", progress: 1, counts: { compared: 3, equal: 3, fees: 3, reported: 0 }, differences: [] });

  const entries = (await everything(world)).get("journal-entry")!.filter(({ entityId }) => entityId === job.id);
  const types = entries.sort((a, b) => Number(a["seq"]) - Number(b["seq"])).map((entry) => (entry["events"] as { type: string }[])[0]!.type);
  expect(types.filter((name) => name === "reconciliation.continued").length).toBeGreaterThanOrEqual(4);
  expect([types.at(0), types.at(-1)]).toEqual(["reconciliation.started", "reconciliation.finished"]);
  expect(await violations(world)).toEqual([]);
});
