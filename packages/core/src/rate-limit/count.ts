import { createHmac } from "node:crypto";
import { callerOf, type Actor } from "../actor.ts";
import { subscriberAddress } from "../address.ts";
import { personHashKey, rateLimitChanges } from "../config.ts";
import { nameOf, storageBusy } from "../error.ts";
import { log } from "../log.ts";
import { memory } from "../memory.ts";
import { batchOf, rateLimits, refusesUncounted, type CallerKind, type Limit, type RateClass, type RateLimits } from "./rules/limits.ts";
import { take, type Taken } from "./take.ts";

/** How a caller stands after a call: `left` more in the next `endsInSeconds`. */
export type Standing = Limit & Taken;

/**
 * Counts a call for its caller: the key, else the user, else the device, else the address it came from, of which a keyed hash is
 * kept until its window is over. One conditional write, or a tenth of one above 100 calls a second.
 * @returns undefined where nothing is limited, or could be counted
 * @throws request.busy when a call that must be counted cannot be
 */
export async function count(what: RateClass, actor: Actor, address: string | undefined): Promise<Standing | undefined> {
  const caller = callerOf(actor) ?? { kind: "address" as const, id: hashed(address) };
  const limit = limitOf(what, caller.kind);
  if (!limit) return undefined;
  try {
    return { ...limit, ...(await take(`${what}:${caller.kind}:${caller.id}`, { ...limit, batch: batchOf(limit) })) };
  } catch (error) {
    if (refusesUncounted(what)) throw storageBusy("Try again in a moment.", { retryAfterSeconds: 1 });
    log.warn("a call was not counted", { class: what, error: nameOf(error) });
    return undefined;
  }
}

const parsed = memory(() => new Map<string, RateLimits>());

function limitOf(what: RateClass, kind: CallerKind): Limit | undefined {
  const changes = rateLimitChanges();
  let limits = parsed().get(changes);
  if (!limits) parsed().set(changes, (limits = rateLimits(changes)));
  return limits[what][kind];
}

function hashed(address: string | undefined): string {
  return createHmac("sha256", personHashKey())
    .update(`address:${subscriberAddress(address ?? "") ?? ""}`)
    .digest("base64url")
    .slice(0, 22);
}
