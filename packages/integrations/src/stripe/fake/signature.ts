import { createHmac } from "node:crypto";

/** `Stripe-Signature` of a raw body, made anew for every delivery. */
export function signature(body: string, secret: string): string {
  const time = Math.floor(Date.now() / 1000);
  return `t=${time},v1=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")}`;
}
