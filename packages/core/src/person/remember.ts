import * as DataKey from "../data-key/index.ts";
import { write, type Write } from "../db/transact.ts";
import type { PersonId } from "../id.ts";
import { emailKeyOf, People, personIdOf, phoneKeyOf } from "./entity.ts";
import type { Known } from "./schema.ts";

/** Somebody was erased under this id: they are written under their next one. */
class ErasedBefore extends Error {
  override readonly name = "ErasedBefore";
  readonly personId: PersonId;

  constructor(personId: PersonId) {
    super(`${personId} was erased`);
    this.personId = personId;
  }
}

export type IdOf = (contact: Known) => PersonId;

/**
 * Commits something that names people, with the id of each. What was erased stays erased: who comes again with the same words
 * meets their tombstone, and the commit is repeated with another id for them.
 */
export async function naming<T>(commit: (idOf: IdOf) => Promise<T>): Promise<T> {
  const erased = new Set<PersonId>();
  const idOf: IdOf = (contact) => {
    let life = 0;
    while (erased.has(personIdOf(contact, life))) life += 1;
    return personIdOf(contact, life);
  };
  for (;;) {
    try {
      return await commit(idOf);
    } catch (error) {
      if (!(error instanceof ErasedBefore)) throw error;
      erased.add(error.personId);
    }
  }
}

/**
 * Writes people and their keys as part of the caller's transaction, inside `naming`: two items each. One who is known stays as
 * they are, with the key they have. `reason`: the order that names them, or what else they are needed for.
 */
export async function remembering(people: Iterable<readonly [PersonId, Known]>, { at, reason }: { at: string; reason: string }): Promise<Write[]> {
  const writes = await Promise.all([...people].map(([personId, contact]) => one(personId, contact, at, reason)));
  return writes.flat();
}

async function one(personId: PersonId, contact: Known, at: string, reason: string): Promise<Write[]> {
  const { key, operation } = await DataKey.making(personId, { at, reason });
  const { name, email, phone } = contact;
  const kept = {
    sealed: DataKey.seal(key, personId, Buffer.from(JSON.stringify({ name, ...(email ? { email } : {}), ...(phone ? { phone } : {}) }))),
    createdAt: at,
  };
  // They follow from the id: written again they are what they were, and cost no write of the index.
  const keys = { ...(email ? { emailKey: emailKeyOf(email) } : {}), ...(phone ? { phoneKey: phoneKeyOf(phone) } : {}) };
  const person = People.upsert({ personId })
    .ifNotExists(kept)
    .set(keys)
    .where(({ erasedAt }, { notExists }) => notExists(erasedAt));
  return [write(person, () => new ErasedBefore(personId)), write(operation)];
}
