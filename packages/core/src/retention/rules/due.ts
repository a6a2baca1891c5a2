/**
 * Which subject of a key is past its time, and as what. `reason` is what the key was made for: the first order or invitation that named
 * a person, their own profile, or an export. All periods are whole days.
 *
 *   export      exports days after it was asked for
 *   profile     never by the clock: it ends with its user
 *   order       `buyers` days after they were last named
 *   order       `enquirers` days after they were named, when that was once, and the order was never sold
 *   invitation  the same, as if it were an order that was never sold
 *
 * With 4,015 and 90 days: named once on 1 January, never sold → due on 1 April. Named again in February → due eleven years later,
 * because the other order may have been sold. The order is asked about only when `mayBeEnquirer` says that it matters.
 */
export type Kept = { reason: string; createdAt: string; seenAt: string };
export type Days = { buyers: number; enquirers: number; exports: number };
export type Due = "buyer" | "enquirer" | "export";

const DAY_MS = 86_400_000;
const isOlder = (at: string, days: number, now: number) => Date.parse(at) + days * DAY_MS < now;

/** Does it matter whether the order was sold? */
export function mayBeEnquirer({ reason, createdAt, seenAt }: Kept, now: number, days: Days): boolean {
  return reason.startsWith("ord_") && createdAt === seenAt && isOlder(createdAt, days.enquirers, now);
}

export function dueAs(kept: Kept, now: number, days: Days, wasSold: boolean): Due | undefined {
  if (kept.reason === "export") return isOlder(kept.createdAt, days.exports, now) ? "export" : undefined;
  if (!/^(ord|inv)_/.test(kept.reason)) return undefined;
  if (isOlder(kept.seenAt, days.buyers, now)) return "buyer";
  if (kept.reason.startsWith("inv_")) return kept.createdAt === kept.seenAt && isOlder(kept.createdAt, days.enquirers, now) ? "enquirer" : undefined;
  return mayBeEnquirer(kept, now, days) && !wasSold ? "enquirer" : undefined;
}
