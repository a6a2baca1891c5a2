import { createHmac, timingSafeEqual } from "node:crypto";
import { orderTokenKey } from "../config.ts";
import type { OrderId } from "../id.ts";

const VERSION = "v1";

/** The secret of an order's link: made from its id, never stored. */
export function tokenOf(orderId: string): string {
  const digest = createHmac("sha256", orderTokenKey()).update(`${VERSION}:${orderId}`).digest("base64url");
  return `${VERSION}.${digest}`;
}

/** Is this the secret of that order? In constant time. */
export function isTokenOf(orderId: string, token: string): orderId is OrderId {
  const expected = Buffer.from(tokenOf(orderId));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
