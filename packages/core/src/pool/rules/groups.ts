/**
 * How a pool is cut. A partition takes 1,000 writes a second, so a type in high demand gets a group of buckets for every 80
 * claims a second it must take, in powers of two up to 256; the groups land on partitions of their own. Other pools have one
 * group; a pool that several types share has as many as the busiest of them. No more groups than one for every 64 seats.
 * Buckets are numbered through the whole pool and dealt to the groups in turn.
 *
 * Worked example: 40 seats, one group → buckets 0 (16), 1 (16), 2 (8). highDemand with 20,000 seats and a peak of 10,000/s →
 * 128 groups; with 1,000 seats → 16.
 */
export const CLAIMS_PER_GROUP_PER_SECOND = 80;
export const MAX_GROUPS = 256;
const SEATS_PER_GROUP = 64;
/** A buyer looks into at most this many groups. */
export const GROUPS_TRIED = 4;
/** What one type in high demand must take, in claims a second. */
export const PEAK_PER_SECOND = 10_000;

/** Number of groups of a new pool. */
export function groupsFor({ seats, highDemand }: { seats: number; highDemand: boolean }): number {
  if (!highDemand) return 1;
  const wanted = nextPow2(Math.ceil(PEAK_PER_SECOND / CLAIMS_PER_GROUP_PER_SECOND));
  return groupsOfShared({ seats, busiest: Math.min(MAX_GROUPS, wanted) });
}

/** Number of groups of a pool that is claimed from together with others, the busiest of which has so many. */
export function groupsOfShared({ seats, busiest }: { seats: number; busiest: number }): number {
  return Math.min(busiest, nextPow2(Math.ceil(seats / SEATS_PER_GROUP)));
}

function nextPow2(n: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, n)));
}

/** The groups a buyer looks into, first the one their order hashes to (`hash` a whole number ≥ 0). */
export function groupsToTry(hash: number, groups: number): number[] {
  return Array.from({ length: Math.min(GROUPS_TRIED, groups) }, (_, i) => (hash + i) % groups);
}
