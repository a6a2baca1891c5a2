import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, createRateLimit, type Entry, orderedTail, type Reply } from "../../fake-server.ts";
import { StripeFailure } from "./failure.ts";
import { type Form, parseForm, readParams } from "./form.ts";
import { expand } from "./lists.ts";
import { API_VERSION, type Change, COLLECTIONS } from "./objects.ts";
import { type Endpoint, ENDPOINTS } from "./routes.ts";
import { lookupIn, type World } from "./world.ts";
import type Stripe from "stripe";

export type HttpOptions = {
  world: World;
  secretKey: string;
  enforceRateLimits: boolean;
  latencyMs: number;
};

type Request = {
  call: Call;
  id: string;
  endpoint: Endpoint;
  objectId: string;
  form: Form;
  publishable: boolean;
};
type Saved = {
  fingerprint: string;
  path: string;
  status: number;
  body: string;
  requestId: string;
  at: number;
};

const KEY_LIFE_MS = 24 * 60 * 60 * 1000;
const RATE_PER_SECOND = 100;
const MAX_KEY_LENGTH = 255;
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, POST, DELETE",
  "access-control-allow-headers": "authorization, content-type, idempotency-key, stripe-version",
  "access-control-expose-headers": "Request-Id, Stripe-Should-Retry",
};

/** The request path of the fake API: key, rate, route, parameters, idempotency, execution, commit, answer. */
export function createHandler({ world, secretKey, enforceRateLimits, latencyMs }: HttpOptions): (call: Call) => Promise<Reply> {
  const withinRate = createRateLimit(RATE_PER_SECOND, 1_000);
  const inUse = new Set<string>();

  return async (call) => {
    if (call.method === "OPTIONS") return { status: 204, headers: CORS };
    const requestId = `req_${orderedTail().slice(0, 14)}`;
    const headers = {
      ...CORS,
      "content-type": "application/json",
      "request-id": requestId,
      "stripe-version": API_VERSION,
    };
    try {
      const reply = await answerTo(call, requestId);
      return { ...reply, headers: { ...headers, ...reply.headers } };
    } catch (error) {
      const failure = error instanceof StripeFailure ? error : unexpected(error);
      const challenge = failure.status === 401 ? { "www-authenticate": 'Basic realm="Stripe"' } : undefined;
      return {
        status: failure.status,
        headers: { ...headers, ...challenge },
        body: failureBody(failure, requestId),
      };
    }
  };

  async function answerTo(call: Call, id: string): Promise<Reply> {
    const form = readForm(call);
    const key = keyOf(call, form);
    if (enforceRateLimits && !withinRate()) throw tooMany();
    const { endpoint, objectId } = findEndpoint(call);
    const publishable = !requireKey(key, secretKey);
    if (publishable && !endpoint.publishable) throw secretKeyRequired();
    requireVersion(call.headers["stripe-version"]);
    const account = call.headers["stripe-account"] ?? call.headers["stripe-context"];
    if (account !== undefined) throw noAccess(String(account));
    const request: Request = { call, id, endpoint, objectId, form, publishable };
    const idempotencyKey = call.method === "POST" ? call.headers["idempotency-key"]?.toString() : undefined;
    if (idempotencyKey === undefined) return run(request, null, undefined);
    if (idempotencyKey.length > MAX_KEY_LENGTH) throw badRequest(`Idempotency keys must be ${MAX_KEY_LENGTH} characters or fewer.`);
    if (inUse.has(idempotencyKey)) throw keyInUse(idempotencyKey);
    inUse.add(idempotencyKey);
    try {
      const reply = (await replay(request, idempotencyKey)) ?? (await run(request, idempotencyKey, fingerprintOf(call)));
      return { ...reply, headers: { ...reply.headers, "idempotency-key": idempotencyKey } };
    } finally {
      inUse.delete(idempotencyKey);
    }
  }

  async function replay({ call }: Request, key: string): Promise<Reply | undefined> {
    const saved = await world.store.get<Saved>(COLLECTIONS.idempotency, key);
    if (saved === undefined || Date.now() - saved.at >= KEY_LIFE_MS) return undefined;
    if (saved.path !== call.path) {
      throw idempotencyError(
        `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${call.path}' vs '${saved.path}'). Try using a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    if (saved.fingerprint !== fingerprintOf(call)) {
      throw idempotencyError(
        `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    const headers = { "idempotent-replayed": "true", "original-request": saved.requestId };
    return { status: saved.status, headers, body: saved.body };
  }

  async function run(request: Request, key: string | null, fingerprint: string | undefined): Promise<Reply> {
    const { call, id, endpoint, form, objectId, publishable } = request;
    if (latencyMs > 0) await sleep(latencyMs);
    const keep = (status: number, body: string): Entry[] => {
      if (key === null || fingerprint === undefined) return [];
      const value: Saved = {
        fingerprint,
        path: call.path,
        status,
        body,
        requestId: id,
        at: Date.now(),
      };
      return [{ collection: COLLECTIONS.idempotency, id: key, value }];
    };
    try {
      const params = readParams(form, endpoint.spec, endpoint.required);
      const input = { world, id: objectId, params, publishable };
      const execute = async (): Promise<Reply> => {
        const change = await endpoint.run(input);
        const body = await answerBody(change, params["expand"] as string[] | undefined, id);
        await world.commit(change, { id, idempotency_key: key }, keep(change.status, body));
        return { status: change.status, body };
      };
      const lock = await endpoint.lock?.(input);
      return await (lock === undefined ? execute() : world.locked(lock, execute));
    } catch (error) {
      if (!(error instanceof StripeFailure) || !error.saved) throw error;
      const body = failureBody(error, id);
      const [entry] = keep(error.status, body);
      if (entry !== undefined) await world.store.put(entry.collection, entry.id, entry.value);
      return { status: error.status, body };
    }
  }

  async function answerBody(change: Change, paths: string[] | undefined, requestId: string): Promise<string> {
    if (change.status === 402) {
      const intent = change.body as Stripe.PaymentIntent;
      const error = { ...intent.last_payment_error, payment_intent: intent };
      return JSON.stringify({ error: { ...error, request_log_url: logUrl(requestId) } });
    }
    if (paths === undefined) return JSON.stringify(change.body);
    return JSON.stringify(await expand(change.body, paths, lookupIn(world.store, change.entries)));
  }
}

const logUrl = (requestId: string) => `https://dashboard.stripe.com/test/logs/${requestId}`;

function failureBody(failure: StripeFailure, requestId: string): string {
  return JSON.stringify({ error: { ...failure.error, request_log_url: logUrl(requestId) } });
}

function readForm({ method, query, body, headers }: Call): Form {
  if (method !== "POST" || body === "") return parseForm(query);
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded") !== true) {
    throw badRequest(
      "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.",
    );
  }
  return parseForm(new URLSearchParams(body));
}

/** From the header, as Bearer or Basic, or from the parameter `key` as a browser sends it, which is taken out. */
function keyOf({ headers }: Call, form: Form): string {
  const fromForm = typeof form["key"] === "string" ? form["key"] : "";
  delete form["key"];
  const [scheme = "", value = ""] = (headers.authorization ?? "").split(" ");
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) return Buffer.from(value, "base64").toString("utf8").split(":")[0] ?? "";
  return fromForm;
}

