/**
 * A person as they described themselves: the only place where a name, an e-mail or a phone number is kept, and there sealed
 * with a key of that person alone (`data-key`). The id is a keyed hash of the normalised words, so the same description is the
 * same person, found without a look-up, and nobody can change or read another's contact by naming their e-mail address.
 *
 *  1. A verb that has an order, a message or a ticket opens the person by id.       byId
 *  2. Whoever proved that an e-mail address is theirs is found by its keyed hash.   byEmail (sparse: erased people leave it)
 *  3. Whoever proved that a phone number is theirs is found by its keyed hash.      byPhone (sparse)
 *
 * Who is erased leaves a tombstone: id and time. What was written under the id stays without a face for ever, because somebody
 * who comes again with the same words is given another id.
 */
import { Entity, type EntityItem } from "electrodb";
import { personHashKey, tableName } from "../config.ts";
import { client } from "../db/client.ts";
import type { Head } from "../db/journal.ts";
import { SERVICE } from "../db/service.ts";
import { keyedId, type PersonId } from "../id.ts";
import type { Contact, Known } from "./schema.ts";

export const People = new Entity(
  {
    model: { entity: "person", version: "2", service: SERVICE },
    attributes: {
      personId: { type: "string", required: true },
      /** The contact's JSON, sealed for this id; absent of whoever was erased. */
      sealed: { type: "string" },
      /** Keyed hashes of the normalised e-mail and phone. */
      emailKey: { type: "string" },
      phoneKey: { type: "string" },
      createdAt: { type: "string", required: true },
      erasedAt: { type: "string" },
      erasureId: { type: "string" },
      /** A person has one entry in their journal: that they were erased. */
      version: { type: "number" },
      auditHash: { type: "string" },
      updatedAt: { type: "string" },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["personId"], template: "PERSON#${personId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "PERSON", casing: "none" },
      },
      byEmail: {
        index: "gsi1",
        condition: (attributes) => attributes["emailKey"] !== undefined,
        pk: { field: "gsi1pk", composite: ["emailKey"], template: "EMAIL#${emailKey}", casing: "none" },
        sk: { field: "gsi1sk", composite: [], template: "PERSON", casing: "none" },
      },
      byPhone: {
        index: "gsi2",
        condition: (attributes) => attributes["phoneKey"] !== undefined,
        pk: { field: "gsi2pk", composite: ["phoneKey"], template: "PHONE#${phoneKey}", casing: "none" },
        sk: { field: "gsi2sk", composite: [], template: "PERSON", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type PersonRow = EntityItem<typeof People>;

/** The id of whoever describes themselves so. `life`: how often they were erased before. */
export function personIdOf({ name, email, phone }: Known, life = 0): PersonId {
  const words = ["contact", name.toLocaleLowerCase("en"), email ?? "", phone ?? ""];
  return keyedId("per", personHashKey(), life === 0 ? words : [...words, String(life)]);
}

/** The keyed hash by which people of this e-mail address are found and their purchases counted. Normalised as `Contact` has it. */
export function emailKeyOf(email: string): string {
  return keyedId("per", personHashKey(), ["email", email]);
}

/** The keyed hash by which people of this phone number are found and their purchases counted. E.164. */
export function phoneKeyOf(phone: string): string {
  return keyedId("per", personHashKey(), ["phone", phone]);
}

/** The keys under which somebody's purchases are counted: their e-mail, and their phone when they gave one. */
export function countingKeysOf({ email, phone }: Contact): string[] {
  return [emailKeyOf(email), ...(phone ? [phoneKeyOf(phone)] : [])];
}

/** Leaves a tombstone where a person was, as part of the caller's transaction; refused when there is none, or one already. */
export function erasing(personId: string, erasureId: string, head: Head) {
  return People.patch({ personId })
    .remove(["sealed", "emailKey", "phoneKey"])
    .set({ erasedAt: head.updatedAt, erasureId, ...head })
    .where(({ erasedAt }, { notExists }) => notExists(erasedAt));
}
