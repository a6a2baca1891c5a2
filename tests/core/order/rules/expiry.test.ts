import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expiryAfterDecline, extendedExpiry, firstExpiry, LONGEST_MINUTES, RETRY_MINUTES } from "../../../../packages/core/src/order/rules/expiry.ts";

const MINUTE_MS = 60_000;
const noon = Date.UTC(2026, 10, 2, 12, 0);
const minutes = (n: number) => noon + n * MINUTE_MS;

it("keeps the seats as the worked example says", () => {
  const declined = (at: number, expiresAt: number) =>
    (expiryAfterDecline({ now: minutes(at), expiresAt: minutes(expiresAt), firstClaimedAt: noon }) - noon) / MINUTE_MS;
  expect(firstExpiry(noon, 15)).toBe(minutes(15));
  expect(declined(12, 15)).toBe(22);
  expect(declined(21, 22)).toBe(31);
  expect(declined(30, 31)).toBe(40);
  expect(declined(39, 40), "and there it stays").toBe(40);
});

it("adds the hold's length to what is left when more time is asked for", () => {
  expect(extendedExpiry(minutes(15), 15)).toBe(minutes(30));
});

describe("a decline", () => {
  const instant = fc.integer({ min: noon, max: minutes(120) });
  const declined = fc.record({ firstClaimedAt: fc.constant(noon), now: instant, expiresAt: instant });

  it("never takes time away", () => {
    fc.assert(
      fc.property(declined, (order) => {
        expect(expiryAfterDecline(order)).toBeGreaterThanOrEqual(order.expiresAt);
      }),
    );
  });

  it("leaves at least 10 minutes for another card, unless that is later than 40 minutes after the first claim", () => {
    fc.assert(
      fc.property(declined, (order) => {
        const latest = noon + LONGEST_MINUTES * MINUTE_MS;
        expect(expiryAfterDecline(order)).toBeGreaterThanOrEqual(Math.min(order.now + RETRY_MINUTES * MINUTE_MS, latest));
        expect(expiryAfterDecline(order)).toBeLessThanOrEqual(Math.max(order.expiresAt, latest));
      }),
    );
  });
});
