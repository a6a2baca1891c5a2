import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { VisibleError } from "@fashionistas/core/error";
import { setLogSink } from "@fashionistas/core/log";
import { STATUS_OF } from "@fashionistas/functions/api/middleware/problem";
import { asking, isMissing, isOutcomeUnknown, isRefusal, stripe } from "@fashionistas/integrations/stripe/client";
import { startStripeFake } from "@fashionistas/integrations/stripe/fake";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memoryStore } from "./memory-store.ts";

/** What Stripe says, word for word, and what becomes of it: one row of the contract's table each. */
type Row = {
  what: string;
  says: { status: number; error?: Record<string, unknown>; hangUp?: true };
  /** Our status and code; 500 is an error that stays one. */
  answer: [status: number, code?: string];
  retryAfterSeconds?: number;
  alarm?: string;
};

const SECRET_TEXT = "No such customer: anna.rossi@example.com, key sk_test_51SECRET";
const rows: readonly Row[] = [
  {
    what: "a declined card",
    says: { status: 402, error: { type: "card_error", code: "card_declined", decline_code: "insufficient_funds" } },
    answer: [402, "payment.declined"],
  },
  {
    what: "something that is not there",
    says: { status: 404, error: { type: "invalid_request_error", code: "resource_missing" } },
    answer: [409, "payment.not_at_provider"],
  },
  {
    what: "a parameter that names nothing",
    says: { status: 400, error: { type: "invalid_request_error", code: "resource_missing" } },
    answer: [409, "payment.not_at_provider"],
  },
  ...["payment_intent_unexpected_state", "charge_already_refunded", "charge_disputed"].map((code): Row => ({
    what: code,
    says: { status: 400, error: { type: "invalid_request_error", code } },
    answer: [409, "payment.refused"],
  })),
  ...["amount_too_small", "amount_too_large"].map((code): Row => ({
    what: code,
    says: { status: 400, error: { type: "invalid_request_error", code } },
    answer: [422, "payment.amount_refused"],
  })),
  {
    what: "any other wrong request",
    says: { status: 400, error: { type: "invalid_request_error", code: "parameter_unknown" } },
    answer: [500],
    alarm: "stripe_request_refused",
  },
  {
    what: "a key used for something else",
    says: { status: 400, error: { type: "idempotency_error" } },
    answer: [409, "payment.key_reused"],
    alarm: "stripe_key_reused",
  },
  {
    what: "a key in use",
    says: { status: 409, error: { type: "invalid_request_error", code: "idempotency_key_in_use" } },
    answer: [503, "payment.unavailable"],
    retryAfterSeconds: 1,
  },
  {
    what: "too many requests",
    says: { status: 429, error: { type: "invalid_request_error", code: "rate_limit" } },
    answer: [503, "payment.unavailable"],
    retryAfterSeconds: 5,
  },
  {
    what: "an object that is locked",
    says: { status: 429, error: { type: "invalid_request_error", code: "lock_timeout" } },
    answer: [503, "payment.unavailable"],
    retryAfterSeconds: 5,
  },
  { what: "an error of its own", says: { status: 500, error: { type: "api_error" } }, answer: [503, "payment.unavailable"], retryAfterSeconds: 5 },
  { what: "a gateway that gives up", says: { status: 503, error: { type: "api_error" } }, answer: [503, "payment.unavailable"], retryAfterSeconds: 5 },
  { what: "no answer", says: { status: 0, hangUp: true }, answer: [503, "payment.unavailable"], retryAfterSeconds: 5 },
  { what: "a wrong key", says: { status: 401, error: { type: "invalid_request_error" } }, answer: [500], alarm: "stripe_denied" },
  { what: "a key without the permission", says: { status: 403, error: { type: "invalid_request_error" } }, answer: [500], alarm: "stripe_denied" },
];

