import type Stripe from "stripe";

export type StripeErrorBody = {
  type: "invalid_request_error" | "card_error" | "idempotency_error" | "api_error";
  message: string;
  code?: string;
  param?: string;
  payment_intent?: Stripe.PaymentIntent;
  [field: string]: unknown;
};

/** An error answer of the fake. `saved`: execution had begun, so an idempotency key replays it. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly error: StripeErrorBody;
  readonly saved: boolean;

  constructor(status: number, error: StripeErrorBody, saved: boolean) {
    super(error.message);
    this.name = "StripeFailure";
    this.status = status;
    this.error = error.code === undefined ? error : { ...error, doc_url: docUrl(error.code) };
    this.saved = saved;
  }
}

export const docUrl = (code: string) => `https://docs.stripe.com/error-codes/${code.replaceAll("_", "-")}`;

/** A parameter that never reached execution: 400, not saved under the idempotency key. */
export function invalid(message: string, param: string, code?: string): StripeFailure {
  return new StripeFailure(400, { type: "invalid_request_error", message, param, ...(code && { code }) }, false);
}

/** Refused by the state of things: 400, saved under the idempotency key. */
export function refused(message: string, code: string, more: Partial<StripeErrorBody> = {}): StripeFailure {
  return new StripeFailure(400, { type: "invalid_request_error", message, code, ...more }, true);
}

/** 404 when the id is in the path, 400 when it came as a parameter. */
export function missing(noun: string, id: string, param: string, status: 400 | 404 = 404): StripeFailure {
  const message = `No such ${noun}: '${id}'`;
  return new StripeFailure(status, { type: "invalid_request_error", message, code: "resource_missing", param }, true);
}
