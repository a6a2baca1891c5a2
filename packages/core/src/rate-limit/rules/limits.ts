/**
 * How often somebody may call.
 *
 * A route belongs to a class. A class has a limit for each kind of caller: so many calls in a window of so many seconds, counted
 * from multiples of its length (60 seconds: from the full minute on). A stage changes them with RATE_LIMITS, a list of
 * `class=limit/seconds` for every kind of caller or `class@kind=limit/seconds` for one; `none` lifts a limit.
 *
 *   RATE_LIMITS="purchase=20/60, purchase@key=12000/60, read@key=none"
 *   → a user, a device and an address start 20 purchases a minute, a key 12,000, which reads as often as it likes
 *
 * Above 100 calls a second permits are taken ten at a time, by each process: at most nine of them lapse in each at a window's end.
 *
 * A `sign_in` is a session that begins here; codes are guessed at the issuer, which has limits of its own. A `code` guards what can
 * be guessed here: when the table cannot count, it is refused. The others are let through: what they call has its own conditions,
 * and a counter is no reason not to sell a ticket.
 */
export const RATE_CLASSES = ["read", "write", "purchase", "code", "sign_in"] as const;
export type RateClass = (typeof RATE_CLASSES)[number];

export const CALLER_KINDS = ["key", "user", "device", "address"] as const;
export type CallerKind = (typeof CALLER_KINDS)[number];

export type Limit = { limit: number; seconds: number };
export type RateLimits = Readonly<Record<RateClass, Readonly<Partial<Record<CallerKind, Limit>>>>>;

/** An address may stand for a whole office, a key for a whole shop. */
const DEFAULTS =
  "read=600/60, read@key=12000/60, write=120/60, write@key=1200/60, write@device=600/60, purchase=30/60, purchase@key=1200/60, code=10/600, sign_in=300/300";

const MAX_SECONDS = 3_600;
const MAX_LIMIT = 1_000_000;
const FORM =
  "Write RATE_LIMITS as class=limit/seconds or class@caller=limit/seconds, separated by commas, like purchase=20/60, read@key=none: " +
  `classes are ${RATE_CLASSES.join(", ")}, callers ${CALLER_KINDS.join(", ")}, seconds 1 to ${MAX_SECONDS}, limits 1 to ${MAX_LIMIT}`;

/** The limits in force: the defaults, with what the stage says. @throws Error with a sentence about the part that is wrong */
export function rateLimits(changes = ""): RateLimits {
  const limits = Object.fromEntries(RATE_CLASSES.map((name) => [name, {}])) as Record<RateClass, Partial<Record<CallerKind, Limit>>>;
  for (const text of [DEFAULTS, changes]) for (const part of text.split(",")) if (part.trim() !== "") apply(limits, part.trim());
  return limits;
}

function apply(limits: Record<RateClass, Partial<Record<CallerKind, Limit>>>, part: string): void {
  const match = /^(\w+)(?:@(\w+))?=(?:(none)|(\d+)\/(\d+))$/.exec(part);
  const [, name, kind, none, ...numbers] = match ?? [];
  const [limit, seconds] = numbers.map(Number) as [number, number];
  const isKnown = isOneOf(RATE_CLASSES, name) && (kind === undefined || isOneOf(CALLER_KINDS, kind));
  const isPossible = none !== undefined || (limit >= 1 && limit <= MAX_LIMIT && seconds >= 1 && seconds <= MAX_SECONDS);
  if (!isKnown || !isPossible) throw new Error(`${FORM}. This is none: ${part}`);
  for (const one of kind === undefined ? CALLER_KINDS : [kind as CallerKind]) {
    if (none === undefined) limits[name as RateClass][one] = { limit, seconds };
    else delete limits[name as RateClass][one];
  }
}

function isOneOf(names: readonly string[], name: string | undefined): boolean {
  return name !== undefined && names.includes(name);
}

/** How many permits a process takes at a time. */
export function batchOf({ limit, seconds }: Limit): number {
  return limit / seconds > 100 ? 10 : 1;
}

/** Is a call that cannot be counted refused? */
export function refusesUncounted(name: RateClass): boolean {
  return name === "code";
}
