import { createHash, createHmac } from "node:crypto";
import { ulid } from "ulid";
import * as z from "zod";
import { chance } from "./chance.ts";

/** Prefix of every id, and what it names. */
export const ID_PREFIXES = {
  event: "evt",
  ticketType: "tt",
  capacity: "cap",
  phase: "ph",
  order: "ord",
  ticket: "tkt",
  person: "per",
  refund: "rf",
  cancellation: "can",
  dispute: "dsp",
  reconciliation: "rec",
  user: "usr",
  session: "ses",
  invitation: "inv",
  apiKey: "key",
  device: "dvc",
  erasure: "era",
  dataExport: "exp",
  checkInList: "cil",
  domainEvent: "dev",
  request: "req",
} as const;

type Prefix = (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES];
export type Id<P extends Prefix> = `${P}_${string}`;
export type EventId = Id<"evt">;
export type TicketTypeId = Id<"tt">;
export type CapacityId = Id<"cap">;
export type OrderId = Id<"ord">;
export type TicketId = Id<"tkt">;
export type PersonId = Id<"per">;
export type UserId = Id<"usr">;
export type InvitationId = Id<"inv">;
export type DisputeId = Id<"dsp">;
export type ReconciliationId = Id<"rec">;
export type ErasureId = Id<"era">;
export type ApiKeyId = Id<"key">;
export type DeviceId = Id<"dvc">;

/** A new id: prefix, underscore, ULID (sortable by the millisecond it was made in). */
export function newId<P extends Prefix>(prefix: P): Id<P> {
  return `${prefix}_${ulid(undefined, chance)}`;
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * An id that is the same for the same words: 26 Crockford characters (130 bits) of an HMAC-SHA256.
 * Without the key it tells nothing about the words.
 */
export function keyedId<P extends Prefix>(prefix: P, key: string, words: readonly string[]): Id<P> {
  return idOf(prefix, createHmac("sha256", key).update(JSON.stringify(words)).digest());
}

/** An id that is the same for the same words, which are no secret: what follows once from something that has an id. */
export function derivedId<P extends Prefix>(prefix: P, words: readonly string[]): Id<P> {
  return idOf(prefix, createHash("sha256").update(JSON.stringify(words)).digest());
}

function idOf<P extends Prefix>(prefix: P, digest: Buffer): Id<P> {
  let text = "";
  for (let i = 0; i < 26; i++) text += CROCKFORD[digest[i]! & 31];
  return `${prefix}_${text}`;
}

/** Schema of an id with this prefix. Anything else is a missing thing, but a malformed one is the caller's mistake. */
export function idSchema<P extends Prefix>(prefix: P) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}(-[0-9]{1,4})?$`), `Expected an id like ${prefix}_01J8Z3K4M5N6P7Q8R9S0T1V2W3.`)
    .transform((text) => text as Id<P>);
}

export const EventIdSchema = idSchema("evt");
export const TicketTypeIdSchema = idSchema("tt");
export const CapacityIdSchema = idSchema("cap");
export const PhaseIdSchema = idSchema("ph");
export const OrderIdSchema = idSchema("ord");
export const TicketIdSchema = idSchema("tkt");
export const UserIdSchema = idSchema("usr");
export const InvitationIdSchema = idSchema("inv");
export const DisputeIdSchema = idSchema("dsp");
export const ReconciliationIdSchema = idSchema("rec");
export const ErasureIdSchema = idSchema("era");
export const ApiKeyIdSchema = idSchema("key");
export const DeviceIdSchema = idSchema("dvc");
export const CheckInListIdSchema = idSchema("cil");
