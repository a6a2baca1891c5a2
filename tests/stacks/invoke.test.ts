import { marshall } from "@aws-sdk/util-dynamodb";
import type { Checkout } from "@fashionistas/core/order/schema";
import { lambdaContext, sqsEvent, websocketEvent } from "@fashionistas/local/lambda";
import Stripe from "stripe";
import { beforeAll, expect, it } from "vitest";
import { everything } from "../kit/invariants.ts";
import { eventDocument, purchaseBody, typeDocument } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";
import { assemble, lambdaFor, type Assembly, withBundle } from "./assembly.ts";

/** A ticket is sold by the bundles that would be deployed, each in a process of its own, called with AWS-shaped events. */
let app: Assembly;
let world: World;
beforeAll(async () => {
  [app, world] = [await assemble("production"), await startWorld()];
  world.stripe.pauseWebhooks();
}, 300_000);

const ENVIRONMENT = [
  "DYNAMODB_ENDPOINT",
  "TABLE_NAME",
  // In the place of KMS.
  "PERSON_KEY_FILE",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "POWERTOOLS_LOG_LEVEL",
  "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED",
];

/** Calls one deployed function with events, one after the other: it sees its own declared variables and the engine's address. */
function invoke<T>(handler: string, events: readonly unknown[]): Promise<T[]> {
  const lambda = lambdaFor(app, handler);
  const values = Object.fromEntries(
    [...ENVIRONMENT, ...Object.keys(lambda.environment)].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  const endpoints = {
    AWS_ENDPOINT_URL_EVENTBRIDGE: process.env["AWS_ENDPOINT_URL_EVENTBRIDGE"]!,
    STRIPE_API_BASE: world.stripe.url,
    WATI_API_BASE: world.wati.url,
  };
  const script = `const answers = [];
    for (const event of ${JSON.stringify(events)}) answers.push(await handler(event, ${JSON.stringify(lambdaContext(handler))}));
    return answers;`;
  return withBundle(lambda, script, { ...values, ...endpoints }) as Promise<T[]>;
}

function http(method: string, path: string, { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {}) {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { host: "localhost", ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    requestContext: { http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" }, requestId: "1", stage: "$default" },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

type HttpAnswer = { statusCode: number; body: string };
const API = "functions/api/handler.handler";

async function call<T>(...requests: Parameters<typeof http>[]): Promise<T[]> {
  const answers = await invoke<HttpAnswer>(
    API,
    requests.map((request) => http(...request)),
  );
  return answers.map(({ body, statusCode }) => {
    expect(statusCode, body).toBeLessThan(300);
    return (body ? JSON.parse(body) : undefined) as T;
  });
}

/** What the stream would bring of everything that waits to be published. */
async function pendingRecords() {
  const items = await everything(world);
  const rows = [...(items.get("journal-entry") ?? []), ...(items.get("webhook") ?? [])].filter((row) => row["gsi4pk"] !== undefined);
  return rows.map((row, i) => ({ eventName: "INSERT", dynamodb: { NewImage: marshall(row), SequenceNumber: String(i + 1) } }));
}

async function envelopeOf(type: string) {
  const events = await world.store.list<{ type: string }>("domain-events");
  return events.map(({ value }) => value).findLast((event) => event.type === type);
}

it("sells a ticket with nothing but the deployed bundles", { timeout: 120_000 }, async () => {
  const [organizer, admin] = [await world.tokenOf("organizer"), await world.tokenOf("admin")];
  const [event] = await call<{ id: string }>(["POST", "/events", { token: organizer, body: eventDocument() }]);
  const [type] = await call<{ id: string }>(
    ["POST", "/tickets", { token: organizer, body: typeDocument(event!.id) }],
    ["POST", `/events/${event!.id}/status`, { token: organizer, body: { status: "review" } }],
    ["POST", `/events/${event!.id}/status`, { token: admin, body: { status: "published" } }],
  );
  const buyer = { name: "Anna Rossi", email: "anna@example.com", phone: "+39 333 1234567" };
  const [checkout] = await call<Checkout>(["POST", `/tickets/${type!.id}/purchase`, { body: purchaseBody({ buyer, whatsappOptIn: true }) }]);
  expect(checkout!.order.status).toBe("awaiting_payment");

  const intent = await world.stripe.pay(checkout!.payment!.paymentIntentId, "succeed");
  const payload = JSON.stringify({
    id: "evt_bundled",
    object: "event",
    type: "payment_intent.succeeded",
    created: intent.created,
    livemode: false,
    data: { object: { id: intent.id, object: "payment_intent" } },
  });
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: process.env["STRIPE_WEBHOOK_SECRET"]! });
  const webhooks = await invoke<HttpAnswer>("functions/webhooks/stripe.handler", [
    http("POST", "/webhooks/stripe", { body: payload, headers: { "stripe-signature": signature } }),
    http("POST", "/webhooks/stripe", { body: payload }),
  ]);
  expect(webhooks.map(({ statusCode }) => statusCode)).toEqual([200, 400]);

  expect(await invoke("functions/streams/outbox.handler", [{ Records: await pendingRecords() }])).toEqual([{ batchItemFailures: [] }]);
  expect(await pendingRecords()).toEqual([]);
  const consume = async (handler: string, eventType: string) => {
    const body = JSON.stringify({ detail: await envelopeOf(eventType) });
    expect(await invoke(handler, [sqsEvent("bundled", [{ id: "1", body, attempts: 0 }])]), handler).toEqual([{ batchItemFailures: [] }]);
  };
  await consume("functions/consumers/webhook-received/process-stripe.handler", "webhook.stripe_received");
  await invoke("functions/streams/outbox.handler", [{ Records: await pendingRecords() }]);
  await consume("functions/consumers/order-fulfilled/send-whatsapp.handler", "order.fulfilled");
  await consume("functions/consumers/ticket-type-changed/fit-stock.handler", "ticket_type.created");

  const [order] = await call<Checkout["order"]>(["GET", `/orders/${checkout!.order.id}`, { headers: { "order-token": checkout!.orderToken } }]);
  expect(order).toMatchObject({ status: "fulfilled", tickets: [{ status: "valid" }] });
  expect(await world.wati.messages()).toHaveLength(1);
});

it("answers pages, pushes to them, and keeps time with nothing but the deployed bundles", { timeout: 120_000 }, async () => {
  const [ticket] = await call<{ ticket: string }>(["POST", "/realtime/tickets", { body: { channel: "tickets" } }]);
  const open = await invoke<HttpAnswer>("functions/realtime/connect.handler", [
    websocketEvent("CONNECT", "page1", { query: { channel: "tickets", ticket: ticket!.ticket } }),
    websocketEvent("CONNECT", "page2", { query: { channel: "tickets", ticket: ticket!.ticket } }),
  ]);
  expect(open.map(({ statusCode }) => statusCode)).toEqual([200, 401]);
  // Nobody is at the other end of that connection: posting to it forgets it, and is no error.
  const [message] = await invoke<HttpAnswer>("functions/realtime/message.handler", [websocketEvent("MESSAGE", "page1", { body: '{"action":"ping"}' })]);
  expect(message!.statusCode).toBe(200);
  expect((await everything(world)).get("connection") ?? []).toEqual([]);
  await invoke("functions/realtime/disconnect.handler", [websocketEvent("DISCONNECT", "page1", {})]);

  const bucket = (await everything(world)).get("bucket")![0]!;
  expect(
    await invoke("functions/streams/projections.handler", [
      { Records: [{ eventName: "MODIFY", dynamodb: { NewImage: marshall(bucket), SequenceNumber: "1" } }] },
    ]),
  ).toEqual([{ batchItemFailures: [] }]);
  for (const schedule of [
    "expire-orders",
    "sweep-pools",
    "republish-pending",
    "record-event-status",
    "reconcile-hourly",
    "reconcile-daily",
    "resume-reconciliations",
  ])
    await invoke(`functions/schedules/${schedule}.handler`, [{}]);
  await invoke("functions/streams/outbox.handler", [{ Records: await pendingRecords() }]);
  const started = JSON.stringify({ detail: await envelopeOf("reconciliation.started") });
  expect(
    await invoke("functions/consumers/reconciliation-continued/reconcile.handler", [sqsEvent("bundled", [{ id: "1", body: started, attempts: 0 }])]),
  ).toEqual([{ batchItemFailures: [] }]);
  expect((await everything(world)).get("reconciliation")!.map(({ phase }) => phase)).toContain("ledger");
  const [wrong] = await invoke<HttpAnswer>("functions/webhooks/wati.handler", [
    { ...http("POST", "/webhooks/wati/nope", { body: "{}" }), pathParameters: { token: "nope" } },
  ]);
  expect(wrong!.statusCode).toBe(404);
});
