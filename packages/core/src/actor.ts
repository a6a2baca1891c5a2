import type { EventId, OrderId } from "./id.ts";
import { BUILT_IN, permits, type Need, type Permissions, type Role, type ScopeType } from "./permission.ts";

export { ROLES, type Role } from "./permission.ts";

/** The one thing that a grant is for. */
export type Scope = { type: ScopeType; id: string };

/** A role that somebody acts in, with what it permits: their own, or one granted to them for one thing. */
export type Hat = { role: Role; may: Permissions; on?: Scope; /** ISO instant at which it ends */ until?: string };

/**
 * Who is calling. Every entry makes exactly one; there is no default.
 * `holds` is the order whose secret link token came with the request, already verified.
 */
export type Actor =
  | { kind: "public"; holds?: OrderId }
  | { kind: Role; userId: string; hats: readonly Hat[]; sessionId?: string; holds?: OrderId }
  | { kind: "key"; keyId: string; ownerId: string; hats: readonly Hat[] }
  | { kind: "device"; deviceId: string; eventId: EventId; checkInListIds: readonly string[] }
  | { kind: "webhook"; vendor: string }
  | { kind: "schedule"; name: string }
  | { kind: "system"; name: string };

export type ActorKind = Actor["kind"];

/** For verbs that anybody may call. Whoever signed in is an attendee, too, whatever else they are. */
export const ANYBODY = ["public", "attendee"] as const satisfies readonly ActorKind[];
/** For verbs of those who run an event, by themselves or through a key of theirs. */
export const TEAM = ["organizer", "admin", "key"] as const satisfies readonly ActorKind[];
/** For verbs that read what everybody may see, and more of it for some. */
export const READERS = ["public", "attendee", "key", "device", "webhook", "schedule", "system"] as const satisfies readonly ActorKind[];

/** Somebody in their own role, with what it permits out of the box. */
export function personIn(role: Role, userId: string): Extract<Actor, { userId: string }> {
  return { kind: role, userId, hats: [{ role, may: BUILT_IN[role] }] };
}

/** The user's id, for people who signed in. */
export function userIdOf(actor: Actor): string | undefined {
  return "userId" in actor ? actor.userId : undefined;
}

/** The user for whom somebody manages things: themselves, or whose key it is. */
export function managerIdOf(actor: Actor): string | undefined {
  return "ownerId" in actor ? actor.ownerId : userIdOf(actor);
}

/** The same actor with only those hats that permit this. */
export function acting<A extends Actor>(actor: A, need: Need | undefined): A {
  if (need === undefined || !("hats" in actor)) return actor;
  return { ...actor, hats: actor.hats.filter(({ may }) => permits(may, need)) };
}

/** The roles in which this actor may touch the thing: for all of them, or granted for this one. */
export function rolesOn(actor: Actor, thing: Scope): Role[] {
  if (!("hats" in actor)) return [];
  return actor.hats.filter(({ on }) => on === undefined || (on.type === thing.type && on.id === thing.id)).map(({ role }) => role);
}

/** Is this thing granted to the actor in this role? */
export function isGranted(actor: Actor, role: Role, { type, id }: Scope): boolean {
  return "hats" in actor && actor.hats.some((hat) => hat.role === role && hat.on?.type === type && hat.on.id === id);
}

/** Does one of the actor's roles of a team reach beyond a single thing? */
export function isUnscoped(actor: Actor): boolean {
  return "hats" in actor && actor.hats.some(({ role, on }) => on === undefined && (role === "organizer" || role === "admin"));
}

/** An admin of everything. */
export function isAdmin(actor: Actor): boolean {
  return "hats" in actor && actor.hats.some(({ role, on }) => role === "admin" && on === undefined);
}

/** Kind and id for domain events and the audit trail: ids only. */
export function actorRef(actor: Actor): { kind: ActorKind; id?: string } {
  if ("userId" in actor) return { kind: actor.kind, id: actor.userId };
  if ("keyId" in actor) return { kind: actor.kind, id: actor.keyId };
  if ("deviceId" in actor) return { kind: actor.kind, id: actor.deviceId };
  if ("vendor" in actor) return { kind: actor.kind, id: actor.vendor };
  if ("name" in actor) return { kind: actor.kind, id: actor.name };
  return { kind: actor.kind };
}

/** Entries that are not people: their verbs see everything. */
export function isMachine(actor: Actor): boolean {
  return actor.kind === "webhook" || actor.kind === "schedule" || actor.kind === "system";
}

/** Whose call it is, as narrowly as is known of somebody who proved it. */
export type Caller = { kind: "key" | "user" | "device"; id: string };

/** The key, else the user, else the device behind an actor; undefined for the public and for machines. */
export function callerOf(actor: Actor): Caller | undefined {
  if ("keyId" in actor) return { kind: "key", id: actor.keyId };
  if ("userId" in actor) return { kind: "user", id: actor.userId };
  if ("deviceId" in actor) return { kind: "device", id: actor.deviceId };
  return undefined;
}
