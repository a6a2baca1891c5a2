import type { Pool } from "./entity.ts";
import { readPool, shortageOf, type Shortage } from "./read.ts";

/** What somebody would find now who wants seats of this pool. Takes nothing; held seats whose time has passed are there again. */
export async function left(pool: Pool, nowS: number): Promise<Shortage> {
  return shortageOf(await readPool(pool), nowS);
}
