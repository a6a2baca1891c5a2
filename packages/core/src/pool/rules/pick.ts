/**
 * Which bucket to try first. Whole parties go into one bucket, the one with most seats; buyers who come at the same moment
 * turn the order of equals by their hash, so that they do not all knock at one door. A party that fits nowhere is gathered
 * from several buckets, again the fullest first.
 *
 * Worked example: seats 3, 16, 16, 0 and a party of 2 with hash 1 → bucket 2, then 1, then 0.
 */
export type Room = { bucket: number; available: number };

/** Buckets that take the whole party, best first. */
export function wholeFits<T extends Room>(rooms: readonly T[], quantity: number, hash: number): T[] {
  const fitting = rooms.filter((room) => room.available >= quantity).sort((a, b) => b.available - a.available);
  return fitting.map((room, place) => {
    const first = fitting.findIndex(({ available }) => available === room.available);
    const equals = fitting.filter(({ available }) => available === room.available);
    return equals[(place - first + hash) % equals.length]!;
  });
}

/** Parts that add up to the party, or undefined when the rooms together do not take it. */
export function gathered<T extends Room>(rooms: readonly T[], quantity: number): { room: T; q: number }[] | undefined {
  const parts: { room: T; q: number }[] = [];
  let missing = quantity;
  for (const room of [...rooms].sort((a, b) => b.available - a.available)) {
    if (missing === 0) break;
    const q = Math.min(room.available, missing);
    if (q > 0) parts.push({ room, q });
    missing -= q;
  }
  return missing === 0 ? parts : undefined;
}