let says: Row["says"];
let server: Server;
const lines: { level: string; text: string; fields: Record<string, unknown> }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    if (says.hangUp) return void request.socket.destroy();
    response.writeHead(says.status, { "content-type": "application/json", "stripe-should-retry": "false", "request-id": "req_1" });
    response.end(JSON.stringify({ error: { message: SECRET_TEXT, ...says.error } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["STRIPE_API_BASE"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const note = (level: string) => (text: string, fields?: object) => void lines.push({ level, text, fields: { ...fields } });
  setLogSink({ info: note("info"), warn: note("warn"), error: note("error") });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  lines.length = 0;
});

async function errorOf(row: Row): Promise<unknown> {
  says = row.says;
  return asking(() => stripe().paymentIntents.create({ amount: 100, currency: "eur" }, { idempotencyKey: `row:${row.what}`, maxNetworkRetries: 0 })).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

describe("what Stripe says", () => {
  it.each(rows.map((row) => [row.what, row] as const))("%s is told as the contract has it", async (_, row) => {
    const error = await errorOf(row);
    const [status, code] = row.answer;
    if (status === 500) expect(error).not.toBeInstanceOf(VisibleError);
    else {
      expect(error).toBeInstanceOf(VisibleError);
      const visible = error as VisibleError;
      expect([STATUS_OF[visible.kind], visible.code]).toEqual([status, code]);
      expect(visible.extras.retryAfterSeconds).toBe(row.retryAfterSeconds);
      expect(JSON.stringify([visible.message, visible.extras])).not.toContain("anna");
    }
    expect(lines.flatMap(({ level, fields }) => (level === "error" ? [fields["alarm"]] : []))).toEqual(row.alarm ? [row.alarm] : []);
    // An error's message is logged by whoever catches it in the end.
    expect(JSON.stringify([lines, (error as Error).message, (error as Error).stack])).not.toMatch(/anna|SECRET/);
  });

  it("never tells that a card was reported lost or stolen, or that fraud is suspected", async () => {
    for (const decline_code of ["lost_card", "stolen_card", "fraudulent", "merchant_blacklist", "pickup_card"]) {
      const error = (await errorOf({
        what: decline_code,
        says: { status: 402, error: { type: "card_error", code: "card_declined", decline_code } },
        answer: [402],
      })) as VisibleError;
      expect(error.extras.facts).toEqual({ declineCode: "card_declined" });
      expect(JSON.stringify(lines)).not.toContain(decline_code);
    }
  });

  it("is a definite no only when Stripe has looked: never a wrong key, a key in use or silence", async () => {
    const definite: string[] = [];
    for (const row of rows) if (isRefusal(await errorOf(row))) definite.push(row.what);
    expect(definite).toEqual(["amount_too_small", "amount_too_large", "any other wrong request"]);
  });

  it("is known as missing, and as unknown in its outcome, where callers decide by that", async () => {
    for (const row of rows) expect([row.what, isMissing(await errorOf(row))]).toEqual([row.what, row.answer[1] === "payment.not_at_provider"]);
    expect(isOutcomeUnknown(new Error("anything"))).toBe(false);
  });
});

it("the stand-in's own refusals are told the same way", async () => {
  const fake = await startStripeFake({
    store: memoryStore(),
    secretKey: process.env["STRIPE_SECRET_KEY"]!,
    webhookSecret: "whsec_x",
    webhookUrl: () => "http://127.0.0.1:9",
  });
  const { hostname, port } = new URL(fake.url);
  const at = { host: hostname, port, protocol: "http" } as const;
  const { default: Stripe } = await import("../../packages/integrations/node_modules/stripe/esm/stripe.esm.node.js");
  const codeOf = (ask: () => Promise<unknown>) =>
    asking(ask).then(
      () => "fine",
      (error: unknown) => (error instanceof VisibleError ? error.code : "error"),
    );
  const ours = new Stripe(process.env["STRIPE_SECRET_KEY"]!, { ...at, telemetry: false, maxNetworkRetries: 0 });
  expect(await codeOf(() => new Stripe("sk_test_wrong", { ...at, telemetry: false }).paymentIntents.retrieve("pi_1"))).toBe("error");
  expect(await codeOf(() => ours.paymentIntents.retrieve("pi_1"))).toBe("payment.not_at_provider");
  expect(await codeOf(() => ours.paymentIntents.create({ amount: 1, currency: "eur" }))).toBe("payment.amount_refused");
  const key = { idempotencyKey: "same" };
  const { id } = await ours.paymentIntents.create({ amount: 100, currency: "eur" }, key);
  expect(await codeOf(() => ours.paymentIntents.create({ amount: 200, currency: "eur" }, key))).toBe("payment.key_reused");
  await ours.paymentIntents.cancel(id);
  expect(await codeOf(() => ours.paymentIntents.cancel(id))).toBe("payment.refused");
  await fake.close();
});
