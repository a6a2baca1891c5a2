import { required, optional } from "@fashionistas/core/config";
import { notOpen } from "@fashionistas/core/dispute";
import { defineError, VisibleError } from "@fashionistas/core/error";
import { log } from "@fashionistas/core/log";
import Stripe from "stripe";

const declined = defineError("payment.declined", "payment_declined", "The payment was declined");
const refused = defineError("payment.refused", "conflict", "The payment cannot do that any more");
const amountRefused = defineError("payment.amount_refused", "unprocessable", "That amount cannot be charged");
const unknownThere = defineError("payment.not_at_provider", "conflict", "The payment provider does not know it");
const keyReused = defineError("payment.key_reused", "conflict", "This step was taken before with other amounts");
const unavailable = defineError("payment.unavailable", "unavailable", "The payment provider does not answer");

const TIMEOUT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;

let client: Stripe | undefined;
let httpClient: Stripe.HttpClient | undefined;

/** The one client of this process. STRIPE_API_BASE points it at another implementation of Stripe's API. */
export function stripe(): Stripe {
  client ??= new Stripe(required("STRIPE_SECRET_KEY"), {
    ...baseOf(optional("STRIPE_API_BASE", undefined)),
    timeout: TIMEOUT_MS,
    maxNetworkRetries: 2,
    telemetry: false,
    ...(httpClient ? { httpClient } : {}),
  });
  return client;
}

/** Does our key move real money? Events of the other mode are none of ours. */
export function isLive(): boolean {
  return /^[a-z]+_live_/.test(required("STRIPE_SECRET_KEY"));
}

/** Replaces the line to Stripe, for tests that live in modelled time; undefined brings the real one back. */
export function setHttpClient(replacement: Stripe.HttpClient | undefined): void {
  [httpClient, client] = [replacement, undefined];
}

function baseOf(base: string | undefined): { host: string; port: string; protocol: "http" | "https" } | object {
  if (!base) return {};
  const { hostname, port, protocol } = new URL(base);
  const scheme = protocol === "http:" ? "http" : "https";
  return { host: hostname, port: port || (scheme === "http" ? "80" : "443"), protocol: scheme };
}

// Never tell a card's holder that the bank suspects fraud, or that the card was reported lost or stolen.
const SAFE_DECLINE_CODES = new Set([
  "authentication_required",
  "card_not_supported",
  "currency_not_supported",
  "expired_card",
  "incorrect_cvc",
  "incorrect_number",
  "insufficient_funds",
  "processing_error",
  "withdrawal_count_limit_exceeded",
]);

/** The part of a decline code that may be shown: everything else is `card_declined`. */
export function safeDeclineCode(code: string | null | undefined): string {
  return code && SAFE_DECLINE_CODES.has(code) ? code : "card_declined";
}

/** Asks Stripe; what goes wrong is thrown as our caller may see it. @throws what `asVisible` says */
export async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw asVisible(error);
  }
}

const MOVED_ON = new Set(["payment_intent_unexpected_state", "charge_already_refunded", "charge_disputed"]);
const AMOUNT = new Set(["amount_too_small", "amount_too_large"]);

/** Stripe refuses what only we can mend. `denied`: our key, so that it has not even looked at the request. */
class StripeRefusal extends Error {
  override readonly name = "StripeRefusal";
  readonly denied: boolean;

  constructor(denied: boolean, status: number | undefined, code: string) {
    super(`stripe says ${status ?? "no"}: ${code}`);
    this.denied = denied;
  }
}

/**
 * What an error of Stripe means to our caller. Our own mistakes (a key that is refused, a request that is wrong) stay errors:
 * a 500, and an alarm. Never with Stripe's text, which may carry anything.
 */
export function asVisible(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { type, code, statusCode, requestId } = error;
  log.warn("stripe error", { type, code, status: statusCode, stripeRequestId: requestId });
  if (error instanceof Stripe.errors.StripeCardError) return declined("Try another card.", { facts: { declineCode: safeDeclineCode(error.decline_code) } });
  if (error instanceof Stripe.errors.StripeRateLimitError || isOutcomeUnknown(error)) return unavailableFor(RETRY_AFTER_SECONDS);
  if (code === "idempotency_key_in_use") return unavailableFor(1);
  if (code === "resource_missing") return unknownThere("Read it again: it is not there under this account.");
  if (code && MOVED_ON.has(code)) return refused("Read the order again: its payment has moved on.");
  if (code && AMOUNT.has(code))
    return amountRefused("Change the quantity or the amount.", { fields: [{ path: "amount", message: "Outside of what can be charged." }] });
  if (code === "dispute_not_open") return notOpen("Read it again: it has moved on.");
  if (error instanceof Stripe.errors.StripeIdempotencyError) return alarmed("stripe_key_reused", error, keyReused("Read the order again."));
  const denied = isDenied(error);
  return alarmed(denied ? "stripe_denied" : "stripe_request_refused", error, new StripeRefusal(denied, statusCode, code ?? type));
}

function alarmed(alarm: string, { type, code, statusCode, requestId }: Stripe.errors.StripeError, result: unknown): unknown {
  log.error("stripe refuses what only we can mend", { alarm, type, code, status: statusCode, stripeRequestId: requestId });
  return result;
}

function isDenied(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeAuthenticationError || error instanceof Stripe.errors.StripePermissionError;
}

/** Does Stripe know nothing under this id? As `asVisible` passes it on. */
export function isMissing(error: unknown): boolean {
  return error instanceof VisibleError && error.code === "payment.not_at_provider";
}

function unavailableFor(retryAfterSeconds: number): VisibleError {
  return unavailable("Your seats are kept: repeat the call in a moment.", { retryAfterSeconds });
}

/** Did we never hear what became of it? The same call with the same key may be repeated. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeConnectionError || (error instanceof Stripe.errors.StripeAPIError && (error.statusCode ?? 500) >= 500);
}

/** Has Stripe said no for good, to this request? As `asVisible` passes it on: refused amounts, and our own mistakes. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof VisibleError) return error.code === "payment.amount_refused";
  return error instanceof StripeRefusal && !error.denied;
}

/** Stripe's code for saying no for good to what was asked; undefined when the same question may be answered otherwise later. */
export function finalRefusal(error: unknown): string | undefined {
  return error instanceof Stripe.errors.StripeInvalidRequestError ? (error.code ?? "invalid_request") : undefined;
}

/** Is the payment in a state that forbids this? Then Stripe sends the payment along. */
export function intentInError(error: unknown): Stripe.PaymentIntent | undefined {
  if (!(error instanceof Stripe.errors.StripeError) || error.code !== "payment_intent_unexpected_state") return undefined;
  return error.payment_intent as Stripe.PaymentIntent | undefined;
}
