/**
 * A person as they described themselves: the only place where a name, an e-mail or a phone number is kept.
 * The id is a keyed hash of the normalised words, so the same description is the same person, found without a look-up,
 * and nobody can change or read another's contact by naming their e-mail address.
 *
 *  1. A verb that has an order, a message or a ticket opens the person by id.      byId
 */
import { Entity, type EntityItem } from "electrodb";
import { personHashKey, tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { keyedId, type PersonId } from "../id.ts";
import type { Contact } from "./schema.ts";

export const People = new Entity(
  {
    model: { entity: "person", version: "1", service: SERVICE },
    attributes: {
      personId: { type: "string", required: true },
      name: { type: "string", required: true },
      email: { type: "string", required: true },
      phone: { type: "string" },
      createdAt: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["personId"], template: "PERSON#${personId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "PERSON", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type PersonRow = EntityItem<typeof People>;

/** The id of whoever describes themselves so. */
export function personIdOf({ name, email, phone }: Contact): PersonId {
  return keyedId("per", personHashKey(), ["contact", name.toLocaleLowerCase("en"), email, phone ?? ""]);
}

/** The keys under which somebody's purchases are counted: their e-mail, and their phone when they gave one. */
export function countingKeysOf({ email, phone }: Contact): string[] {
  return [emailKeyOf(email), ...(phone ? [phoneKeyOf(phone)] : [])];
}

/** The key of a normalised e-mail address. */
export function emailKeyOf(email: string): string {
  return keyedId("per", personHashKey(), ["email", email]);
}

/** The key of a normalised phone number. */
export function phoneKeyOf(phone: string): string {
  return keyedId("per", personHashKey(), ["phone", phone]);
}

/** Writes the person as part of the caller's transaction; one who is known stays as they are. */
export function remembering(personId: PersonId, contact: Contact, at: string) {
  const { name, email, phone } = contact;
  return People.upsert({ personId }).ifNotExists({ name, email, ...(phone ? { phone } : {}), createdAt: at });
}
