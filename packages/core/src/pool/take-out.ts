import type { Pool } from "./entity.ts";
import { fit } from "./fit.ts";
import { countSeats, readPool } from "./read.ts";

/**
 * Takes seats out of a pool until `wanted` are left; before its document says so, so that none of them is sold meanwhile.
 * Nothing is taken when it has no more than that, or when more are sold or held.
 * @returns how many are sold or held when those are too many, else undefined
 */
export async function takeOut(pool: Pool, wanted: number, nowS: number): Promise<number | undefined> {
  if (wanted >= pool.seats) return undefined;
  const { sold, held } = countSeats(await readPool(pool), nowS);
  if (wanted < sold + held) return sold + held;
  const fitted = await fit(pool, wanted, nowS);
  if (fitted === wanted) return undefined;
  await fit(pool, pool.seats, nowS);
  return fitted;
}
