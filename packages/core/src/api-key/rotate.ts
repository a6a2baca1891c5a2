import { managerIdOf } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { changedMeanwhile, notAllowed } from "../error.ts";
import { digestOf } from "../secret.ts";
import { isoOf, MINUTE_MS } from "../time.ts";
import * as User from "../user/index.ts";
import { ApiKeyRotated } from "./domain-events.ts";
import { apiKeyOver } from "./errors.ts";
import { find, managedBy, withSecret } from "./read.ts";
import { opensUntil } from "./rules/opening.ts";
import { RotateApiKey, type ApiKeyWithSecret } from "./schema.ts";
import { secretTextOf } from "./secret.ts";
import { changeOf, subjectOf } from "./write.ts";

/**
 * Gives a key another secret. The one before opens until the overlap ends, so that whoever uses it can change over; the one
 * before that opens no more. Its owner alone: whoever sees a secret can act as them.
 * @throws api_key.not_found, api_key.over, actor.not_allowed for admins, request.conflict
 */
export const rotate = capability(
  "api_key.rotate",
  { input: RotateApiKey, allow: ["organizer", "admin"], needs: "api_keys:write" },
  async ({ apiKeyId, overlapHours, generation }, { actor, now }) => {
    const key = await managedBy(actor, apiKeyId);
    if (key.ownerId !== managerIdOf(actor)) throw notAllowed("Only its owner rotates a key: revoke it, and they make another one.");
    if (opensUntil(key, "current", isoOf(now)) === undefined) throw apiKeyOver("Make a new one.");
    const next = key.generation + 1;
    if (generation !== undefined && generation !== next)
      throw changedMeanwhile("It was rotated at the same moment: rotate it again if you need another secret.");
    const change = {
      ...{ generation: next, digest: digestOf(secretTextOf(key, next)), rotatedAt: isoOf(now) },
      ...{ previousDigest: key.digest, previousUntil: isoOf(now + overlapHours * 60 * MINUTE_MS) },
    };
    const head = await transact(subjectOf(key), [ApiKeyRotated({ apiKeyId, ownerId: key.ownerId, generation: next })], (head) => [changeOf(key, head, change)]);
    User.forget(key.ownerId);
    return withSecret({ ...key, ...change, ...head }, next);
  },
);

/** What the rotation to this secret was answered with; undefined when it was not made, or the key is not this owner's. */
export async function rotatedBy(ownerId: string | undefined, apiKeyId: string, generation: number): Promise<ApiKeyWithSecret | undefined> {
  const key = await find(apiKeyId);
  return key && key.ownerId === ownerId && key.generation >= generation ? withSecret(key, generation) : undefined;
}
