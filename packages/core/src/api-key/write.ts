import { standing, type Head, type Subject } from "../db/journal.ts";
import { write, type Write } from "../db/transact.ts";
import { KEPT } from "../kept.ts";
import { DAY_MS, msOf, secondsOf } from "../time.ts";
import { ApiKeys, type ApiKeyRow } from "./entity.ts";

/** The key as its journal sees it. */
export function subjectOf(key: ApiKeyRow): Subject {
  return standing("api_key", key.apiKeyId, key);
}

type Change = Partial<Omit<ApiKeyRow, "apiKeyId" | "ownerId" | "createdAt" | "version" | "auditHash">>;

/** A change of the key, on condition that nobody changed it since it was read. */
export function changeOf(key: ApiKeyRow, head: Head, change: Change): Write {
  const patch = ApiKeys.patch({ apiKeyId: key.apiKeyId }).set({ ...change, ...head });
  return write(patch.where(({ version }, { eq }) => eq(version, key.version)));
}

/** When the row of a key that ends then may go. */
export function ttlAfter(endsAt: string): number {
  return secondsOf(msOf(endsAt) + KEPT.credentials.days() * DAY_MS);
}