/** True for the secret key, false for a publishable one. */
function requireKey(key: string, secretKey: string): boolean {
  if (key === "") {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    );
  }
  const [given, wanted] = [Buffer.from(key), Buffer.from(secretKey)];
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return true;
  if (/^pk_test_\w+$/.test(key)) return false;
  throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}${"*".repeat(Math.max(0, key.length - 12))}${key.slice(-4)}`);
}

function findEndpoint({ method, path }: Call): { endpoint: Endpoint; objectId: string } {
  for (const endpoint of ENDPOINTS) {
    const match = endpoint.method === method ? endpoint.path.exec(path) : null;
    if (match !== null) return { endpoint, objectId: match[1] ?? "" };
  }
  const message = `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
  throw new StripeFailure(404, { type: "invalid_request_error", message }, false);
}

/** Stripe serves old versions too; the fake has the shapes of one, so a moved pin must be noticed. */
function requireVersion(version: string | string[] | undefined) {
  if (version === undefined || version === API_VERSION) return;
  throw badRequest(`Invalid Stripe API version: ${version}. The local Stripe fake speaks ${API_VERSION} only.`);
}

function fingerprintOf({ query, body }: Call): string {
  const params = [...new URLSearchParams(body), ...query].map(([name, value]) => JSON.stringify([name, value]));
  return createHash("sha256").update(params.toSorted().join()).digest("base64url");
}

const badRequest = (message: string) => new StripeFailure(400, { type: "invalid_request_error", message }, false);
const unauthorized = (message: string) => new StripeFailure(401, { type: "invalid_request_error", message }, false);
const idempotencyError = (message: string) => new StripeFailure(400, { type: "idempotency_error", message }, false);

function keyInUse(key: string): StripeFailure {
  const message = `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`;
  return new StripeFailure(409, { type: "idempotency_error", code: "idempotency_key_in_use", message }, false);
}

function noAccess(account: string): StripeFailure {
  const message = `The provided key does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`;
  return new StripeFailure(403, { type: "invalid_request_error", code: "account_invalid", message }, false);
}

function secretKeyRequired(): StripeFailure {
  const message =
    "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.";
  return new StripeFailure(403, { type: "invalid_request_error", code: "secret_key_required", message }, false);
}

function tooMany(): StripeFailure {
  const message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.";
  return new StripeFailure(429, { type: "invalid_request_error", code: "rate_limit", message }, false);
}

function unexpected(error: unknown): StripeFailure {
  const message = `The local Stripe fake failed: ${error instanceof Error ? error.message : String(error)}`;
  return new StripeFailure(500, { type: "api_error", message }, false);
}
