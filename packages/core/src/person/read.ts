import { readAll } from "../db/read-all.ts";
import { People, type PersonRow } from "./entity.ts";

/** The person, or undefined when they were erased or never known. For verbs that must reach somebody. */
export async function find(personId: string): Promise<PersonRow | undefined> {
  const { data } = await People.get({ personId }).go({ consistent: true });
  return data ?? undefined;
}

/** Those of these people who are known, in no order. For the owners of what these people hold. */
export async function findAll(personIds: readonly string[]): Promise<PersonRow[]> {
  return readAll(
    [...new Set(personIds)].map((personId) => ({ personId })),
    (keys) => People.get(keys).go({ consistent: true }),
  );
}
