/**
 * How long a look at a whole pool counts. Only one buyer at a time looks, under a lease that ends by the clock, so that nobody
 * waits for a dead one; what they found is a hint for the others.
 *
 *   younger than 1 s    everybody whose party is larger than what was left goes by it
 *   1 to 2 s            so they do, but one looks anew: the first to meet it at an age that their own hash decides, so that
 *                       not all who come at once reach for the lease
 *   older               nobody goes by it: one looks, the others wait for what they find
 *
 * However slow everything is, a look that began after a buyer came is the truth for them: they wait no longer. A party that
 * what was left would have taken never goes by it. Claims decide who gets a seat; a hint only spares looking, so clocks that
 * disagree by more than a moment cost looks and nothing else.
 *
 * Worked example: looked at 12:00:00.0, 3 seats left. At 12:00:01.5 a party of 4 is refused (3 left), or looks itself when
 * its hash is 1,400; a party of 3 looks. Seats that came back at 12:00:00.1 are seen at 12:00:02.1 at the latest.
 */
export const HINT_MS = 2_000;
export const AGEING_MS = 1_000;
export const LEASE_MS = 1_000;
/** What clocks of two machines may differ by. */
const SKEW_MS = 100;
/** One hint item is read by at most the buyers of so many groups. */
export const GROUPS_PER_HINT = 16;

/** Instants in epoch ms. `available`: seats that were left, undefined before the first look. */
export type Look = { seenAtMs?: number | undefined; available?: number | undefined; leaseEndsMs: number };

/** How many hints a pool has. */
export function hintsOf(groups: number): number {
  return Math.ceil(groups / GROUPS_PER_HINT);
}

/** Which of them a buyer reads. */
export function hintOf(groups: number, hash: number): number {
  return hash % hintsOf(groups);
}

/** Did the last look, however old, find too little for the party? */
export function foundTooLittle(look: Look | undefined, quantity: number): boolean {
  return look?.available !== undefined && look.available < quantity;
}

/** Who asks, and since when they are here. `hash`: a whole number ≥ 0 */
export type Asking = { quantity: number; hash: number; cameMs: number };

/** May the party be refused by this look? */
export function refuses(look: Look | undefined, { quantity, cameMs }: Asking, nowMs: number): boolean {
  return foundTooLittle(look, quantity) && isYoung(look, Math.max(HINT_MS, nowMs - cameMs), nowMs);
}

/** Should a buyer look anew, if the lease is free? */
export function mayLook(look: Look | undefined, { quantity, hash, cameMs }: Asking, nowMs: number): boolean {
  const leased = look !== undefined && look.leaseEndsMs > nowMs && look.leaseEndsMs <= nowMs + LEASE_MS + SKEW_MS;
  const oldMs = Math.max(AGEING_MS + (hash % (HINT_MS - AGEING_MS)), nowMs - cameMs);
  return !leased && !(foundTooLittle(look, quantity) && isYoung(look, oldMs, nowMs));
}

function isYoung(look: Look | undefined, ms: number, nowMs: number): boolean {
  if (look?.seenAtMs === undefined) return false;
  const age = nowMs - look.seenAtMs;
  return age >= -SKEW_MS && age <= ms;
}
