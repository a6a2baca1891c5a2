import type { ReconciliationView } from "@fashionistas/core/reconciliation/schema";
import { main as reconcile } from "../../packages/scripts/src/reconcile.ts";
import { instantOf } from "../../packages/scripts/src/admin/api.ts";
import { main as webhooks } from "../../packages/scripts/src/webhooks.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let shop: Shop;
let typeId: string;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  typeId = (await shop.onSale()).type.id;
  await world.settle();
});

/** Runs a command as the keyboard would, while the world goes on. */
async function run(command: typeof reconcile, ...args: string[]) {
  let out = "";
  let err = "";
  let going = true;
  const movement = (async () => {
    while (going) {
      await world.settle();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const tty = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), bar: false };
  const code = await command([...args, "--api", world.baseUrl, "--token", shop.admin], tty).finally(() => (going = false));
  await movement;
  return { code, out, err };
}

describe("pnpm reconcile", () => {
  it("says that nothing remains, and ends well", async () => {
    await world.stripe.pay((await shop.buy(typeId)).payment!.paymentIntentId, "succeed");
    await world.settle();
    const { code, out, err } = await run(reconcile, "--since", "1h");
    expect(out).toMatch(/^rec_\w+ done: /);
    expect(out).toContain("1 fees booked");
    expect(out).toContain("nothing remains");
    expect(err).toContain("100 %");
    expect(code).toBe(0);
  });

  it("says what remains, and ends with 1", async () => {
    const { Stripe } = await import("../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js");
    const stripe = new Stripe(process.env["STRIPE_SECRET_KEY"]!, {
      host: "127.0.0.1",
      port: new URL(world.stripe.url).port,
      protocol: "http",
      telemetry: false,
    });
    const { id } = await stripe.paymentIntents.create({ amount: 777, currency: "eur" });
    await world.stripe.pay(id, "succeed");
    const { code, out } = await run(reconcile, "--since", "1h", "--json");
    const job = JSON.parse(out) as ReconciliationView;
    expect(job.differences).toMatchObject([{ code: "unknown_payment", provider: { amount: 777, currency: "EUR" } }]);
    expect(code).toBe(1);
    const text = await run(reconcile, "--since", "1h", "--quick");
    expect(text.out).toMatch(/1 difference remains[^]*unknown_payment[^]*no order of ours  Stripe 777 EUR, books nothing/);
  });
});

describe("pnpm webhooks", () => {
  it("lists what was received, and replays what it is asked for", async () => {
    await world.stripe.pay((await shop.buy(typeId)).payment!.paymentIntentId, "succeed");
    await world.settle();
    const listed = await run(webhooks, "list", "--since", "1h", "--state", "processed");
    expect(listed.out).toMatch(/\d{4}-\d\d-\d\dT\S+ {2}processed {2,}payment_intent\.succeeded {2,}evt_\w+\n/);
    const [first] = (await run(webhooks, "list", "--since", "1h", "--json")).out.trim().split("\n");
    const { externalId } = JSON.parse(first!) as { externalId: string };
    expect((await run(webhooks, "replay", "--since", "1h", "--state", "processed,ignored", "--id", externalId)).out).toBe("1 marked to be processed again\n");
    const recovered = await run(webhooks, "replay", "--since", "1h", "--from-stripe");
    expect(recovered.out).toMatch(/^0 marked to be processed again, 0 received/);
    expect(recovered.err).toMatch(/Stripe's list: \d+ read, 0 new/);
  });

  it("says in one sentence what is wrong, and ends with 2", async () => {
    expect(await run(webhooks, "replay")).toMatchObject({ code: 2, err: "Say from when on: --since 2h\n" });
    expect(await run(webhooks, "list", "--since", "yesterday")).toMatchObject({ code: 2, err: expect.stringContaining('"yesterday" is no instant') });
    expect((await run(webhooks, "list", "--since", "1h", "--state", "lost")).err).toMatch(/^400 input\.invalid/);
    expect(await run(webhooks, "list", "--sinse", "1h")).toMatchObject({ code: 2 });
    expect((await run(webhooks, "--help")).out).toContain("pnpm webhooks replay");
    let err = "";
    const tty = { out: () => {}, err: (text: string) => void (err += text), bar: false };
    expect(await webhooks(["list", "--since", "1h", "--api", "https://api.example.com"], tty)).toBe(2);
    expect(err).toContain("--token");
  });

  it("understands how long ago, and instants", () => {
    const now = Date.parse("2026-11-02T09:00:00Z");
    expect(instantOf("2h", now)).toBe("2026-11-02T07:00:00.000Z");
    expect(instantOf("30m", now)).toBe("2026-11-02T08:30:00.000Z");
    expect(instantOf("7d", now)).toBe("2026-10-26T09:00:00.000Z");
    expect(instantOf("2026-11-01T10:00:00+01:00", now)).toBe("2026-11-01T09:00:00.000Z");
  });
});
