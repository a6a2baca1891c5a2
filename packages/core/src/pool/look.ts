import { chance } from "../chance.ts";
import { now } from "../context.ts";
import { sleep } from "../sleep.ts";
import type { HintRow, Pool } from "./entity.ts";
import { readHint, shortageIn, takeLease, writeHint } from "./hint.ts";
import { readPool, shortageOf, type Shortage } from "./read.ts";
import type { Reservation } from "./reserve.ts";
import { mayLook, refuses } from "./rules/hint.ts";
import { takeFrom, type Party } from "./take-from.ts";

const ROUNDS = 5;
/** Together longer than a lease: its holder may be dead. */
const TURNS = 20;
const SHORTEST_TURN_MS = 30;
const LONGEST_TURN_MS = 90;

/**
 * The last resort: looks at the whole pool, strongly consistent, if nobody else does, and tells the others what it found. Who
 * has no lease goes by the hint (`rules/hint.ts`), waits for one, or in the end looks without.
 */
export async function lookEverywhere(pool: Pool, party: Party, hash: number, known?: HintRow): Promise<Reservation> {
  const asking = { quantity: party.quantity, hash, cameMs: now() };
  let hint = known ?? (await readHint(pool, hash));
  for (let turn = 1; turn <= TURNS; turn++) {
    const leaseEndsMs = mayLook(hint, asking, now()) ? await takeLease(pool, hash, hint, now()) : undefined;
    if (leaseEndsMs !== undefined) return lookUnder(leaseEndsMs, pool, party, hash);
    if (hint && refuses(hint, asking, now())) return { shortage: shortageIn(hint) };
    await sleep(SHORTEST_TURN_MS + chance() * (LONGEST_TURN_MS - SHORTEST_TURN_MS));
    hint = await readHint(pool, hash);
  }
  return (await look(pool, party, hash)).reservation;
}

async function lookUnder(leaseEndsMs: number, pool: Pool, party: Party, hash: number): Promise<Reservation> {
  const seenAtMs = now();
  const { reservation, left } = await look(pool, party, hash);
  await writeHint(pool, hash, leaseEndsMs, seenAtMs, left);
  return reservation;
}

/** `left`: what the others find after it. */
async function look(pool: Pool, party: Party, hash: number): Promise<{ reservation: Reservation; left: Shortage }> {
  for (let round = 1; ; round++) {
    const whole = await readPool(pool);
    const claims = await takeFrom(whole, party, hash);
    const found = shortageOf(whole, party.nowS);
    if (claims) return { reservation: { claims }, left: lessOf(found, party) };
    // There were seats when we read, somebody was faster: look again, but not for ever.
    if (found.available < party.quantity || round === ROUNDS) return { reservation: { shortage: found }, left: found };
  }
}

function lessOf({ available, inHands, nextExpiryS = Infinity }: Shortage, { quantity, expiresAtS }: Party): Shortage {
  return { available: Math.max(0, available - quantity), inHands: inHands + quantity, nextExpiryS: Math.min(nextExpiryS, expiresAtS) };
}
