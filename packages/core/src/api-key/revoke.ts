import { capability } from "../capability.ts";
import { transact } from "../db/transact.ts";
import { isoOf } from "../time.ts";
import * as User from "../user/index.ts";
import { ApiKeyRevoked } from "./domain-events.ts";
import { managedBy } from "./read.ts";
import { AnApiKey } from "./schema.ts";
import { changeOf, subjectOf, ttlAfter } from "./write.ts";

/** Ends a key, everywhere within a minute: one's own, or as an admin any. Ending it again changes nothing. @throws api_key.not_found */
export const revoke = capability(
  "api_key.revoke",
  { input: AnApiKey, allow: ["organizer", "admin"], needs: "api_keys:write" },
  async ({ apiKeyId }, { actor, now }) => {
    const key = await managedBy(actor, apiKeyId);
    if (key.revokedAt !== undefined) return;
    const at = isoOf(now);
    const { ownerId } = key;
    await transact(subjectOf(key), [ApiKeyRevoked({ apiKeyId, ownerId })], (head) => [changeOf(key, head, { revokedAt: at, ttl: ttlAfter(at) })]);
    User.forget(ownerId);
  },
);
