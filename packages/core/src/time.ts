import * as z from "zod";

/** An instant as the API takes it: ISO-8601 with `Z` or an offset. As we keep it: UTC with milliseconds. */
export const Instant = z.iso
  .datetime({ offset: true, error: "Expected an ISO-8601 instant like 2027-02-24T18:30:00Z." })
  .transform((text) => new Date(text).toISOString())
  .refine(isInstant, "Expected an instant between the years 0000 and 9999.");

/** Is this an instant as we keep it? Schemas compare instants only then: a malformed one is told about itself. */
export function isInstant(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);
}

/** An IANA time zone that this runtime knows, for example Europe/Rome. */
export const TimeZone = z.string().max(64).refine(isTimeZone, "Expected an IANA time zone like Europe/Rome.");

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name.includes("/") || name === "UTC";
  } catch {
    return false;
  }
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** ISO-8601 UTC text of epoch milliseconds. */
export function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** ISO-8601 UTC text of whole epoch seconds, as vendors count. */
export function isoOfSeconds(epochS: number): string {
  return isoOf(epochS * SECOND_MS);
}

/** The UTC day of an instant as we keep it: 2026-11-02. */
export function dayOf(iso: string): string {
  return iso.slice(0, "2026-11-02".length);
}

/** Epoch milliseconds of an ISO-8601 text. */
export function msOf(iso: string): number {
  return Date.parse(iso);
}

/** Whole epoch seconds, rounded up: what claims and TTLs are kept in. */
export function secondsOf(epochMs: number): number {
  return Math.ceil(epochMs / 1_000);
}

/** The instant in the words of the people who are there: "24 February 2027 at 19:30 (Europe/Rome)". */
export function localWords(iso: string, timeZone: string, locale = "en-GB"): string {
  const words = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", timeZone }).format(new Date(iso));
  return `${words} (${timeZone})`;
}
