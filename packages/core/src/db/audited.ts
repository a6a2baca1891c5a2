import { createHash } from "node:crypto";
import { canonicalJson } from "../canonical.ts";

/**
 * What of an entity's attributes may stand in its journal: the one place that decides it. Ids, states, amounts, instants and
 * configuration may; whatever a person wrote, and whatever describes a person, may not. What is not named here is concealed:
 * the journal says that it changed, not to what. `lines.quantity` names a part of a structure; `attempts` names all of it.
 */
export const AUDITED: Readonly<Record<string, readonly string[]>> = {
  // One kind of entity a line.
  // oxfmt-ignore
  event: ["organizerId", "stage", "visibility", "recordedStatus", "startsAt", "endsAt", "timeZone", "capacity", "currency", "registrationDeadline", "refundPolicy", "attendeesUntil", "offers", "capacityBinds", "capacityGroups", "capacities.capacityId", "capacities.seats", "capacities.ticketTypeIds", "capacities.binds", "capacities.groups", "publishedAt"],
  // oxfmt-ignore
  ticket_type: ["eventId", "kind", "basePrice", "quantityTotal", "groups", "salesStartAt", "salesEndAt", "minPerOrder", "maxPerOrder", "maxPerBuyer", "highDemand", "isActive"],
  // oxfmt-ignore
  order: ["eventId", "personId", "userId", "status", "lines.ticketTypeId", "lines.quantity", "lines.unitPrice.amount", "holders", "amount", "currency", "claims", "attempts", "whatsappOptIn", "extended", "ending"],
  // oxfmt-ignore
  dispute: ["orderId", "eventId", "providerDisputeId", "status", "standing", "state", "amount", "currency", "reason", "networkReasonCode", "evidenceDueAt", "submissions", "movements", "staged.n", "staged.fields", "staged.at"],
  cancellation: ["eventId", "phase", "step", "counts", "currency", "startedAt", "finishedAt"],
  user: ["role", "status", "personId", "signedOutAt", "appointedAt"],
  role: ["role", "permissions"],
  person: ["erasureId", "erasedAt"],
  erasure: ["userId", "reason", "phase", "step", "round", "people", "keys", "atIssuer", "digest", "requestedAt", "finishedAt"],
  data_export: ["userId", "n", "phase", "step", "requestedAt", "readyAt"],
  api_key: ["ownerId", "permissions", "eventId", "generation", "validUntil", "rotatedAt", "previousUntil", "revokedAt"],
  invitation: ["status", "role", "scopeType", "scopeId", "via", "personId", "inviterId", "grantUntil", "acceptedBy"],
  device: ["eventId", "checkInListIds", "validFrom", "validUntil", "codeUntil", "pairedAt", "revokedAt"],
  reconciliation: ["since", "until", "full", "phase", "day", "state", "counts", "stalls", "startedAt", "finishedAt"],
};

/** Keys, bookkeeping and the places of work queues: they tell no story. (`ttl` does: until when there is a row.) */
const BOOKKEEPING =
  /^(pk|sk|gsi\d[ps]k|__edb_[ev]__|version|auditHash|accessVersion|createdAt|updatedAt|list|cursor|progress|\w*Shard|dueAt|expiresAt|waitingSince|aliveAt|running|recordedAt|soldAt|soldFor|soldTo|limits)$/;

type Row = Readonly<Record<string, unknown>>;

/** Attribute, or path into it, to what it was and what it is; null is absent. */
export type Changes = Record<string, [before: unknown, after: unknown]>;

/** JSON longer than this is summed up, and structures that differ in more places than this are told as a whole. */
const LONGEST = 160;
const MOST_PLACES = 6;

/**
 * How the row of an entity changed, without personal data: what may be read, and the names of what else changed. Of a new row
 * it leaves out what is false or empty, and what is `known`: said elsewhere in the same entry.
 */
export function differenceBetween(type: string, before: Row, after: Row, known: readonly unknown[]): { changes: Changes; concealed: string[] } {
  const may = [...(AUDITED[type] ?? []), "ttl"];
  const changes: Changes = {};
  const concealed: string[] = [];
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    if (BOOKKEEPING.test(name) || isSame(before[name], after[name])) continue;
    if (before[name] === undefined && (isVoid(after[name]) || known.includes(after[name]))) continue;
    const [was, is] = [readable(may, name, before[name]), readable(may, name, after[name])];
    if (isSame(was, is)) concealed.push(name);
    else Object.assign(changes, places(name, was, is));
  }
  return { changes, concealed };
}

/** The parts of a value that may be read; undefined when none may. */
function readable(may: readonly string[], path: string, value: unknown): unknown {
  if (may.includes(path)) return value;
  if (!may.some((name) => name.startsWith(`${path}.`))) return undefined;
  if (Array.isArray(value)) return value.map((member) => readable(may, path, member) ?? null);
  if (!isObject(value)) return undefined;
  const parts = Object.entries(value).map(([name, member]) => [name, readable(may, `${path}.${name}`, member)] as const);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function places(path: string, was: unknown, is: unknown): Changes {
  const found = differing(path, was, is);
  return found.length > MOST_PLACES ? { [path]: [short(was), short(is)] } : Object.fromEntries(found.map(([place, a, b]) => [place, [short(a), short(b)]]));
}

function differing(path: string, was: unknown, is: unknown): [path: string, was: unknown, is: unknown][] {
  if (isSame(was, is)) return [];
  const alike = Array.isArray(was) ? Array.isArray(is) : isObject(was) && isObject(is);
  if (!alike) return [[path, was, is]];
  const [a, b] = [was as Row, is as Row];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) => differing(`${path}.${name}`, a[name], b[name]));
}

/** A value as the journal keeps it: in full, or a digest by which it can be recognised. */
function short(value: unknown): unknown {
  if (value === undefined) return null;
  const text = canonicalJson(value);
  return text.length <= LONGEST ? value : `sha256:${createHash("sha256").update(text).digest("base64url").slice(0, 16)}`;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null);
}

function isVoid(value: unknown): boolean {
  return value === false || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
