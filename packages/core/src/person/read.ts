import * as DataKey from "../data-key/index.ts";
import { readAll } from "../db/read-all.ts";
import { log } from "../log.ts";
import { People, type PersonRow } from "./entity.ts";
import type { Known } from "./schema.ts";

/** Somebody whose words can be read. */
export type KnownPerson = Known & { personId: string; createdAt: string; keys: ContactKeys };

/** The person, or undefined when they were erased or never known. For verbs that must reach somebody. */
export async function find(personId: string): Promise<KnownPerson | undefined> {
  return (await findAll([personId]))[0];
}

/** Those of these people who are known, in no order; at most 100. For the owners of what these people hold. */
export async function findAll(personIds: readonly string[]): Promise<KnownPerson[]> {
  const ids = [...new Set(personIds)];
  if (ids.length === 0) return [];
  const [people, keys] = await Promise.all([rowsOf(ids), DataKey.keysOf(ids)]);
  return people.flatMap((row) => {
    const key = keys.get(row.personId);
    return key && row.sealed ? (opened(row, row.sealed, key) ?? []) : [];
  });
}

// What does not open with its own key was moved or changed: nothing of it is shown.
function opened({ personId, createdAt, emailKey, phoneKey }: PersonRow, sealed: string, key: Buffer): KnownPerson | undefined {
  const text = DataKey.unseal(key, personId, sealed);
  if (!text) log.error("person does not open", { personId });
  return text && { ...(JSON.parse(text.toString("utf8")) as Known), personId, createdAt, keys: { emailKey, phoneKey } };
}

function rowsOf(ids: readonly string[]): Promise<PersonRow[]> {
  return readAll(
    ids.map((personId) => ({ personId })),
    (keys) => People.get(keys).go({ consistent: true }),
  );
}

/** The records of these people as they stand, erased ones too; at most 100. */
export async function listStanding(personIds: readonly string[]): Promise<PersonRow[]> {
  return rowsOf([...new Set(personIds)]);
}

/** Keyed hashes of an e-mail address and a phone number that somebody proved to be theirs. */
export type ContactKeys = { emailKey?: string | undefined; phoneKey?: string | undefined };

/** Ids of everybody with this e-mail address or this phone number who was not erased, each once. The index is milliseconds behind. */
export async function listByKeys({ emailKey, phoneKey }: ContactKeys): Promise<string[]> {
  const [byEmail, byPhone] = await Promise.all([
    emailKey ? People.query.byEmail({ emailKey }).go({ pages: "all" }) : undefined,
    phoneKey ? People.query.byPhone({ phoneKey }).go({ pages: "all" }) : undefined,
  ]);
  return [...new Set([...(byEmail?.data ?? []), ...(byPhone?.data ?? [])].map(({ personId }) => personId))];
}
