import { People, type PersonRow } from "./entity.ts";

/** The person, or undefined when they were erased or never known. For verbs that must reach somebody. */
export async function find(personId: string): Promise<PersonRow | undefined> {
  const { data } = await People.get({ personId }).go({ consistent: true });
  return data ?? undefined;
}
