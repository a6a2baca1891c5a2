/**
 * How full something is. What is a pool is counted in its pool; a capacity that never binds has none and is as full as its types
 * together, which are all limited then. A type without a limit has no pool: nothing is known of it but by the sales.
 *
 *   share sold   sold / total in thousandths, rounded down: 1000 only when all of it is sold
 *
 * Worked example: 60 seats, 59 sold → 983; a room of 400 that does not bind, types with 300 and 80 seats, 40 and 2 sold → 42 sold.
 */
export type Seats = { available: number; returned: number; held: number; sold: number };

export function together(parts: readonly Seats[]): Seats {
  const sum = (name: keyof Seats) => parts.reduce((total, part) => total + part[name], 0);
  return { available: sum("available"), returned: sum("returned"), held: sum("held"), sold: sum("sold") };
}

export function shareSold(sold: number, total: number): number {
  return total === 0 ? 0 : Math.floor((sold * 1_000) / total);
}
