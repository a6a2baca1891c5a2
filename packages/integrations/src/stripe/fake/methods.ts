import type Stripe from "stripe";

/** What a test payment method does when it is charged. */
export type TestMethod = {
  number: string;
  country: string;
  outcome: "succeed" | "decline" | "requires_action";
  declineCode?: string;
  risk?: "elevated" | "highest";
  refund?: "fails_later" | "pending_first";
  disputed?: "chargeback" | "inquiry";
};

const card = (number: string, more: Partial<TestMethod> = {}): TestMethod => ({
  number,
  country: "US",
  outcome: "succeed",
  ...more,
});
const declined = (number: string, declineCode: string): TestMethod => card(number, { outcome: "decline", declineCode });

/** Stripe's own test payment methods, by the name a confirm call uses. */
export const TEST_METHODS: Readonly<Record<string, TestMethod>> = {
  pm_card_visa: card("4242424242424242"),
  pm_card_chargeDeclined: declined("4000000000000002", "generic_decline"),
  pm_card_chargeDeclinedInsufficientFunds: declined("4000000000009995", "insufficient_funds"),
  pm_card_authenticationRequired: card("4000002760003184", {
    country: "DE",
    outcome: "requires_action",
  }),
  pm_card_createDispute: card("4000000000000259", { disputed: "chargeback" }),
  pm_card_createDisputeInquiry: card("4000000000001976", { disputed: "inquiry" }),
  pm_card_riskLevelElevated: card("4000000000009235", { risk: "elevated" }),
  pm_card_radarBlock: { ...declined("4100000000000019", "fraudulent"), risk: "highest" },
  pm_card_refundFail: card("4000000000005126", { refund: "fails_later" }),
  pm_card_pendingRefund: card("4000000000007726", { refund: "pending_first" }),
};

/** The test method with this card number, as a browser sends it. */
export function methodOfNumber(number: string): string | undefined {
  const digits = number.replaceAll(" ", "");
  return Object.keys(TEST_METHODS).find((name) => TEST_METHODS[name]?.number === digits);
}

export const testMethod = (name: string): TestMethod => TEST_METHODS[name] ?? card("4242424242424242");

const OWN_CODE = new Set(["expired_card", "incorrect_cvc", "incorrect_number", "processing_error"]);
const MESSAGE: Readonly<Record<string, string>> = {
  insufficient_funds: "Your card has insufficient funds.",
  expired_card: "Your card has expired.",
  incorrect_cvc: "Your card's security code is incorrect.",
  incorrect_number: "Your card number is incorrect.",
  processing_error: "An error occurred while processing your card. Try again in a little bit.",
  authentication_required: "Your card was declined. This transaction requires authentication.",
};
const FINAL = new Set(["fraudulent", "lost_card", "stolen_card", "pickup_card"]);

/** The error code, message and advice that go with a decline code. */
export function decline(declineCode: string): {
  code: string;
  message: string;
  advice: "do_not_try_again" | "try_again_later";
} {
  return {
    code: declineCode === "authentication_required" || OWN_CODE.has(declineCode) ? declineCode : "card_declined",
    message: MESSAGE[declineCode] ?? "Your card was declined.",
    advice: FINAL.has(declineCode) ? "do_not_try_again" : "try_again_later",
  };
}

const CHECKS = { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" };
const fingerprintOf = (method: TestMethod) => `fake${method.number.slice(-12)}`;

/** `payment_method_details.card` of a charge. */
export function cardDetails(method: TestMethod, amount: number): Stripe.Charge.PaymentMethodDetails.Card {
  return {
    amount_authorized: method.outcome === "decline" ? null : amount,
    authorization_code: null,
    brand: "visa",
    checks: CHECKS,
    country: method.country,
    electronic_commerce_indicator: null,
    exp_month: 12,
    exp_year: 2034,
    fingerprint: fingerprintOf(method),
    funding: "credit",
    installments: null,
    last4: method.number.slice(-4),
    mandate: null,
    network: "visa",
    network_token: { used: false },
    network_transaction_id: null,
    regulated_status: "unregulated",
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}

export const NO_BILLING_DETAILS: Stripe.Charge.BillingDetails = {
  address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
  email: null,
  name: null,
  phone: null,
  tax_id: null,
};

export function paymentMethodJson(id: string, name: string, created: number): Stripe.PaymentMethod {
  const method = testMethod(name);
  return {
    id,
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: NO_BILLING_DETAILS,
    card: {
      brand: "visa",
      checks: CHECKS,
      country: method.country,
      display_brand: "visa",
      exp_month: 12,
      exp_year: 2034,
      fingerprint: fingerprintOf(method),
      funding: "credit",
      generated_from: null,
      last4: method.number.slice(-4),
      networks: { available: ["visa"], preferred: null },
      regulated_status: "unregulated",
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: "card",
  };
}
