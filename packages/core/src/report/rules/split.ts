/**
 * An amount over parts by their weights, in whole minor units: rounded down, and what is left goes one by one to the largest
 * remainders, of equals to the first. The parts add up to the amount exactly; without any weight the first takes all of it.
 *
 * Worked example: 100 over 1, 1, 1 → 34, 33, 33; 5 over 0, 3 → 0, 5; 7 over 0, 0 → 7, 0.
 */
export function splitBy(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) return weights.map((_, i) => (i === 0 ? amount : 0));
  // BigInt: the product of two amounts may be more than a double counts exactly.
  const exact = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const parts = exact.map((product) => Number(product / BigInt(whole)));
  const rest = amount - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((product, i) => ({ i, left: product % BigInt(whole) }))
    .sort((a, b) => (a.left === b.left ? a.i - b.i : a.left > b.left ? -1 : 1));
  for (const { i } of byRemainder.slice(0, rest)) parts[i]! += 1;
  return parts;
}
