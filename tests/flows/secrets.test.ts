import "@fashionistas/functions/edge";
import { setLogSink, type LogSink } from "@fashionistas/core/log";
import { Stripe } from "../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js";
import { beforeAll, expect, it } from "vitest";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { secretKey } from "../kit/documents.ts";
import { everything, violations } from "../kit/invariants.ts";
import { differences } from "../kit/reconcile.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

/** One buyer's whole story, with everything that can go wrong on the way, and then a search for what must not be found. */
const BUYER = { name: "Annunziata Quattrocchi", email: "annunziata.quattrocchi@example.com", phone: "+39 347 9081726" };
const PERSONAL = [/annunziata/i, /quattrocchi/i, /9081726/, /347 ?908/];

let world: World;
let shop: Shop;
const lines: string[] = [];
const secrets = new Map<string, string>();
beforeAll(async () => {
  world = await startWorld();
  const note = (level: keyof LogSink) => (message: string, fields?: object) => void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  setLogSink({ info: note("info"), warn: note("warn"), error: note("error") });
  shop = await openShop(world);
  for (const name of [
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "WATI_ACCESS_TOKEN",
    "WATI_WEBHOOK_TOKEN",
    "PERSON_HASH_KEY",
    "ORDER_TOKEN_KEY",
    "INVITATION_TOKEN_KEY",
    "TICKET_SIGNING_KEY",
  ])
    secrets.set(name, process.env[name]!);

  const { type } = await shop.onSale({ maxPerBuyer: 4 });
  const buy = (key?: string) => shop.purchase(type.id, { buyer: BUYER, whatsappOptIn: true, quantity: 1 }, key ? { "idempotency-key": secretKey(key) } : {});
  const checkout = (await buy("one")).body;
  secrets.set("client secret", checkout.payment!.clientSecret);
  secrets.set("order token", checkout.orderToken);
  await buy("one");
  await world.stripe.pay(checkout.payment!.paymentIntentId, "decline", { declineCode: "stolen_card" });
  await world.settle();
  await world.stripe.pay(checkout.payment!.paymentIntentId, "succeed");
  await world.settle();
  secrets.set("ticket credential", (await shop.order(checkout)).tickets[0]!.credential);

  const abandoned = (await buy()).body;
  secrets.set("client secret of the abandoned order", abandoned.payment!.clientSecret);
  travel(20 * MINUTES);
  await world.runSchedule("expire-orders");
  await world.runSchedule("sweep-pools");
  present();

  // What is refused is logged as well: bad bodies, bad signatures, unknown objects, strangers.
  await Promise.all([
    world.request("POST", `/tickets/${type.id}/purchase`, { body: `{"buyer": {"name": "${BUYER.name}", "email": "${BUYER.email}",,` }),
    shop.purchase(type.id, { buyer: { ...BUYER, email: `${BUYER.email}@` } }),
    world.request("POST", "/webhooks/stripe", {
      body: JSON.stringify({ data: { object: { receipt_email: BUYER.email } } }),
      headers: { "stripe-signature": "t=1,v1=00" },
    }),
    world.request("POST", "/webhooks/wati/not-the-token", { body: { waId: BUYER.phone } }),
    world.request("POST", `/webhooks/wati/${process.env["WATI_WEBHOOK_TOKEN"]}`, { body: `{"eventType": "${BUYER.name}` }),
    world.request("POST", `/webhooks/wati/${process.env["WATI_WEBHOOK_TOKEN"]}`, {
      body: { eventType: "message", id: "m1", text: `I am ${BUYER.name}`, waId: "393479081726", senderName: BUYER.name },
    }),
    world.request("GET", `/orders/${checkout.order.id}`, { headers: { "order-token": `${checkout.orderToken}x` } }),
  ]);
  const payload = JSON.stringify({
    ...{ id: "evt_unknown", object: "event", type: "payment_intent.succeeded", created: Math.floor(Date.now() / 1000), livemode: false },
    data: {
      object: { id: "pi_unknown", object: "payment_intent", receipt_email: BUYER.email, client_secret: "pi_unknown_secret_x", shipping: { name: BUYER.name } },
    },
  });
  secrets.set("client secret in an event", "pi_unknown_secret_x");
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: process.env["STRIPE_WEBHOOK_SECRET"]! });
  await world.request("POST", "/webhooks/stripe", { body: payload, headers: { "stripe-signature": signature } });
  await world.settle();
  expect(await differences(world)).toEqual([]);
});

it("no log line tells a secret, a client secret or who somebody is", () => {
  expect(lines.length).toBeGreaterThan(5);
  const text = lines.join("\n");
  for (const [name, secret] of secrets) expect(text.includes(secret), `${name} in the log`).toBe(false);
  for (const words of PERSONAL) expect(text).not.toMatch(words);
  expect(text).not.toMatch(/_secret_|whsec_|sk_(test|live)_|stolen|4242/);
});

it("no stored item holds a secret, a client secret or card data, or says in clear who somebody is", async () => {
  const items = [...(await everything(world))].flatMap(([entity, some]) => some.map((item) => ({ entity, text: JSON.stringify(item) })));
  for (const { entity, text } of items) {
    for (const [name, secret] of secrets) expect(text.includes(secret), `${name} in an item of ${entity}`).toBe(false);
    expect(text, entity).not.toMatch(/_secret_|whsec_|sk_(test|live)_|stolen|4242|last4|fingerprint/);
    for (const words of PERSONAL) expect(text, entity).not.toMatch(words);
  }
  expect(items.some(({ entity, text }) => entity === "person" && text.includes("sealed"))).toBe(true);
});

it("the story ends as every other", async () => {
  expect(await violations(world)).toEqual([]);
});
