import { rateLimits } from "@fashionistas/core/rate-limit/rules/limits";

/** What a stage may set for the API: plain rules, so that a stage that says nonsense is not even built. */

/** Which pages of other origins may call the API: these, any page of this machine, or any at all. */
export type Origins = { exact: readonly string[]; loopback: boolean; any: boolean };

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Reads CORS_ORIGINS: exact origins separated by commas, `loopback` for any page of this machine, `*` for every page; empty: none.
 * @throws Error with a sentence about the part that is none of these
 */
export function corsOrigins(text: string): Origins {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const exact = parts.filter((part) => part !== "*" && part !== "loopback");
  for (const origin of exact)
    if (originOf(origin) !== origin)
      throw new Error(`CORS_ORIGINS takes origins as browsers send them, separated by commas, like https://shop.example.com: ${origin} is none.`);
  return { exact, loopback: parts.includes("loopback"), any: parts.includes("*") };
}

function originOf(text: string): string | undefined {
  try {
    const { protocol, origin } = new URL(text);
    return protocol === "https:" || protocol === "http:" ? origin : undefined;
  } catch {
    return undefined;
  }
}

/** May a page of this origin call us? */
export function isAllowed(origin: string, { exact, loopback, any }: Origins): boolean {
  return any || exact.includes(origin) || (loopback && LOOPBACK.test(origin));
}

/** Checks what a stage sets before it is built. @throws Error with a sentence that says what to write instead */
export function checkStage({ CORS_ORIGINS = "", RATE_LIMITS = "" }: Record<string, string>, production: boolean): void {
  const { any, loopback, exact } = corsOrigins(CORS_ORIGINS);
  if (production && (any || loopback || exact.some((origin) => !origin.startsWith("https:"))))
    throw new Error("In production CORS_ORIGINS names its origins one by one, each with https://: neither *, nor loopback, nor http://.");
  rateLimits(RATE_LIMITS);
}
