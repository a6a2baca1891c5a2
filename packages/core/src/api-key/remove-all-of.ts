import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { inTurns } from "../in-turns.ts";
import * as User from "../user/index.ts";
import { ApiKeyRevoked } from "./domain-events.ts";
import { ApiKeys, type ApiKeyRow } from "./entity.ts";
import { OfOwner } from "./schema.ts";
import { subjectOf } from "./write.ts";

const AT_ONCE = 5;

/**
 * Takes every key of somebody away with its row, and the names they gave them: whoever is forgotten and comes again starts
 * without keys. A key that changes at that moment is met when it is done again.
 */
export const removeAllOf = capability("api_key.remove_all_of", { input: OfOwner, allow: ["system", "schedule"] }, async ({ ownerId }) => {
  const { data } = await ApiKeys.query.byOwner({ ownerId }).go({ pages: "all" });
  await inTurns(data, AT_ONCE, remove);
  User.forget(ownerId);
});

async function remove(key: ApiKeyRow): Promise<void> {
  const { apiKeyId, ownerId, version } = key;
  const gone = ApiKeys.remove({ apiKeyId }).where((row, { eq }) => eq(row.version, version));
  await transact(subjectOf(key), [ApiKeyRevoked({ apiKeyId, ownerId })], () => [write(gone)]);
}
